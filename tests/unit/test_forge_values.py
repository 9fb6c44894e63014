import pytest

from gatekeeper import errors
from gatekeeper.forge import annotations, branches, exchange, forge, markers, permissions, reading, wire
from gatekeeper.repair import candidate
from gatekeeper.verdicts import publication

_CONTENT = b"one\ntwo\nthree\n"
_NOTE = publication.Annotation(
    path="a.py", start_line=1, end_line=2, level=publication.Level.WARNING, title="title", message="message"
)


def _change(start: int, end: int, text: str) -> candidate.Replacement:
    return candidate.Replacement(path="a.py", start=start, end=end, text=text)


@pytest.mark.parametrize(
    ("content", "change", "expected"),
    [
        (_CONTENT, _change(2, 2, "TWO\n"), b"one\nTWO\nthree\n"),
        (_CONTENT, _change(2, 3, ""), b"one\n"),
        (_CONTENT, _change(2, 1, "new\n"), b"one\nnew\ntwo\nthree\n"),
        (_CONTENT, _change(4, 3, "four\n"), b"one\ntwo\nthree\nfour\n"),
        (b"one", _change(2, 1, "two\n"), b"one\ntwo\n"),
        (b"", _change(1, 0, "new\n"), b"new\n"),
        # form feeds and lone carriage returns end no line of git's
        (b"a\x0cb\rc\r\nd\n", _change(2, 2, "D\n"), b"a\x0cb\rc\r\nD\n"),
        (b"\xff\xfe\nx\n", _change(2, 2, "é\n"), b"\xff\xfe\n\xc3\xa9\n"),
    ],
)
def test_whole_lines_are_replaced_and_all_else_stays(
    content: bytes, change: candidate.Replacement, expected: bytes
) -> None:
    assert branches.replaced(content, change) == expected


@pytest.mark.parametrize(("start", "end"), [(0, 1), (2, 4), (5, 4), (3, 1), (-1, -2)])
def test_lines_that_are_not_there_are_refused(start: int, end: int) -> None:
    with pytest.raises(errors.RefusedError, match="no longer there"):
        branches.replaced(_CONTENT, _change(start, end, "x\n"))


def test_only_the_mark_at_the_end_counts() -> None:
    hostile = "<!-- gatekeeper:deadbeef -->\nValueError: <!-- gatekeeper:cafebabe -->\n"

    assert markers.finding_of(markers.marked(hostile, markers.finding("0123abcd"))) == "0123abcd"
    assert markers.finding_of(f"{hostile}more") is None


def test_a_body_is_marked_once() -> None:
    marked = markers.marked("body", markers.finding("0123abcd"))

    assert markers.marked(marked, markers.finding("0123abcd")) == marked


@pytest.mark.parametrize("key", ["command/12/explain", "a--b", "--> <script>", "x" * 1000, "\ud800", ""])
def test_an_answer_is_found_by_its_key_whatever_the_key_is(key: str) -> None:
    body = markers.marked("answer", markers.reply(key))

    assert markers.is_reply(body, key)
    assert not markers.is_reply(body, f"{key}x")
    assert body.count("-->") == 1


def test_annotations_that_are_there_are_not_missing_however_github_trims_them() -> None:
    trimmed = publication.Annotation(
        path="a.py", start_line=1, end_line=2, level=publication.Level.WARNING, title="title", message=" message\r\n"
    )

    assert annotations.missing([trimmed], [_NOTE, _NOTE]) == [_NOTE]
    assert annotations.fits([trimmed], [_NOTE])
    assert not annotations.fits([trimmed, _NOTE], [_NOTE])
    assert not annotations.fits([None], [_NOTE])


@pytest.mark.parametrize(
    ("verb", "url", "expected"),
    [
        ("POST", "https://api.github.com/repos/octo/hello/check-runs", "POST /repos/*/*/check-runs"),
        ("GET", "https://h/api/v3/repos/o/secret/commits/abc/check-runs?page=2", "GET /repos/*/*/commits/*/check-runs"),
        ("POST", "/app/installations/7/access_tokens", "POST /app/installations/*/access_tokens"),
        ("POST", "https://h/api/graphql", "POST /graphql"),
    ],
)
def test_an_operation_has_nobodys_name(verb: str, url: str, expected: str) -> None:
    assert wire.operation(verb, url) == expected


@pytest.mark.parametrize(
    ("api", "html"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.octo.ghe.com/", "https://octo.ghe.com"),
        ("https://git.example.org/api/v3", "https://git.example.org"),
        ("http://127.0.0.1:8080/api/v3/", "http://127.0.0.1:8080"),
    ],
)
def test_the_pages_of_github_are_found_from_its_api(api: str, html: str) -> None:
    assert forge.html_url(api) == html


@pytest.mark.parametrize("address", ["", "github.com", "ftp://h/api", "https://", "https://h/api?x=1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(errors.UsageError, match="no address"):
        wire.Wire(address)


def test_a_token_never_goes_to_another_host() -> None:
    line = wire.Wire("https://git.example.org/api/v3")

    for address in ("https://evil.example/x", "http://git.example.org/x", "https://git.example.org.evil.example/x"):
        with pytest.raises(errors.UnavailableError, match="GATEKEEPER_GITHUB_API"):
            line.absolute(address)
    assert line.absolute("/app") == "https://git.example.org/api/v3/app"


def test_limits_without_a_time_double_until_an_answer_counts() -> None:
    limits = wire.Limits()
    waits = []
    for _ in range(8):
        waits.append(limits.wait(1))
        limits.tripped(1)

    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert limits.wait(2) == 60
    limits.heard(1, wire.Answer(status=200, headers={}, text=""))
    assert limits.wait(1) == 60


@pytest.mark.parametrize(
    "failure",
    [
        errors.RateLimitError("wait", 12.5),
        errors.UnavailableError("away"),
        errors.ForbiddenError("no"),
        errors.MissingError("none"),
        errors.RefusedError("invalid"),
    ],
)
def test_errors_are_the_same_on_both_sides_of_the_socket(failure: errors.ForgeError) -> None:
    arrived = exchange.failure_from_json(exchange.parsed(exchange.line(exchange.failure_to_json(failure))))

    assert type(arrived) is type(failure)
    assert str(arrived) == str(failure)
    assert getattr(arrived, "seconds", None) == getattr(failure, "seconds", None)


@pytest.mark.parametrize("data", [None, [], {}, {"a": None}, {"a": {"b": []}}, {"a": {"b": True}}, {"a": "text"}])
def test_what_is_not_as_documented_is_an_answer_that_does_not_count(data: object) -> None:
    for read in (reading.text, reading.number, reading.names, reading.moment):
        with pytest.raises(errors.UnavailableError, match=r"a\.b"):
            read(data, "a", "b")


def test_no_use_asks_for_more_than_the_app_may_be_granted() -> None:
    uses = [
        value
        for name, value in vars(permissions).items()
        if name.isupper() and name not in {"EVENTS", "MANIFEST_PERMISSIONS", "OPTIONAL_PERMISSIONS"}
    ]
    assert len(uses) > 5
    for use in uses:
        for name, level in use.items():
            most = {table[name][0] for table in _tables() if name in table}
            assert level == "read" or "write" in most, name


def test_writing_contents_is_opt_in() -> None:
    assert permissions.MANIFEST_PERMISSIONS["contents"][0] == "read"


def _tables() -> tuple[dict[str, tuple[str, str]], ...]:
    return dict(permissions.MANIFEST_PERMISSIONS), dict(permissions.OPTIONAL_PERMISSIONS)
