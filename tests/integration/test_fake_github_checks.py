from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.github import scene, state, visitor

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
_RUNS = "/repos/octo/hello/check-runs"
_NOTE = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "wrong"}
_BUTTON = {"label": "Apply", "description": "Apply the fix", "identifier": "apply"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[scene.Scene]:
    with scene.stand(tmp_path) as stood:
        yield stood


def _output(**more: object) -> state.Json:
    return {"title": "A title", "summary": "A summary", **more}


def test_a_run_is_created_and_completed_and_told_of(here: scene.Scene) -> None:
    pull = here.pull()
    run = _create(here, pull)
    assert (run["status"], run["conclusion"], run["external_id"]) == ("queued", None, "e")

    done = here.caller.ask("PATCH", f"{_RUNS}/{run['id']}", {"conclusion": "success", "output": _output()}).json()

    assert (done["status"], done["conclusion"], done["completed_at"]) == (
        "completed",
        "success",
        "2026-03-01T12:00:00Z",
    )
    assert [one["number"] for one in done["pull_requests"]] == [pull.number]
    assert here.told("check_run", "check_suite") == [
        ("check_suite", "requested"),
        ("check_run", "created"),
        ("check_run", "completed"),
        ("check_suite", "completed"),
    ]


def test_annotations_are_added_to_those_before(here: scene.Scene) -> None:
    run = _create(here, here.pull(), output=_output(annotations=[_NOTE] * 50))
    here.caller.ask("PATCH", f"{_RUNS}/{run['id']}", {"output": _output(annotations=[_NOTE] * 7)})

    pages = [here.caller.ask("GET", f"{_RUNS}/{run['id']}/annotations?per_page=50&page={page}") for page in (1, 2)]

    assert [len(page.json()) for page in pages] == [50, 7]
    assert pages[0].links["next"]["url"].endswith("per_page=50&page=2")
    assert here.caller.get(f"{_RUNS}/{run['id']}")["output"] == {
        **_output(),
        "text": None,
        "annotations_count": 57,
        "annotations_url": f"{here.api_url}{_RUNS}/{run['id']}/annotations",
    }


@pytest.mark.parametrize(
    "given",
    [
        {"output": {"summary": "s"}},
        {"output": {"title": "t"}},
        {"output": _output(summary="s" * 65_536)},
        {"output": _output(text="s" * 65_536)},
        {"output": _output(annotations=[_NOTE] * 51)},
        {"output": _output(annotations=[{**_NOTE, "message": "m" * 65_537}])},
        {"output": _output(annotations=[{**_NOTE, "annotation_level": "error"}])},
        {"output": _output(annotations=[{**_NOTE, "end_line": 0}])},
        {"output": _output(annotations=[{**_NOTE, "end_line": 2, "start_column": 1}])},
        *({"output": _output(annotations=[{k: v for k, v in _NOTE.items() if k != name}])} for name in _NOTE),
        {"actions": [_BUTTON] * 4},
        {"actions": [{**_BUTTON, "label": "l" * 21}]},
        {"actions": [{**_BUTTON, "description": "d" * 41}]},
        {"actions": [{**_BUTTON, "identifier": "i" * 21}]},
        {"status": "completed"},
        {"completed_at": "2026-03-01T12:00:00Z"},
        {"conclusion": "stale"},
        {"conclusion": "passed"},
        {"status": "done"},
        {"colour": "red"},
        {"head_sha": "0" * 40},
        {"name": ""},
    ],
    ids=str,
)
def test_what_breaks_a_limit_is_refused_and_changes_nothing(here: scene.Scene, given: state.Json) -> None:
    pull = here.pull()
    body = {"name": "Gatekeeper", "head_sha": pull.head_sha, **given}

    answer = here.caller.ask("POST", _RUNS, body)

    assert answer.status_code == 422, answer.text
    assert here.world.runs_at(here.hello, pull.head_sha) == []


def test_the_longest_texts_and_most_buttons_are_taken(here: scene.Scene) -> None:
    button = {"label": "l" * 20, "description": "d" * 40, "identifier": "i" * 20}
    output = _output(summary="s" * 65_535, text="t" * 65_535, annotations=[_NOTE] * 50)

    run = _create(here, here.pull(), output=output, actions=[button] * 3, conclusion="neutral")

    assert run["status"] == "completed"


def test_only_the_app_that_made_a_run_may_change_it(here: scene.Scene) -> None:
    pull = here.pull()
    other = here.world.create_app("Other")
    here.world.install(other, "octo", [here.hello])
    foreign = here.world.report(other, here.hello, pull.head_sha, "Other", None)

    answer = here.caller.ask("PATCH", f"{_RUNS}/{foreign.id}", {"conclusion": "success"})

    assert answer.status_code == 403
    assert foreign.status == "in_progress"


def test_lists_filter_and_show_the_latest_of_each_name(here: scene.Scene) -> None:
    pull = here.pull()
    other = here.world.create_app("Other")
    here.world.report(other, here.hello, pull.head_sha, "Other", "success")
    first, second = (_create(here, pull) for _ in range(2))
    path = f"/repos/octo/hello/commits/{pull.head_sha}/check-runs"

    assert _ids(here, f"{path}?app_id={here.app.id}") == [second["id"]]
    assert _ids(here, f"{path}?check_name=Gatekeeper&filter=all") == [second["id"], first["id"]]
    assert len(_ids(here, path)) == 2
    assert _ids(here, f"{path}?status=completed&app_id={here.app.id}") == []


def test_a_list_lags_and_the_run_itself_does_not(here: scene.Scene) -> None:
    pull = here.pull()
    here.world.lag.lists = 3
    run = _create(here, pull)
    path = f"/repos/octo/hello/commits/{pull.head_sha}/check-runs"

    assert here.caller.get(f"{_RUNS}/{run['id']}")["id"] == run["id"]
    assert [_ids(here, path) for _ in range(3)] == [[], [run["id"]], [run["id"]]]

    second = _create(here, pull, name="Another")
    here.world.settle()
    assert second["id"] in _ids(here, path)
    third = _create(here, pull, name="A third")
    assert third["id"] not in _ids(here, path)


def test_buttons_and_reruns_ask_the_app_and_change_nothing(here: scene.Scene) -> None:
    run = _create(here, here.pull(), conclusion="failure", actions=[_BUTTON])
    made = here.world.runs[_number(run)]
    here.world.press(made, "apply", by="ada")
    here.world.rerun(made, by="ada")
    here.world.rerun_suite(made.suite, by="ada")

    assert here.told()[-3:] == [
        ("check_run", "requested_action"),
        ("check_run", "rerequested"),
        ("check_suite", "rerequested"),
    ]
    assert made.conclusion == "failure"


def test_a_suite_of_a_fork_names_no_pull_requests_and_no_branch(here: scene.Scene) -> None:
    fork = here.world.fork(here.hello, "ada")
    here.world.push(fork, "topic", {"a.py": "x = 2\n"})
    pull = here.world.open_pull(here.hello, "topic", head_repository=fork)

    run = _create(here, pull)

    suite = here.world.runs[_number(run)].suite
    shown = here.caller.get(f"/repos/octo/hello/check-suites/{suite.id}")
    assert (run["pull_requests"], shown["pull_requests"], shown["head_branch"]) == ([], [], None)


def test_another_apps_token_without_checks_may_not_write(here: scene.Scene) -> None:
    pull = here.pull()
    reader = here.narrowed(pull_requests="write")

    answer = reader.ask("POST", _RUNS, {"name": "a", "head_sha": pull.head_sha})

    assert answer.status_code == 403
    assert visitor.Visitor(here.api_url).ask("POST", _RUNS, {"name": "a"}).status_code == 404


def _create(here: scene.Scene, pull: state.Pull, **more: object) -> state.Json:
    body = {"name": "Gatekeeper", "head_sha": pull.head_sha, "external_id": "e", **more}
    answer = here.caller.ask("POST", _RUNS, body)
    assert answer.status_code == 201, answer.text
    made: state.Json = answer.json()
    return made


def _number(run: state.Json) -> int:
    assert isinstance(run["id"], int)
    return run["id"]


def _ids(here: scene.Scene, path: str) -> list[object]:
    shown = here.caller.get(path)["check_runs"]
    assert isinstance(shown, list)
    return [run["id"] for run in shown]
