"""AffectedTests -> Predictions; the Engine protocol and the trace vocabulary."""
