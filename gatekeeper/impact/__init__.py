"""Diff + trees -> Selection of affected tests, a reason for each."""
