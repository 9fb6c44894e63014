"""Do one job: a pytest session over some modules of the tree."""

import io
import os
import sys

import _pytest.config
import absent
import exchanging
import property_tests
import pytest
import quiet
import repeating
import reporter
import touched
import tracer

ROOT = "/repo"
OWN = (
    "-q", f"--rootdir={ROOT}", "--continue-on-collection-errors", "-p", "no:cacheprovider", "-p", "no:faulthandler",
)  # fmt: skip


def do(job: dict, tell) -> None:
    """Run a session as `job` describes it, and tell what happens."""
    sys.argv[:] = ["pytest"]
    sys.path[:] = job["paths"]
    sys.pycache_prefix = job["bytecode"]
    os.chdir(ROOT)
    quiet.be()
    absent.install(job["absent"])
    hypothesis = property_tests.Settled()
    sys.meta_path.insert(0, hypothesis)
    telling = reporter.Reporter(job, tell)
    plugins = [telling, hypothesis]
    if job["changed"]:
        plugins.append(touched.Touched(job["changed"]))
    if job["watched"]:
        plugins.append(repeating.Watcher(job["watched"], tell))
    if job["exchanged"]:
        plugins.append(exchanging.Exchanging(job["exchanged"]))
    if job["trace"]:
        plugins.append(tracer.Tracer(job["trace"], tell))
    errors = sys.stderr = io.StringIO()
    try:
        code = _session([*OWN, *job["arguments"], *job["modules"]], plugins)
    except _pytest.config.ConftestImportFailure as failure:
        tell({"event": "conftest error", "path": str(failure.path), **reporter.described(failure.cause)})
    except BaseException as error:
        tell({"event": "unusable", "why": reporter.summary(error), "at": reporter.described(error)["at"]})
    else:
        if code in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}:
            tell({"event": "unusable", "why": telling.fault or errors.getvalue()[-1000:]})


def _session(arguments: list[str], plugins: list) -> int:
    """Do what `pytest.main` does, which prints a conftest's error instead of raising it."""
    config = _pytest.config._prepareconfig(arguments, plugins)
    try:
        return config.hook.pytest_cmdline_main(config=config)
    finally:
        config._ensure_unconfigure()
