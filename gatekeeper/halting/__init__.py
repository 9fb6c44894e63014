"""Changed functions -> HaltingRisk; owns the Reasoner protocol."""
