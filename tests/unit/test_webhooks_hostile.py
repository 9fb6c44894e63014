import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import webhook_examples
from webhooks import delivery, events


def _read(event: str, payload: dict[str, Any]) -> events.Event | events.Ignored:
    return events.read(webhook_examples.received(event, payload))


def _set(payload: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *parents, last = path.split(".")
    inside = payload
    for parent in parents:
        inside = inside[parent]
    inside[last] = value
    return payload


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("repository", None),
        ("repository.id", "186853002"),
        ("repository.id", 0),
        ("repository.id", -1),
        ("repository.id", 2**63),
        ("repository.id", True),
        ("repository.id", {}),
        ("repository.full_name", "Codertocat"),
        ("repository.full_name", "Codertocat/.."),
        ("repository.full_name", "../Hello-World"),
        ("repository.full_name", "a/b/c"),
        ("repository.full_name", "a/b\n"),
        ("repository.full_name", "a/b?c"),
        ("repository.full_name", f"a/{'b' * 200}"),
        ("repository.private", "true"),
        ("repository.default_branch", ""),
        ("installation", {"id": "1"}),
        ("sender", None),
        ("sender.login", "a b"),
        ("sender.type", 1),
        ("pull_request", []),
        ("pull_request.number", 1.5),
        ("pull_request.head", None),
        ("pull_request.head.sha", "ec26c3e"),
        ("pull_request.head.sha", f"{'a' * 40}\n"),
        ("pull_request.head.sha", "--upload-pack=touch".ljust(40, "a")),
        ("pull_request.head.ref", "a\x00b"),
        ("pull_request.head.ref", "a b"),
        ("pull_request.head.ref", "a" * 1_025),
        ("pull_request.draft", None),
        ("pull_request.labels", "bug"),
        ("pull_request.labels", [None]),
        ("pull_request.labels", [{"name": 1}]),
        ("pull_request.state", None),
        ("pull_request.title", None),
    ],
)
def test_a_pull_request_without_what_it_must_have_is_malformed(path: str, value: object) -> None:
    payload = _set(webhook_examples.first("pull_request", "synchronize"), path, value)

    with pytest.raises(
        delivery.MalformedDelivery, match=rf"pull_request synchronize: {path.partition('.')[0]}"
    ) as raised:
        _read("pull_request", payload)

    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 450


@pytest.mark.parametrize("listed", [None, {}, "1", [None], [{"number": "1"}], [{"base": {"repo": {"id": 1}}}, 1]])
def test_a_check_run_with_an_unsound_list_of_pull_requests_is_malformed(listed: object) -> None:
    payload = _set(webhook_examples.first("check_run", "completed"), "check_run.pull_requests", listed)

    with pytest.raises(delivery.MalformedDelivery, match=r"check_run completed: check_run\.pull_requests"):
        _read("check_run", payload)


def test_an_event_without_its_action_is_malformed() -> None:
    with pytest.raises(delivery.MalformedDelivery, match="pull_request: action: missing"):
        _read("pull_request", {})


@pytest.mark.parametrize(
    ("full_name", "taken"), [("octo/.github", "octo/.github"), ("a_b-c/d.e", "a_b-c/d.e"), ("0/-", "0/-")]
)
def test_unusual_names_of_repositories_are_taken(full_name: str, taken: str) -> None:
    payload = _set(webhook_examples.first("pull_request", "opened"), "repository.full_name", full_name)

    read = _read("pull_request", payload)

    assert isinstance(read, events.PullRequestPushed)
    assert read.repository.name == taken


def test_a_commit_of_a_sha256_repository_is_taken() -> None:
    payload = _set(webhook_examples.first("pull_request", "opened"), "pull_request.head.sha", "a" * 64)

    read = _read("pull_request", payload)

    assert isinstance(read, events.PullRequestPushed)
    assert read.pull.head == "a" * 64


def test_what_is_only_shown_is_cut_and_holds_no_nul() -> None:
    title = _set(webhook_examples.first("pull_request", "opened"), "pull_request.title", "\0" * 2_000)
    body = _set(webhook_examples.comment_on_pull_request(), "comment.body", "x" * 70_000)

    pushed, commented = _read("pull_request", title), _read("issue_comment", body)

    assert isinstance(pushed, events.PullRequestPushed)
    assert pushed.pull.title == "\ufffd" * 1_024
    assert isinstance(commented, events.Commented)
    assert commented.body == "x" * 65_536


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
# one of every kind that becomes an event
_KINDS = {
    (example.event, example.action): json.dumps(example.payload)
    for example in [
        *webhook_examples.every(),
        webhook_examples.Example(event="merge_group", payload=webhook_examples.merge_group_destroyed()),
        webhook_examples.Example(event="issue_comment", payload=webhook_examples.comment_on_pull_request()),
        webhook_examples.Example(event="pull_request", payload=webhook_examples.edited({"base": {}})),
    ]
    if not isinstance(_read(example.event, example.payload), events.Ignored)
}


def _total(event: str, payload: dict[str, Any]) -> None:
    try:
        read = _read(event, payload)
    except delivery.MalformedDelivery as problem:
        read = events.Ignored(reason=str(problem))
    if isinstance(read, events.Ignored):
        assert len(read.reason) < 450
        assert read.reason.isprintable()


@given(kind=st.sampled_from(sorted(_KINDS, key=str)), payload=st.dictionaries(st.text(max_size=8), _JSON, max_size=4))
def test_any_json_is_read_ignored_or_malformed(kind: tuple[str, str | None], payload: dict[str, Any]) -> None:
    event, action = kind
    _total(event, {**payload, "action": action})


@given(data=st.data())
def test_a_payload_with_anything_in_any_place_is_read_ignored_or_malformed(data: st.DataObject) -> None:
    event, action = data.draw(st.sampled_from(sorted(_KINDS, key=str)))
    payload = json.loads(_KINDS[event, action])
    inside = payload
    key = data.draw(st.sampled_from(sorted(set(inside) - {"action"})))
    while isinstance(inside[key], dict) and inside[key] and data.draw(st.integers(0, 3)):
        inside = inside[key]
        key = data.draw(st.sampled_from(sorted(inside)))
    if data.draw(st.booleans()):
        inside[key] = data.draw(_JSON)
    else:
        del inside[key]

    _total(event, payload)
