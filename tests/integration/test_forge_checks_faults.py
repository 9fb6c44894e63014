"""Check runs on a bad way to GitHub: whatever fails, the end is that of an undisturbed way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.forge import forge as forges
from gatekeeper.verdicts import publication
from tests.fakes.github import faults, state
from tests.integration import forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

FAULTS = {
    "500": faults.server_error(),
    "502 once done": faults.server_error(502, handled=True),
    "reset": faults.reset(),
    "reset once done": faults.reset(handled=True),
    "secondary limit": faults.secondary_limit(7),
    "time-out": faults.slow(0.6),
    "time-out once done": faults.slow(0.6, handled=True),
}
_DONE = publication.CheckRun(
    external_id="gatekeeper/1/abc",
    head="",
    status=publication.Status.COMPLETED,
    conclusion=publication.CheckConclusion.FAILURE,
    title="2 tests would fail",
    summary="summary",
    annotations=tuple(
        publication.Annotation(
            path="calc.py",
            start_line=1,
            end_line=1,
            level=publication.Level.WARNING,
            title=f"finding {number}",
            message="would fail",
        )
        for number in range(70)
    ),
)


def _life(here: forge_setting.Setting, head: str, forge: Callable[[], forges.Forge]) -> None:
    """Lead a run from queued to completed, begin again, and complete it with less to say."""
    done = replace(_DONE, head=head)
    begun = replace(done, status=publication.Status.QUEUED, conclusion=None, annotations=())
    less = replace(done, title="1 test would fail", annotations=done.annotations[:1])
    for run in (begun, replace(begun, status=publication.Status.IN_PROGRESS), done, begun, less):
        here.insist(lambda run=run: forge().checks.put(here.place, run))  # type: ignore[misc]


def _end(runs: list[state.Run]) -> tuple[object, ...]:
    """Return what people see in the end: the newest run, and whether others are open beside it."""
    last = runs[-1]
    titles = [annotation["title"] for annotation in last.annotations]
    others = {run.status for run in runs[:-1]}
    return last.status, last.conclusion, last.title, titles, others


_EXPECTED = ("completed", "failure", "1 test would fail", ["finding 0"], {"completed"})


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_every_call_may_fail_once(tmp_path: Path, fault: faults.Fault) -> None:
    with forge_setting.stand(tmp_path, patience=forge_setting.HURRY) as here:
        head = here.pull().head_sha
        here.world.faults = faults.each_once(fault)

        _life(here, head, lambda: here.forge)

        runs = here.world.runs_at(here.hello, head, here.app)
        assert _end(runs) == _EXPECTED
        # the first, and the one that hides annotations which no longer hold
        assert len(runs) == 2


def test_an_answer_may_be_lost_anywhere(tmp_path: Path) -> None:
    with forge_setting.stand(tmp_path) as here:
        head = here.pull("first").head_sha
        before = here.world.requests
        _life(here, head, lambda: here.forge)
        taken = here.world.requests - before
        assert _end(here.world.runs_at(here.hello, head, here.app)) == _EXPECTED

        for number in range(taken):
            head = here.pull(f"topic{number}", lines=number + 5).head_sha
            here.world.faults = faults.at(here.world.requests + 1 + number, faults.reset(handled=True))
            _life(here, head, lambda: here.forge)
            runs = here.world.runs_at(here.hello, head, here.app)
            assert (number, _end(runs), len(runs)) == (number, _EXPECTED, 2)


@pytest.mark.parametrize("lag", [1, 3, 8])
def test_lists_may_lag_while_answers_are_lost(tmp_path: Path, lag: int) -> None:
    with forge_setting.stand(tmp_path) as here:
        head = here.pull().head_sha
        here.world.lag.lists = lag
        here.world.faults = faults.each_once(faults.reset(handled=True))

        _life(here, head, here.again)
        here.world.settle()
        here.insist(lambda: here.forge.checks.put(here.place, replace(_DONE, head=head)))

        runs = here.world.runs_at(here.hello, head, here.app)
        assert {run.status for run in runs} == {"completed"}
        assert runs[-1].title == _DONE.title
        assert len({str(one) for one in runs[-1].annotations}) == len(runs[-1].annotations) == 70
