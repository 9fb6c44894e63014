"""Prediction -> FixCandidates, each tried before it is shown."""
