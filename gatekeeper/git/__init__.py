"""The only code that reads git objects."""
