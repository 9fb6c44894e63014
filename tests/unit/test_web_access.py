import flask
import pytest
from hypothesis import given, strategies
from werkzeug import exceptions

from gatekeeper.web import access, protection

_ADA = access.Viewer(how=access.How.SESSION, login="ada", person=1)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " /reviews",
        "javascript:alert(1)",
        "evil.example",
        "/reviews\r\nSet-Cookie: x=1",
        "/" + "a" * access.LONGEST_NEXT,
        "/ü",
        "/\x00",
        "",
    ],
)
def test_what_may_lead_elsewhere_leads_to_the_first_page(wanted: str) -> None:
    assert access.local(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/reviews?days=30&after=a~b", "/repositories/1", "/a//b", "/a?next=//b"])
def test_paths_of_this_service_stay(wanted: str) -> None:
    assert access.local(wanted) == wanted


@given(strategies.text(alphabet="/\\\t\n\r :.@?#ahtps\x00\x7fü"))
def test_what_is_left_begins_with_one_slash_alone(wanted: str) -> None:
    left = access.local(wanted)
    assert left.startswith("/")
    assert not left.startswith(("//", "/\\"))
    assert left.isprintable()


@pytest.mark.parametrize(
    ("method", "viewer", "header", "let_in"),
    [
        ("GET", access.NOBODY, None, False),
        ("GET", _ADA, None, True),
        ("HEAD", _ADA, None, True),
        ("POST", _ADA, None, False),
        ("DELETE", _ADA, None, False),
        ("GET", _ADA, "Basic YTpi", False),
        ("GET", access.NOBODY, "bearer gk_good", True),
        ("POST", access.NOBODY, "Bearer gk_good", True),
        ("POST", access.OPEN, None, False),
    ],
)
def test_programs_need_a_token_but_for_reading(
    method: str, viewer: access.Viewer, header: str | None, *, let_in: bool
) -> None:
    looking = access.Access(lambda: viewer, _only_good)
    headers = {} if header is None else {"Authorization": header}
    with flask.Flask(__name__).test_request_context(method=method, headers=headers):
        if let_in:
            looking.api()
        else:
            with pytest.raises(exceptions.Unauthorized):
                looking.api()


def test_a_form_of_who_is_signed_out_is_not_led_through_signing_in() -> None:
    looking = access.Access(lambda: access.NOBODY, _only_good)
    with flask.Flask(__name__).test_request_context("/tokens", method="POST"), pytest.raises(exceptions.Unauthorized):
        looking.page()


@pytest.mark.parametrize(
    ("current", "led"),
    [
        ("https://gate.example/reviews?days=30", "/sign-in?next=%2Freviews%3Fdays%3D30"),
        ("https://[", "/sign-in"),
        ("https://gate.example//evil.example/", "/sign-in"),
        ("", "/sign-in"),
    ],
)
def test_a_part_of_a_page_leads_the_whole_page_to_signing_in(current: str, led: str) -> None:
    looking = access.Access(lambda: access.NOBODY, _only_good)
    headers = {"HX-Request": "true", "HX-Current-URL": current}
    with flask.Flask(__name__).test_request_context("/reviews?after=x", headers=headers):
        answer = looking.page()

    assert answer is not None
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, led)


def test_who_is_looking_is_found_out_once() -> None:
    asked = []

    def browser() -> access.Viewer:
        asked.append(1)
        return _ADA

    looking = access.Access(browser, _only_good)
    with flask.Flask(__name__).test_request_context():
        assert looking.known() is None
        looking.page()
        assert looking.current() is looking.known() is _ADA
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.7"),
        ("", ""),
    ],
)
def test_attempts_are_counted_by_address_or_network(address: str, counted: str) -> None:
    with flask.Flask(__name__).test_request_context(environ_base={"REMOTE_ADDR": address}):
        found = protection.caller()

    assert found in {counted, "::ffff:c633:6407"} if address.startswith("::ffff") else found == counted


def _only_good(token: str) -> access.Viewer:
    if token != "gk_good":
        raise access.unauthorized("no")
    return _ADA
