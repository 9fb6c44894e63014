"""What became of fixes, seen in the git objects of later heads."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy

from gatekeeper import offers as values
from gatekeeper import review
from gatekeeper.git import repository
from gatekeeper.repair import candidate, fate
from gatekeeper.simulation import prediction
from gatekeeper.store import database, fates, offers
from gatekeeper.verdicts import findings
from gatekeeper.wiring import adopting
from tests.git_project import Project
from tests.integration import outcome_samples as samples
from tests.integration.outcome_samples import FAIL, NOW

_BROKEN = "def add(a, b):\n    return a - b\n"
_MENDED = _BROKEN.replace("a - b", "a + b")
_FIX = candidate.Replacement(path="sums.py", start=2, end=2, text="    return a + b\n")
OFFERED, APPLIED, IGNORED = fate.Became.OFFERED, fate.Became.APPLIED, fate.Became.IGNORED

_Push = Callable[..., tuple[fate.Fate, ...]]


@pytest.fixture(name="records")
def _records(tmp_path: Path) -> Iterator[sqlalchemy.Engine]:
    engine = database.open_database(f"sqlite:///{tmp_path / 'records.sqlite'}")
    yield engine
    engine.dispose()


@pytest.fixture(name="push")
def _push(records: sqlalchemy.Engine, project: Project) -> _Push:
    """Return what offers the fix for a broken head, pushes another and reviews that; and says what became of it."""
    project.commit({"sums.py": _MENDED})
    broken = project.commit({"sums.py": _BROKEN})
    first = _review(1, broken, samples.said("test_add", FAIL))
    samples.record(records, first, pull=7)
    every = findings.find(first.predictions, first.selection, first.policy)
    found = next(one for one in every if one.kind is findings.Kind.FAILURE)
    fix = candidate.FixCandidate(
        source=candidate.Source.EDIT,
        replacement=_FIX,
        diff="",
        mends=(found.fingerprint,),
        mended=found.tests,
        kept=0,
        tried_by="sandbox",
    )
    offers.record(records, first.id, values.Offers(fixes=(fix,)))

    def push(files: dict[str, str | bytes | None], *said: prediction.Prediction) -> tuple[fate.Fate, ...]:
        later = _review(2, project.commit(files), *said)
        asked = samples.record(records, later, pull=7)
        adopting.note(records, asked, later, repository.open_repository(project.folder), NOW)
        with database.session(records) as session:
            return fates.read(session, first.id)

    return push


def _review(number: int, head: str, *said: prediction.Prediction) -> review.Review:
    done = samples.reviewed(number, said, at=NOW + timedelta(hours=number))
    return replace(done, subject=replace(done.subject, head=head))


def test_a_fix_that_a_later_head_has_was_applied_with_it(push: _Push, project: Project) -> None:
    (became,) = push({"sums.py": "import math\n\n\n" + _MENDED}, samples.said("test_add"))

    assert became == fate.Fate(became=APPLIED, commit=project.git("rev-parse", "HEAD").strip(), at=NOW)


def test_a_fix_that_is_there_was_applied_though_its_test_fails_still(push: _Push) -> None:
    (became,) = push({"sums.py": _MENDED}, samples.said("test_add", FAIL))

    assert became.became is APPLIED


def test_what_was_mended_otherwise_ignored_the_fix(push: _Push) -> None:
    (became,) = push({"sums.py": _BROKEN.replace("a - b", "b + a")}, samples.said("test_add"))

    assert became == fate.Fate(became=IGNORED, at=NOW)


def test_what_fails_still_leaves_the_fix_open(push: _Push) -> None:
    (became,) = push({"other.py": "x = 1\n"}, samples.said("test_add", FAIL))

    assert became == fate.Fate()


def test_a_review_that_could_not_analyse_says_nothing_of_the_finding(push: _Push) -> None:
    unknown = replace(samples.said("test_add"), outcome=prediction.Outcome.UNKNOWN, p_fail=None)

    (became,) = push({"other.py": "x = 1\n"}, unknown)

    assert became == fate.Fate()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="the file is gone"),
        pytest.param(b"\xff\xfe", id="it is no text any more"),
        pytest.param("return a + b\n" * 400_000, id="it is too large to be looked at"),
    ],
)
def test_a_file_that_cannot_have_the_fix_does_not(push: _Push, content: str | bytes | None) -> None:
    (became,) = push({"sums.py": content}, samples.said("test_add"))

    assert became.became is IGNORED


def test_nothing_is_known_where_git_no_longer_has_what_the_fix_was_offered_for(
    push: _Push, records: sqlalchemy.Engine
) -> None:
    with database.writing(records) as session:
        session.execute(sqlalchemy.text("UPDATE evaluations SET head = :head"), {"head": "c" * 40})

    (became,) = push({"sums.py": _MENDED}, samples.said("test_add"))

    assert became == fate.Fate()


def test_another_review_of_the_same_head_says_nothing(
    push: _Push, records: sqlalchemy.Engine, project: Project
) -> None:
    head = project.git("rev-parse", "HEAD").strip()
    again = _review(3, head, samples.said("test_add"))
    with database.session(records) as session:
        asked_of = session.execute(sqlalchemy.text("SELECT review_id FROM evaluations")).scalar_one()

    asked = replace(samples.record(records, again, pull=8), pull=7)
    adopting.note(records, asked, again, repository.open_repository(project.folder), NOW)

    with database.session(records) as session:
        assert fates.read(session, asked_of) == (fate.Fate(),)
    assert push({"sums.py": _MENDED}, samples.said("test_add"))[0].became is APPLIED
