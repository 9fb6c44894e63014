"""The pytest plugin that tells the host what happens, test by test."""

import limits
import pytest

CHUNK = 500


class Reporter:
    """Asks before each test, and tells its outcome."""

    def __init__(self, job: dict, tell) -> None:
        self.tell = tell
        self.unaffected = {path: set(names) for path, names in job["unaffected"].items()}
        self.only = {path: set(ids) for path, ids in job["only"].items()}
        self.done = set(job["done"])
        self.backwards = job["backwards"]
        self.result = {}
        self.error = None
        # what pytest itself failed of
        self.fault = None

    def pytest_internalerror(self, excinfo):
        self.fault = summary(excinfo.value)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        kept, left_out = [], []
        for item in items:
            (kept if self._wanted(item) else left_out).append(item)
        if left_out:
            config.hook.pytest_deselected(items=left_out)
        items[:] = kept
        ids = [item.nodeid for item in items]
        for start in range(0, len(ids), CHUNK):
            self.tell({"event": "collected", "ids": ids[start : start + CHUNK]})
        self.tell({"event": "deselected", "ids": len(left_out)})
        items[:] = [item for item in items if item.nodeid not in self.done]
        if self.backwards:
            items.reverse()

    def _wanted(self, item) -> bool:
        path, _, name = item.nodeid.partition("::")
        if path in self.only:
            return item.nodeid in self.only[path]
        return name.partition("[")[0] not in self.unaffected.get(path, ())

    def pytest_collectreport(self, report):
        if report.failed:
            error = self.error or {"exception": _last_line(str(report.longrepr)), "at": [], "limit": None}
            self.tell({"event": "collect error", "id": report.nodeid, **error})
        self.error = None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector):
        report = yield
        if report.outcome == "failed" and getattr(report, "call", None) and report.call.excinfo:
            self.error = described(report.call.excinfo.value)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item):
        answer = self.tell({"event": "start", "id": item.nodeid})
        if not answer.get("run"):
            return True
        limits.NOTED.clear()
        if not {"capfd", "capfdbinary"}.isdisjoint(getattr(item, "fixturenames", ())):
            limits.note(limits.DESCRIPTORS)
        self.result = {"outcome": "pass"}
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        # nobody reads the traceback that pytest would draw, which costs more than most tests
        item.repr_failure = item._repr_failure_py = _undrawn
        report = yield
        if call.excinfo is not None and report.failed:
            report.gatekeeper = described(call.excinfo.value)
        return report

    def pytest_runtest_logreport(self, report):
        if report.failed:
            outcome = "fail" if report.when == "call" else "error"
            if self.result.get("outcome") not in {"fail", "error"}:
                told = getattr(report, "gatekeeper", None)
                self.result = {"outcome": outcome, **(told or _strict(report))}
            self.result["touched"] = getattr(report, "gatekeeper_touched", [])
        elif report.skipped and self.result.get("outcome") == "pass":
            self.result = {"outcome": "skip", "exception": _skip_reason(report)}

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self, nodeid):
        self.tell({"event": "result", "id": nodeid, "noted": list(limits.NOTED), **self.result})


def _undrawn(excinfo, style=None) -> str:
    return summary(excinfo.value)


def described(error: BaseException) -> dict:
    """Return what the host is told of an exception."""
    if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        error = error.__cause__
    return {
        "exception": summary(error),
        "at": _places(error),
        "limit": limits.of(error),
        "missing": _missing(error),
    }


def _importing(error: BaseException) -> str | None:
    """Return the requirement whose import, asked for by the tree, raised `error`; None where it was the tree's own."""
    package, step = None, error.__traceback__
    while step is not None:
        path = step.tb_frame.f_code.co_filename
        if path.startswith("/repo/"):
            package = None
        elif path.startswith("/site/") and package is None:
            package = path.removeprefix("/site/").partition("/")[0].removesuffix(".py")
        step = step.tb_next
    return package


def _places(error: BaseException) -> list:
    """Return file and line of each frame of the tree, outermost first; a syntax error's own place comes last."""
    places, step = [], error.__traceback__
    while step is not None:
        path = step.tb_frame.f_code.co_filename
        if path.startswith("/repo/"):
            places.append([path.removeprefix("/repo/"), step.tb_lineno])
        step = step.tb_next
    if isinstance(error, SyntaxError) and str(error.filename).startswith("/repo/"):
        places.append([error.filename.removeprefix("/repo/"), error.lineno or 1])
    return places[-60:]


def _missing(error: BaseException) -> str | None:
    """Return the module or fixture for want of which `error` was raised."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError | limits.Lacking):
            return _importing(error) or getattr(error, "name", None)
        if type(error).__name__ == "FixtureLookupError":
            return f"fixture {error.argname}"
        error = error.__cause__
    return None


def summary(error: BaseException) -> str:
    """Return `Type: first line of the message`, whatever the exception's own methods do."""
    name = type(error).__name__
    try:
        text = str(error)
    except Exception:  # a tree's own exception may fail to print
        text = ""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return f"{name}: {line[:400]}" if line else name


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("E").strip()[:400] if lines else "collection failed"


def _strict(report) -> dict:
    return {"exception": _last_line(str(report.longrepr)), "at": [], "limit": None, "missing": None}


def _skip_reason(report) -> str:
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"[:400]
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(reason)[:400]
