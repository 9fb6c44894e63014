"""The only code that speaks to GitHub."""
