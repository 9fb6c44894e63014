"""Gatekeeper tells which tests a pull request will break, before CI has run."""

__version__ = "0.1.0"
