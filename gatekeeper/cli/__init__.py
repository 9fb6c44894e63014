"""The commands. Each imports what it needs when it runs, so that all of them start fast."""

# in the order in which `--help` would list them by itself
from gatekeeper.cli import bench, config, db, demo, fix, halting, model, outcomes, review, service, trace
from gatekeeper.cli.group import main

__all__ = ("bench", "config", "db", "demo", "fix", "halting", "main", "model", "outcomes", "review", "service", "trace")
