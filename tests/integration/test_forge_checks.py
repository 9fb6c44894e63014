from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.verdicts import publication
from tests.integration import forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path) as setting:
        yield setting


def _run(head: str, annotations: int = 0, **changed: object) -> publication.CheckRun:
    run = publication.CheckRun(
        external_id="gatekeeper/1/abc",
        head=head,
        status=publication.Status.COMPLETED,
        conclusion=publication.CheckConclusion.FAILURE,
        title="2 tests would fail",
        summary="| test | outcome |",
        annotations=tuple(_annotation(number) for number in range(annotations)),
    )
    return replace(run, **changed)  # type: ignore[arg-type]


def _annotation(number: int) -> publication.Annotation:
    return publication.Annotation(
        path="calc.py",
        start_line=1 + number % 40,
        end_line=1 + number % 40,
        level=publication.Level.WARNING,
        title=f"finding {number}",
        message=f"would fail {number}",
    )


def _begun(head: str) -> publication.CheckRun:
    return _run(head, status=publication.Status.IN_PROGRESS, conclusion=None)


def test_a_run_is_created_then_updated_to_its_end(here: forge_setting.Setting) -> None:
    head = here.pull().head_sha
    queued = _run(head, status=publication.Status.QUEUED, conclusion=None, title="Queued")

    first = here.forge.checks.put(here.place, queued)
    action = publication.Action(label="Re-run", description="Review again", identifier="rerun")
    last = here.forge.checks.put(here.place, _run(head, 2, actions=(action,), details_url="https://gate.example/r/1"))

    (run,) = here.world.runs_at(here.hello, head, here.app)
    assert first == last == run.id
    assert (run.name, run.status, run.conclusion) == (publication.CHECK_NAME, "completed", "failure")
    assert (run.title, run.details_url) == ("2 tests would fail", "https://gate.example/r/1")
    assert [annotation["title"] for annotation in run.annotations] == ["finding 0", "finding 1"]
    assert [button["identifier"] for button in run.actions] == ["rerun"]


def test_another_process_adopts_the_run(here: forge_setting.Setting) -> None:
    head = here.pull().head_sha
    first = here.forge.checks.put(here.place, _begun(head))

    assert here.again().checks.put(here.place, _run(head)) == first
    assert len(here.world.runs_at(here.hello, head, here.app)) == 1


def test_annotations_come_in_batches_and_none_twice(here: forge_setting.Setting) -> None:
    head = here.pull().head_sha
    here.forge.checks.put(here.place, _begun(head))

    for _ in range(2):
        here.forge.checks.put(here.place, _run(head, 117))

    (run,) = here.world.runs_at(here.hello, head, here.app)
    assert [annotation["title"] for annotation in run.annotations] == [f"finding {number}" for number in range(117)]


def test_a_new_run_with_many_annotations_is_completed_only_once_it_is_whole(here: forge_setting.Setting) -> None:
    head = here.pull().head_sha

    here.forge.checks.put(here.place, _run(head, 130))

    (run,) = here.world.runs_at(here.hello, head, here.app)
    assert (run.status, run.conclusion, len(run.annotations)) == ("completed", "failure", 130)


def test_annotations_that_no_longer_hold_are_hidden_by_a_new_run(here: forge_setting.Setting) -> None:
    head = here.pull().head_sha
    old = here.forge.checks.put(here.place, _run(head, 3))

    new = here.forge.checks.put(here.place, _run(head, 1))
    again = here.forge.checks.put(here.place, _run(head, 1))

    runs = here.world.runs_at(here.hello, head, here.app)
    assert [run.id for run in runs] == [old, new]
    assert new == again
    assert {run.external_id for run in runs} == {"gatekeeper/1/abc"}
    assert len(runs[-1].annotations) == 1
    assert all(run.status == "completed" for run in runs)


def test_a_completed_run_begins_again_and_keeps_its_id(here: forge_setting.Setting) -> None:
    head = here.pull().head_sha
    action = publication.Action(label="Re-run", description="Review again", identifier="rerun")
    first = here.forge.checks.put(here.place, _run(head, 2, actions=(action,)))

    assert here.forge.checks.put(here.place, _begun(head)) == first

    (run,) = here.world.runs_at(here.hello, head, here.app)
    assert (run.status, run.conclusion, run.actions) == ("in_progress", None, [])
    assert here.forge.checks.put(here.place, _run(head, 2)) == first
    assert len(run.annotations) == 2


def test_a_branch_that_requires_the_check_says_so_and_whether_it_is_pinned(here: forge_setting.Setting) -> None:
    nothing = here.forge.checks.requirement(here.place, "main")
    here.world.require(here.hello, "main", (publication.CHECK_NAME, None))
    loose = here.forge.checks.requirement(here.place, "main")
    here.world.require(here.hello, "main", ("other", None), (publication.CHECK_NAME, here.app))
    pinned = here.forge.checks.requirement(here.place, "main")

    assert [(one.required, one.pinned) for one in (nothing, loose, pinned)] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    assert pinned.url == f"{here.api_url.removesuffix('/api/v3')}/octo/hello/settings/rules"


def test_a_renamed_repository_is_written_to_by_its_old_name(here: forge_setting.Setting) -> None:
    head = here.pull().head_sha
    here.world.rename(here.hello, "hallo")

    first = here.forge.checks.put(here.place, _begun(head))

    assert here.forge.checks.put(here.place, _run(head, 60)) == first
    (run,) = here.world.runs_at(here.hello, head, here.app)
    assert (run.status, len(run.annotations)) == ("completed", 60)
