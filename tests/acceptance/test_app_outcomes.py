"""What real CI does after a review: kept, compared, and what it earns."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import service as services
from tests.acceptance.program import LIBRARY, SOUND, WRONG
from tests.acceptance.service import Service
from tests.fakes import github
from tests.fakes.github import ci, state

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.xdist_group("outcomes")]

CONFIGURATION = ".github/gatekeeper.yml"
# one that was right earns everything, and one that was wrong takes it again
EASY = "authority: block\nearning: {{pulls: 10, advise: 0.04, block: 0.04, margin: 0, held_back: {share}}}\n"
TESTS = ("test_add[1]", "test_add[2]", "test_double")


@pytest.fixture(scope="module", name="service")
def _service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    with services.started(tmp_path_factory.mktemp("service"), cache) as one:
        yield one


def _junit(failed: Sequence[str] = ()) -> Mapping[str, bytes]:
    cases = "".join(
        f'<testcase classname="tests.test_sums" name="{name}" time="0.1">'
        + ('<failure message="assert 1 == 2">E</failure>' if name in failed else "")
        + "</testcase>"
        for name in TESTS
    )
    return {"junit.xml": f'<testsuites><testsuite name="pytest">{cases}</testsuite></testsuites>'.encode()}


def _planned(*failed: str) -> ci.Planned:
    conclusion = "failure" if failed else "success"
    return ci.Planned(name="test", conclusion=conclusion, artifacts={"test-results": _junit(failed)})


def _pull(
    service: Service, repository: state.Repository, change: Mapping[str, str] = WRONG, branch: str = "topic"
) -> state.Pull:
    service.world.push(repository, branch, dict(change), message=branch)
    return service.world.open_pull(repository, branch, author="ada")


def _rows(service: Service, query: str, *values: str) -> list[Any]:
    (file,) = [one for one in service.data.glob("*.sqlite") if one.is_file()]
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query, values).fetchall()


def _settled(service: Service, pull: state.Pull, label: str) -> str:
    """Wait until the review of the pull request's head has that label; return why."""
    query = "SELECT s.why FROM settlements s JOIN reviews r ON r.id = s.review_id WHERE r.head = ? AND s.label = ?"
    return str(service.wait(lambda: _rows(service, query, pull.head_sha, label), lambda: f"labelled {label}")[0][0])


def _outcomes(service: Service, pull: state.Pull) -> list[tuple[str, str | None, str | None]]:
    return _rows(
        service,
        "SELECT p.test, d.outcome, d.uncounted FROM decisions d JOIN reviews r ON r.id = d.review_id "
        "JOIN predictions p ON p.review_id = d.review_id AND p.position = d.prediction WHERE r.head = ? ORDER BY 1",
        pull.head_sha,
    )


def test_what_ci_reports_is_kept_beside_what_was_predicted(service: Service) -> None:
    repository = service.repository("octo/reported", LIBRARY)
    pull = _pull(service, repository)
    service.completed(repository, pull.head_sha)

    service.world.ci.run(repository, pull.head_sha, _planned("test_add[1]", "test_double"))

    _settled(service, pull, "broken")
    assert _outcomes(service, pull) == [
        ("tests/test_sums.py::test_add[1]", "fail", None),
        ("tests/test_sums.py::test_add[2]", "pass", None),
        ("tests/test_sums.py::test_double", "fail", None),
    ]


def test_ci_that_is_faster_than_the_review_is_compared_as_well(service: Service) -> None:
    repository = service.repository("octo/faster", LIBRARY)
    service.world.push(repository, "topic", dict(SOUND))
    pull = service.world.open_pull(repository, "topic", author="ada")

    service.world.ci.run(repository, pull.head_sha, _planned())

    service.completed(repository, pull.head_sha)
    _settled(service, pull, "sound")


def test_a_test_that_passes_when_it_is_run_again_is_flaky(service: Service) -> None:
    repository = service.repository("octo/flaky", LIBRARY)
    pull = _pull(service, repository, SOUND)
    service.completed(repository, pull.head_sha)
    # long before the second attempt began
    first = replace(_planned("test_double"), earlier=120)
    run = service.world.ci.run(repository, pull.head_sha, first)
    _settled(service, pull, "broken")

    service.world.ci.rerun(run, _planned())

    _settled(service, pull, "sound")
    assert ("tests/test_sums.py::test_double", "pass", "flaky") in _outcomes(service, pull)


def test_a_job_that_runs_no_tests_says_nothing(service: Service) -> None:
    repository = service.repository("octo/linted", LIBRARY)
    pull = _pull(service, repository)
    service.completed(repository, pull.head_sha)

    service.world.ci.run(repository, pull.head_sha, ci.Planned(name="lint", conclusion="failure"))

    assert "test" in _settled(service, pull, "none")


def test_precision_earns_authority_and_loses_it_and_the_check_says_so(service: Service) -> None:
    repository = service.repository("octo/earning", {**LIBRARY, CONFIGURATION: EASY.format(share=0)})
    first = _pull(service, repository, branch="first")
    assert service.completed(repository, first.head_sha).conclusion == "neutral"
    assert "nothing is earned yet" in _summary(service, repository, first).lower()

    service.world.ci.run(repository, first.head_sha, _planned("test_double"))
    _settled(service, first, "broken")

    second = _pull(service, repository, branch="second")
    assert service.completed(repository, second.head_sha).conclusion == "failure"
    assert "block is earned" in _summary(service, repository, second)

    # it was wrong: the check that blocks lets go
    service.world.ci.run(repository, second.head_sha, _planned())
    _settled(service, second, "sound")
    service.completed(repository, second.head_sha, "neutral")
    assert "tepped down from `block`" in _summary(service, repository, second)

    third = _pull(service, repository, branch="third")
    assert service.completed(repository, third.head_sha).conclusion == "neutral"
    assert "tepped down from `block`" in _summary(service, repository, third)
    changes = _rows(
        service,
        "SELECT c.before, c.after, c.figures FROM authority_changes c JOIN repositories r ON r.id = c.repository_id "
        "WHERE r.name = ? AND c.basis = 'executed' ORDER BY c.id",
        "octo/earning",
    )
    assert [change[:2] for change in changes] == [("shadow", "block"), ("block", "shadow")]
    assert json.loads(changes[0][2])["right"] == 1


def _summary(service: Service, repository: state.Repository, pull: state.Pull) -> str:
    return service.run_on(repository, pull.head_sha).summary or ""


def test_a_review_that_is_held_back_is_published_after_ci(service: Service) -> None:
    repository = service.repository("octo/held", {**LIBRARY, CONFIGURATION: EASY.format(share=1)})
    first = _pull(service, repository, branch="first")
    service.completed(repository, first.head_sha)
    service.world.ci.run(repository, first.head_sha, _planned("test_double"))
    _settled(service, first, "broken")

    second = _pull(service, repository, branch="second")
    service.until(lambda: "Waits for CI" in _title(service, repository, second), "held back")
    assert service.run_on(repository, second.head_sha).status == "in_progress"
    assert not second.review_comments

    service.world.ci.run(repository, second.head_sha, _planned("test_double"))

    assert service.completed(repository, second.head_sha).conclusion == "failure"
    service.until(lambda: bool(second.review_comments), "comments")


def _title(service: Service, repository: state.Repository, pull: state.Pull) -> str:
    runs = service.world.runs_at(repository, pull.head_sha, service.app)
    return (runs[-1].title or "") if runs else ""


def test_what_deliveries_did_not_tell_of_is_found_by_polling(tmp_path: Path, cache: Path) -> None:
    with services.started(tmp_path, cache, "--poll", GATEKEEPER_POLL_SECONDS="2") as service:
        service.world.office.fate = lambda _: github.Fate.LOSE
        repository = service.repository("octo/unheard", LIBRARY)
        pull = _pull(service, repository)
        service.world.ci.run(repository, pull.head_sha, _planned("test_double"))

        _settled(service, pull, "broken")
