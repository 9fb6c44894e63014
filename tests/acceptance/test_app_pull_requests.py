"""A signed delivery, followed to what GitHub shows in the end."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import browsing
from tests.acceptance import service as services
from tests.acceptance.program import LIBRARY, SOUND, SUMS, WRONG
from tests.acceptance.service import Service
from tests.fakes import github

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.xdist_group("pull requests")]

CONFIGURATION = ".github/gatekeeper.yml"
BLOCKING = {**LIBRARY, CONFIGURATION: "authority: block\nearn: false\n"}
SHADOWED = LIBRARY


@pytest.fixture(scope="module", name="service")
def _service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    with services.started(tmp_path_factory.mktemp("service"), cache) as one:
        yield one


def test_a_broken_change_fails_its_check_and_is_commented_with_a_fix_at_the_line(service: Service) -> None:
    repository = service.repository("octo/broken", BLOCKING)
    service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")

    run = service.completed(repository, pull.head_sha)

    assert (run.conclusion, run.title) == ("failure", "3 of 3 affected tests would fail")
    assert [(note["path"], note["start_line"], note["annotation_level"]) for note in run.annotations] == [
        ("pack/sums.py", 2, "failure")
    ]
    # the verdict does not wait for the fix
    mended = service.mended(repository, pull.head_sha)
    assert {action["identifier"] for action in mended.actions} == {"rerun", "apply-fix", "explain"}
    suggested = "```suggestion\n    return a + b\n```"
    service.wait(lambda: [one for one in pull.review_comments.values() if suggested in one.body])
    (comment,) = pull.review_comments.values()
    assert (comment.path, comment.line) == ("pack/sums.py", 2)


def test_the_check_is_queued_as_soon_as_the_delivery_is_answered(service: Service) -> None:
    repository = service.repository("octo/queued", BLOCKING)
    service.world.push(repository, "topic", SOUND)
    seen: list[str] = []

    pull = service.world.open_pull(repository, "topic", author="ada")
    service.wait(lambda: _status(service, repository, pull.head_sha, seen) == "completed")

    assert seen[0] == "queued"
    assert service.run_on(repository, pull.head_sha).conclusion == "success"


def _status(service: Service, repository: object, sha: str, seen: list[str]) -> str:
    runs = service.world.runs_at(repository, sha, service.app)  # type: ignore[arg-type] # as the double names it
    status = runs[0].status if runs else ""
    if status and status not in seen[-1:]:
        seen.append(status)
    return status


def test_a_shadowed_repository_gets_a_neutral_check_and_no_comment(service: Service) -> None:
    repository = service.repository("octo/shadowed", SHADOWED)
    service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")

    run = service.completed(repository, pull.head_sha)

    assert (run.conclusion, run.title) == ("neutral", "3 of 3 affected tests would fail")
    assert "Shadow" in (run.summary or "")
    assert not pull.review_comments
    assert not pull.reviews


def test_a_fork_is_reviewed_by_its_pull_requests_ref(service: Service) -> None:
    repository = service.repository("octo/forked", BLOCKING)
    fork = service.world.fork(repository, "eve")
    service.world.push(fork, "topic", WRONG)

    pull = service.world.open_pull(repository, "topic", head_repository=fork, author="eve")

    assert service.completed(repository, pull.head_sha).conclusion == "failure"


def test_the_base_branchs_configuration_holds_not_the_pull_requests(service: Service) -> None:
    repository = service.repository("octo/loosened", BLOCKING)
    service.world.push(repository, "topic", {**WRONG, CONFIGURATION: "authority: shadow\n"})

    pull = service.world.open_pull(repository, "topic", author="ada")

    assert service.completed(repository, pull.head_sha).conclusion == "failure"


def test_a_mended_push_resolves_the_thread_and_passes(service: Service) -> None:
    repository = service.repository("octo/mended", BLOCKING)
    service.world.accept_permissions(
        next(one for one in service.world.installations.values() if repository in (one.repositories or ())),
        {**service.app.permissions, "contents": "write"},
    )
    service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")
    service.completed(repository, pull.head_sha)
    service.wait(lambda: pull.review_comments)

    mended = service.world.push(repository, "topic", {"pack/sums.py": SUMS + "\n\ndef more():\n    return 2\n"})

    service.completed(repository, mended)
    service.wait(lambda: pull.resolved == set(pull.review_comments))
    assert len(pull.review_comments) == 1


def test_a_push_supersedes_the_review_under_way(service: Service) -> None:
    repository = service.repository("octo/superseded", BLOCKING)
    endless = {**LIBRARY, "pack/sums.py": SUMS.replace("return a + b", "while True: pass")}
    service.world.push(repository, "topic", endless)
    pull = service.world.open_pull(repository, "topic", author="ada")
    first = pull.head_sha
    service.wait(
        lambda: [run for run in service.world.runs_at(repository, first, service.app) if run.status == "in_progress"]
    )

    second = service.world.push(repository, "topic", {"pack/sums.py": SOUND["pack/sums.py"]})

    assert service.completed(repository, second).conclusion == "success"
    left = service.completed(repository, first)
    assert (left.conclusion, left.title) == ("cancelled", f"Superseded by {second[:10]}")
    assert not pull.review_comments


def test_a_branch_set_back_to_a_former_head_is_reviewed_again(service: Service) -> None:
    repository = service.repository("octo/set-back", BLOCKING)
    first = service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")
    service.completed(repository, first, "failure")
    second = service.world.push(repository, "topic", SOUND)
    service.completed(repository, second, "success")

    service.world.move_branch(repository, "topic", first)

    assert pull.head_sha == first
    assert service.completed(repository, first, "failure")


def test_a_draft_is_left_alone_until_it_is_ready(service: Service) -> None:
    repository = service.repository("octo/draft", BLOCKING)
    service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada", draft=True)
    skipped = service.completed(repository, pull.head_sha)
    # a check that passes could let it be merged before it is reviewed, once it is ready
    assert (skipped.conclusion, "draft" in (skipped.title or "")) == ("cancelled", True)

    service.world.set_draft(pull, draft=False)

    assert service.completed(repository, pull.head_sha, "failure")


def test_two_pull_requests_on_one_commit_share_a_check_that_says_the_worst(service: Service) -> None:
    repository = service.repository("octo/shared", BLOCKING)
    service.world.push(repository, "mended", WRONG)
    service.world.push(repository, "topic", WRONG, start="main")
    one = service.world.open_pull(repository, "topic", author="ada")
    service.completed(repository, one.head_sha, "failure")

    other = service.world.open_pull(repository, "topic", base="mended", author="ada")

    assert other.head_sha == one.head_sha
    run = service.wait(
        lambda: next(
            (
                run
                for run in service.world.runs_at(repository, one.head_sha, service.app)
                if run.status == "completed" and f"#{other.number}" in (run.summary or "")
            ),
            None,
        )
    )
    assert run.conclusion == "failure"
    assert f"#{one.number}" in (run.summary or "")


def test_the_full_report_is_a_page_for_those_whom_github_lets_read_the_repository(service: Service) -> None:
    repository = service.repository("octo/page", BLOCKING)
    service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")
    run = service.completed(repository, pull.head_sha)

    path = (run.details_url or "").removeprefix(service.address)
    service.world.grant(repository, "ada", "read")

    assert re.fullmatch("/reviews/[0-9a-f]{32}", path)
    asked = service.ask(path, headers={"Accept": "text/html"})
    assert ("Sign in with GitHub" in asked.text, "test_double" in asked.text) == (True, False)
    with browsing.signed_in(service.address, service.world, "ada") as ada:
        page = ada.get(f"{service.address}{path}", timeout=60)
        assert (page.status_code, "test_double" in page.text) == (200, True)
        assert ada.get(f"{service.address}{path[:-1]}", timeout=60).status_code == 404
    with browsing.signed_in(service.address, service.world, "eve") as eve:
        assert eve.get(f"{service.address}{path}", timeout=60).status_code == 404
    for secret in (service.app.client_secret, *service.world.user_tokens):
        assert secret not in service.log.read_text()


def test_a_gate_is_not_loosened_by_aiming_elsewhere_and_back(service: Service) -> None:
    repository = service.repository("octo/aimed", BLOCKING)
    service.world.push(repository, "lax", {CONFIGURATION: "authority: shadow\n"})
    service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")
    service.completed(repository, pull.head_sha, "failure")
    service.world.edit(pull, base="lax")
    service.completed(repository, pull.head_sha, "neutral")

    service.world.edit(pull, base="main")

    assert service.completed(repository, pull.head_sha, "failure")


def test_a_pull_request_aimed_at_a_branch_at_the_same_commit_is_reviewed_for_it(service: Service) -> None:
    repository = service.repository("octo/release", BLOCKING)
    service.world.push(repository, "topic", WRONG)
    service.world.move_branch(repository, "release", repository.git.resolve("refs/heads/main") or "")
    pull = service.world.open_pull(repository, "topic", author="ada")

    service.world.edit(pull, base="release")

    assert service.completed(repository, pull.head_sha, "failure")


def test_deliveries_in_another_order_leave_the_newest_head_commented(service: Service) -> None:
    repository = service.repository("octo/reordered", BLOCKING)
    service.world.push(repository, "topic", SOUND)
    service.world.office.fate = lambda delivery: (
        github.Fate.HOLD if delivery.event == "pull_request" else github.Fate.SEND
    )
    pull = service.world.open_pull(repository, "topic", author="ada")
    newest = service.world.push(repository, "topic", WRONG)
    service.world.office.fate = lambda _: github.Fate.SEND

    service.world.office.release(reversed)

    service.completed(repository, newest, "failure")
    (comment,) = service.wait(lambda: list(pull.review_comments.values()))
    assert comment.path == "pack/sums.py"


def test_an_override_ends_with_a_push_also_where_the_branch_is_set_back(service: Service) -> None:
    repository = service.repository("octo/override-back", BLOCKING)
    service.world.grant(repository, "maria", "maintain")
    first = service.world.push(repository, "topic", WRONG)
    pull = service.world.open_pull(repository, "topic", author="ada")
    service.completed(repository, first, "failure")
    service.world.comment(pull, "maria", "/gatekeeper override flaky")
    service.completed(repository, first, "neutral")
    service.completed(repository, service.world.push(repository, "topic", {"pack/more.py": "x = 1\n"}), "failure")

    service.world.move_branch(repository, "topic", first)

    assert service.completed(repository, first, "failure")


def test_what_a_pull_request_makes_unreviewable_fails_where_that_is_configured(service: Service) -> None:
    strict = {**LIBRARY, CONFIGURATION: "authority: block\nearn: false\non_not_analysed: fail\n"}
    repository = service.repository("octo/unreviewable", strict)
    service.world.push(repository, "elsewhere", {"pack/sums.py": SUMS + "x = 1\n"})
    service.world.push(repository, "topic", {"pack/sums.py": SUMS + "x = 2\n"}, start="main")

    pull = service.world.open_pull(repository, "topic", base="elsewhere", author="ada")

    run = service.completed(repository, pull.head_sha)
    assert (run.conclusion, run.title) == ("failure", "Not analysed: does not merge: conflicts in pack/sums.py")
