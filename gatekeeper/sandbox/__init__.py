"""The only code that runs a pull request's code."""
