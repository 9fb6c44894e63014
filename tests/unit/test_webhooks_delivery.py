import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks import delivery

_HEADERS = {"X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958", "X-GitHub-Event": "ping"}


def test_a_delivery_has_what_its_headers_and_its_body_say() -> None:
    body = b'{"action": "opened", "number": 7}'
    headers = {
        **_HEADERS,
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Hook-ID": "292430182",
        "X-GitHub-Hook-Installation-Target-ID": "79929171",
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }

    assert delivery.parse(headers, body) == delivery.Delivery(
        id="72d3162e-cc78-11e3-81ab-4c9367dc0958",
        event="pull_request",
        action="opened",
        hook_id=292430182,
        target_id=79929171,
        payload={"action": "opened", "number": 7},
        body=body,
    )


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_names_of_headers_are_read_in_any_case(change: type[str]) -> None:
    assert delivery.parse({change(name): value for name, value in _HEADERS.items()}, b"{}").event == "ping"


def test_what_is_optional_may_be_absent() -> None:
    received = delivery.parse(_HEADERS, b'{"action": null}')

    assert (received.action, received.hook_id, received.target_id) == (None, None, None)


@pytest.mark.parametrize("name", ["X-GitHub-Delivery", "X-GitHub-Event"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "missing"),
        ("", "missing"),
        ("a" * 65, "longer than 64"),
        ("a\tb", "not printable ASCII"),
        ("a\nb", "not printable ASCII"),
        ("é", "not printable ASCII"),
        ("\udcff", "not printable ASCII"),
    ],
)
def test_a_delivery_without_a_sound_id_and_event_is_malformed(name: str, value: str | None, said: str) -> None:
    headers = {**_HEADERS, name: value} if value is not None else {k: v for k, v in _HEADERS.items() if k != name}

    with pytest.raises(delivery.MalformedDelivery, match=f"{name} .*{said}"):
        delivery.parse(headers, b"{}")


def test_an_id_of_64_characters_is_taken() -> None:
    assert delivery.parse({**_HEADERS, "X-GitHub-Delivery": "a" * 64}, b"{}").id == "a" * 64


@pytest.mark.parametrize("name", ["X-GitHub-Hook-ID", "X-GitHub-Hook-Installation-Target-ID"])
@pytest.mark.parametrize("value", ["", "-1", "1.0", "1e3", "٣", "0x1", str(2**63), "9" * 5_000])
def test_a_number_that_no_id_can_be_is_malformed(name: str, value: str) -> None:
    with pytest.raises(delivery.MalformedDelivery, match=f"{name} is not a number"):
        delivery.parse({**_HEADERS, name: value}, b"{}")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON in UTF-8: EOF"),
        (b"payload=%7B%7D", "not JSON"),
        (b'{"a": 1', "not JSON"),
        (b'{"a": 1} {}', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": -Infinity}', "not JSON"),
        (b'{"a": "\xff"}', "not JSON in UTF-8"),
        ('{"a": "é"}'.encode("latin-1"), "not JSON in UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not JSON in UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON in UTF-8"),
        (b'{"a": "\\ud800"}', "not JSON"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "number out of range"),
        (b'{"a": ' * 100_000, "recursion limit"),
        (b"[" * 100_000 + b"]" * 100_000, "recursion limit"),
        (b"[]", "not an object"),
        (b'"text"', "not an object"),
        (b"null", "not an object"),
        (b'{"action": 1}', "action is not text"),
        (b'{"action": {"a": 1}}', "action is not text"),
    ],
)
def test_a_body_that_is_no_payload_is_malformed(body: bytes, said: str) -> None:
    with pytest.raises(delivery.MalformedDelivery, match=said):
        delivery.parse(_HEADERS, body)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _problem(headers: dict[str, str], body: bytes) -> str | None:
    try:
        delivery.parse(headers, body)
    except delivery.MalformedDelivery as problem:
        return str(problem)
    return None


@given(body=st.binary() | _JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_delivery_or_malformed(body: bytes) -> None:
    problem = _problem(_HEADERS, body)

    if problem is None:
        assert delivery.parse(_HEADERS, body).payload == json.loads(body)
    else:
        assert len(problem) < 200
        assert problem.isprintable()


@given(headers=st.dictionaries(st.sampled_from([*_HEADERS, "X-GitHub-Hook-ID", "X-Other"]), st.text()))
def test_any_headers_are_a_delivery_or_malformed(headers: dict[str, str]) -> None:
    problem = _problem(headers, b"{}")

    if problem is None:
        received = delivery.parse(headers, b"{}")
        assert (received.id, received.event) == (headers["X-GitHub-Delivery"], headers["X-GitHub-Event"])
    else:
        assert len(problem) < 200
        assert problem.isprintable()


def test_what_is_shown_of_others_text_is_short_and_printable() -> None:
    assert delivery.shown("a\x1b[31m\u202e\n" + "b" * 200, 10) == "a\ufffd[31m\ufffd\ufffdbb…"
    assert delivery.shown("opened") == "opened"
