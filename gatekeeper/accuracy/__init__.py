"""Predictions against what really happened."""
