"""A pytest plugin for native runs: one JSON line for each test, and for each module that cannot be collected."""

import json
import os
from pathlib import Path

import pytest

# longest message of an exception
_LONG = 300
_ENDED: dict[str, dict[str, str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst of a test's phases: a failing call, an error around it, a skip."""
    if report.failed:
        _ENDED[report.nodeid] = {"how": "failed" if report.when == "call" else "error", "why": _why(report)}
    elif report.when == "call" or report.skipped:
        _ENDED.setdefault(report.nodeid, {"how": report.outcome, "why": _why(report)})


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Keep the modules that cannot be imported."""
    if report.failed:
        _ENDED[report.nodeid] = {"how": "uncollected", "why": _why(report)}


def pytest_sessionfinish() -> None:
    """Write everything that was kept."""
    lines = [json.dumps({"id": test, **ended}) for test, ended in _ENDED.items()]
    Path(os.environ["TELL_OUTCOMES"]).write_text("".join(f"{line}\n" for line in lines))


def _why(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2][:_LONG]
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else (str(report.longrepr or "").strip().splitlines() or [""])[-1]
    return text.splitlines()[0][:_LONG] if text else ""
