"""What maintainers do with the check: re-run it, press its buttons, command it, merge by a queue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import service as services
from tests.acceptance.program import LIBRARY, SOUND, WRONG
from tests.acceptance.service import Service
from tests.fakes.github import state

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.xdist_group("maintainers")]

BLOCKING = {**LIBRARY, ".github/gatekeeper.yml": "authority: block\nearn: false\n"}


@pytest.fixture(scope="module", name="service")
def _service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    with services.started(tmp_path_factory.mktemp("service"), cache) as one:
        yield one


def test_a_rerun_reviews_again_and_shows_one_run(service: Service) -> None:
    repository, pull = _broken(service, "octo/rerun")
    before = service.run_on(repository, pull.head_sha).details_url

    service.world.rerun(service.run_on(repository, pull.head_sha), by="maria")

    service.wait(lambda: _page_changed(service, repository, pull, before))
    assert service.completed(repository, pull.head_sha).conclusion == "failure"
    assert len(pull.review_comments) == 1


def test_a_rerun_of_the_suite_reviews_again(service: Service) -> None:
    repository, pull = _broken(service, "octo/suite")
    run = service.run_on(repository, pull.head_sha)
    before = run.details_url

    service.world.rerun_suite(run.suite, by="maria")

    service.wait(lambda: _page_changed(service, repository, pull, before))


def test_a_fix_is_applied_by_its_button(service: Service) -> None:
    repository, pull = _broken(service, "octo/fixed", contents="write")
    broken = pull.head_sha
    service.wait(lambda: pull.review_comments)

    service.world.press(service.mended(repository, broken), "apply-fix", by="maria")

    service.wait(lambda: pull.head_sha != broken)
    assert service.completed(repository, pull.head_sha).conclusion == "success"
    blob = repository.git.find(pull.head_sha, "pack/sums.py")
    assert blob is not None
    assert repository.git.read(str(blob.id)).decode() == LIBRARY["pack/sums.py"]
    assert "Applied" in _last_answer(service, pull)


def test_a_button_pressed_without_permission_does_nothing_but_say_so(service: Service) -> None:
    repository, pull = _broken(service, "octo/pressed", contents="write")
    service.world.grant(repository, "mallory", "read")

    before = pull.head_sha

    service.world.press(service.mended(repository, before), "apply-fix", by="mallory")

    assert "read" in _last_answer(service, pull)
    assert pull.head_sha == before


def test_an_override_lets_the_check_pass_until_the_next_push(service: Service) -> None:
    repository, pull = _broken(service, "octo/overridden")

    service.world.comment(pull, "maria", "/gatekeeper override the test is wrong")

    run = service.completed(repository, pull.head_sha, "neutral")
    assert "the test is wrong" in (run.summary or "")
    again = service.world.push(repository, "topic", {"pack/more.py": "x = 1\n"})
    assert service.completed(repository, again).conclusion == "failure"


def test_an_override_can_be_taken_back(service: Service) -> None:
    repository, pull = _broken(service, "octo/taken-back")
    service.world.comment(pull, "maria", "/gatekeeper override flaky")
    service.completed(repository, pull.head_sha, "neutral")

    service.world.comment(pull, "maria", "/gatekeeper cancel-override")

    assert service.completed(repository, pull.head_sha, "failure")


def test_an_author_may_not_override_their_own_gate(service: Service) -> None:
    repository, pull = _broken(service, "octo/own-gate")

    service.world.comment(pull, "ada", "/gatekeeper override trust me")

    assert "maintain" in _last_answer(service, pull)
    assert service.run_on(repository, pull.head_sha).conclusion == "failure"


def test_a_test_is_explained_step_by_step(service: Service) -> None:
    _, pull = _broken(service, "octo/explained")

    service.world.comment(pull, "maria", "/gatekeeper explain tests/test_sums.py::test_double")

    answer = _last_answer(service, pull)
    assert "tests/test_sums.py::test_double" in answer
    assert "return a - b" in answer
    assert f"/octo/explained/blob/{pull.head_sha}/tests/test_sums.py#L" in answer


def test_a_merge_group_is_evaluated_for_real(service: Service) -> None:
    repository = service.repository("octo/queue", BLOCKING)
    service.world.push(repository, "sound", SOUND)
    service.world.push(repository, "wrong", WRONG)
    good = service.world.open_pull(repository, "sound", author="ada")
    bad = service.world.open_pull(repository, "wrong", author="ada")

    passing = service.world.enqueue(good, by="maria")
    failing = service.world.enqueue(bad, by="maria")

    assert service.completed(repository, passing.head_sha).conclusion == "success"
    assert service.completed(repository, failing.head_sha).conclusion == "failure"


def test_a_closed_pull_request_is_not_reviewed_to_the_end(service: Service) -> None:
    repository = service.repository("octo/closed", BLOCKING)
    endless = {"pack/sums.py": LIBRARY["pack/sums.py"].replace("return a + b", "while True: pass")}
    service.world.push(repository, "topic", endless)
    pull = service.world.open_pull(repository, "topic", author="ada")
    service.wait(
        lambda: [
            run for run in service.world.runs_at(repository, pull.head_sha, service.app) if run.status == "in_progress"
        ]
    )

    service.world.close(pull)

    assert service.completed(repository, pull.head_sha).conclusion == "cancelled"


def _broken(service: Service, name: str, *, contents: str = "read") -> tuple[state.Repository, state.Pull]:
    """Return a repository in which maria may do all, and a pull request that breaks it, reviewed."""
    repository = service.repository(name, BLOCKING)
    if contents == "write":
        (one,) = [one for one in service.world.installations.values() if repository in (one.repositories or ())]
        service.world.accept_permissions(one, {**one.permissions, "contents": "write"})
    service.world.grant(repository, "maria", "maintain")
    service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")
    service.completed(repository, pull.head_sha, "failure")
    return repository, pull


def _page_changed(service: Service, repository: state.Repository, pull: state.Pull, before: str | None) -> bool:
    """Whether the commit's only run shows another review than `before`, completed."""
    run = service.run_on(repository, pull.head_sha)
    return run.status == "completed" and run.details_url != before


def _last_answer(service: Service, pull: state.Pull) -> str:
    """Return the App's last comment in the conversation, once there is one."""
    bot = service.app.bot.login
    return service.wait(
        lambda: next((one.body for one in reversed(list(pull.comments.values())) if one.author.login == bot), None)
    )


def test_an_override_holds_in_the_merge_queue_too(service: Service) -> None:
    repository, pull = _broken(service, "octo/queued-override")
    service.world.comment(pull, "maria", "/gatekeeper override the test is wrong")
    service.completed(repository, pull.head_sha, "neutral")

    group = service.world.enqueue(pull, by="maria")

    run = service.completed(repository, group.head_sha)
    assert (run.conclusion, "the test is wrong" in (run.summary or "")) == ("neutral", True)


def test_a_permission_that_is_granted_later_lets_the_review_happen(service: Service) -> None:
    repository = service.repository("octo/granted", BLOCKING)
    (one,) = [one for one in service.world.installations.values() if repository in (one.repositories or ())]
    everything = dict(one.permissions)
    service.world.accept_permissions(one, {name: level for name, level in everything.items() if name != "contents"})
    service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")
    refused = service.completed(repository, pull.head_sha)
    assert "contents" in (refused.title or "")

    service.world.accept_permissions(one, everything)

    assert service.completed(repository, pull.head_sha, "failure")
