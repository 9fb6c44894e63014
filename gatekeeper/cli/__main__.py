"""`python -m gatekeeper.cli`."""

from gatekeeper import cli

cli.main()
