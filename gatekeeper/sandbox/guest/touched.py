"""Note which changed lines a test runs, in order of their last run: the way a failure came through the change."""

import sys

import pytest

ROOT = "/repo/"
MOST = 50
MONITORING = sys.monitoring
TOOL = MONITORING.COVERAGE_ID


class Touched:
    """Watches the changed lines; every other line costs nothing after its function's first call."""

    def __init__(self, changed: dict) -> None:
        self.changed = {ROOT + path: set(lines) for path, lines in changed.items()}
        # of the current test; of the imports before the first one, which every test came through
        self.lines, self.imported = {}, None
        MONITORING.use_tool_id(TOOL, "gatekeeper")
        MONITORING.register_callback(TOOL, MONITORING.events.PY_START, self._start)
        MONITORING.register_callback(TOOL, MONITORING.events.LINE, self._line)
        MONITORING.set_events(TOOL, MONITORING.events.PY_START)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self):
        if self.imported is None:
            self.imported = dict(self.lines)
        self.lines.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        lines = list(self.lines or self.imported or ())[-MOST:]
        report.gatekeeper_touched = [[path.removeprefix(ROOT), line] for path, line in lines]
        return report

    def _start(self, code, offset):
        if code.co_filename in self.changed:
            MONITORING.set_local_events(TOOL, code, MONITORING.events.LINE)
        return MONITORING.DISABLE

    def _line(self, code, line):
        if line not in self.changed[code.co_filename]:
            return MONITORING.DISABLE
        self.lines.pop((code.co_filename, line), None)
        self.lines[code.co_filename, line] = None
        return None
