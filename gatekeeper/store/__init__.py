"""SQLAlchemy models, sessions, records."""
