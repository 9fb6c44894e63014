import logging
from collections.abc import Iterator
from concurrent import futures
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper import errors, hosted
from gatekeeper.forge import wire
from gatekeeper.verdicts import publication
from tests.fakes.github import faults
from tests.integration import forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path) as setting:
        yield setting


def _run(head: str, title: str = "Queued") -> publication.CheckRun:
    return publication.CheckRun(
        external_id=f"gatekeeper/{head}", head=head, status=publication.Status.QUEUED, title=title, summary="waits"
    )


def test_threads_do_not_send_each_others_requests(here: forge_setting.Setting) -> None:
    places = [here.place]
    for number in range(5):
        other = here.world.create_repository(f"octo/other{number}", {"a.py": f"x = {number}\n"})
        here.world.add_to_installation(here.installation, other)
        places.append(hosted.Place(installation=here.installation.id, repository=other.id, name=other.full_name))
    heads = {
        place.repository: here.world.push(here.world.repositories[place.repository], "topic", {"b.py": place.name})
        for place in places
    }

    def work(place: hosted.Place) -> int:
        return here.forge.checks.put(place, _run(heads[place.repository], place.name))

    with futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(work, places * 4))

    for place, number in zip(places * 4, made, strict=True):
        repository = here.world.repositories[place.repository]
        (run,) = here.world.runs_at(repository, heads[place.repository], here.app)
        assert (run.id, run.title) == (number, place.name)


def test_threads_that_show_the_same_run_make_one(here: forge_setting.Setting) -> None:
    head = here.pull().head_sha

    with futures.ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: here.forge.checks.put(here.place, _run(head)), range(16)))

    (run,) = here.world.runs_at(here.hello, head, here.app)
    assert made == {run.id}


def test_each_request_is_observed_without_names(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.observed.clear()

    here.forge.checks.put(here.place, _run(pull.head_sha))
    here.world.faults = faults.each_once(faults.reset())
    with pytest.raises(errors.UnavailableError):
        here.forge.pulls.get(here.place, pull.number)

    assert here.observed[:2] == [
        ("GET /repos/*/*/commits/*/check-runs", 200),
        ("POST /repos/*/*/check-runs", 201),
    ]
    assert here.observed[-1] == ("GET /repos/*/*/pulls/*", 0)


def test_no_log_has_a_token_or_the_key(here: forge_setting.Setting, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pull = here.pull()

    here.forge.pulls.get(here.place, pull.number)
    here.forge.checks.put(here.place, _run(pull.head_sha))
    with pytest.raises(errors.MissingError) as caught:
        here.forge.pulls.get(here.place, 99)

    said = caplog.text + str(caught.value)
    assert here.world.tokens
    assert not [token for token in here.world.tokens if token in said]
    # a JWT's header, as it is encoded
    assert "eyJ" not in said


@pytest.mark.parametrize("route", ["pulls", "check-runs", "comments", "graphql", "annotations"])
def test_an_answer_that_is_not_as_documented_does_not_count(here: forge_setting.Setting, route: str) -> None:
    pull = here.pull()
    note = publication.Annotation(
        path="calc.py", start_line=1, end_line=1, level=publication.Level.NOTICE, title="", message="x"
    )
    run = replace(
        _run(pull.head_sha),
        status=publication.Status.COMPLETED,
        conclusion=publication.CheckConclusion.NEUTRAL,
        annotations=(note,),
    )
    comment = publication.Comment(fingerprint="0123abcd", path="calc.py", line=1, body="finding")
    review = publication.PullReview(head=pull.head_sha, body="", comments=(comment,))

    def ask_all() -> None:
        here.forge.pulls.get(here.place, pull.number)
        list(here.forge.pulls.open(here.place))
        here.forge.checks.put(here.place, run)
        here.forge.comments.publish(here.place, pull.number, review)

    ask_all()
    here.world.faults = lambda call: (
        faults.Fault(status=200, message="what is this?") if call.path.endswith(route) else None
    )
    with pytest.raises(errors.UnavailableError):
        ask_all()


def test_nothing_is_sent_to_whoever_github_points_to(here: forge_setting.Setting) -> None:
    pull = here.pull()
    elsewhere = {"Location": "http://127.0.0.2:1/api/v3/repos/octo/hello/pulls/1"}
    here.world.faults = faults.each_once(
        faults.Fault(status=301, headers=elsewhere, message="Moved Permanently"), lambda call: "pulls" in call.path
    )

    with pytest.raises(errors.UnavailableError, match="GATEKEEPER_GITHUB_API"):
        here.forge.pulls.get(here.place, pull.number)


def test_a_redirect_in_a_circle_ends(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.world.faults = lambda call: (
        faults.Fault(status=307, headers={"Location": f"{here.api_url}/repos/octo/hello/pulls/1"})
        if "pulls" in call.path
        else None
    )

    with pytest.raises(errors.UnavailableError):
        here.forge.pulls.get(here.place, pull.number)


def test_github_out_of_reach_is_said_so() -> None:
    line = wire.Wire("http://127.0.0.1:9/api/v3")

    with pytest.raises(errors.UnavailableError, match=r"could not be reached \(GET /app"):
        line.send("GET", "/app", {}, None)
