"""GitHub's wire language; imports nothing of gatekeeper."""
