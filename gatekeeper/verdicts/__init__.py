"""Predictions -> Verdict -> the words that people read."""
