import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from gatekeeper.wiring import logs

_TOKEN = "ghs_" + "a1B2" * 9
_KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIhidden\nhidden\n-----END RSA PRIVATE KEY-----"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave the process's logging as it was: pytest's own handlers included."""
    names = ("", "gunicorn.error", "gunicorn.access", "dbos")
    before = {name: (one := logging.getLogger(name), one.handlers, one.level, one.propagate) for name in names}
    yield
    for one, handlers, level, propagate in before.values():
        one.handlers, one.level, one.propagate = handlers, level, propagate
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _configured(*, terminal: bool = False) -> io.StringIO:
    stream = io.StringIO()
    structlog.reset_defaults()
    logs.configure(stream, process="web", terminal=terminal)
    return stream


def _events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_what_is_bound() -> None:
    stream = _configured()
    structlog.contextvars.bind_contextvars(delivery="72d3", review="r1")
    structlog.get_logger("gatekeeper.test").info("reviewed", tests=3, name="two\nlines")

    (event,) = _events(stream)

    assert event["event"] == "reviewed"
    assert (event["process"], event["level"], event["logger"]) == ("web", "info", "gatekeeper.test")
    assert (event["delivery"], event["review"], event["tests"]) == ("72d3", "r1", 3)
    assert event["timestamp"].endswith("Z")


def test_libraries_log_in_the_same_form() -> None:
    stream = _configured()
    for name in ("gunicorn.error", "anything"):
        logging.getLogger(name).info("Booting %s", "worker")

    assert [(event["logger"], event["event"]) for event in _events(stream)] == [
        ("gunicorn.error", "Booting worker"),
        ("anything", "Booting worker"),
    ]


def test_of_libraries_with_routine_news_only_warnings_are_kept() -> None:
    stream = _configured()
    for name in ("apscheduler.executors", "dbos", "github.Requester", "httpx"):
        logging.getLogger(name).setLevel(logging.INFO)
        logging.getLogger(name).info("news")
        logging.getLogger(name).warning("trouble")

    assert [event["event"] for event in _events(stream)] == ["trouble"] * 4


@pytest.mark.parametrize(
    "said",
    [
        f"token {_TOKEN} refused",
        f"token ghs_{'1234567'}_eyJhbGciOiJ.eyJpc3MiOiIx.hidden-hidden",
        f"key {_KEY} read",
        f"key {_KEY[:40]}hidden",
        "jwt eyJhbGciOiJSUzI1.eyJpc3MiOiIxMjM0.hidden-signature",
        "{'Authorization': 'Bearer hidden'}",
        "authorization: token hidden",
        "postgresql://gate:hidden@db/gate",
        "github_pat_11AAAhidden",
        "token gk_hidden-hidden_hidden-hidden_hidden",
    ],
)
def test_secrets_are_masked_wherever_they_stand(said: str) -> None:
    for terminal in (False, True):
        stream = _configured(terminal=terminal)
        log = structlog.get_logger("gatekeeper.test")
        log.info(said)
        log.info("named", value=said, nested={"list": [said, {"deep": said}]})
        logging.getLogger("urllib3").warning("%s", said)
        log.error("failed", exc_info=ValueError(said))

        shown = stream.getvalue()
        assert "hidden" not in shown
        assert _TOKEN not in shown
        assert shown.count("***") >= 5


def test_values_with_a_secrets_name_are_masked_whatever_they_look_like() -> None:
    stream = _configured()
    structlog.get_logger("gatekeeper.test").info(
        "named", webhook_secret="hidden", headers={"Authorization": "hidden"}, password="hidden", token="hidden"
    )

    assert "hidden" not in stream.getvalue()


def test_what_others_wrote_moves_no_cursor_on_a_terminal() -> None:
    stream = _configured(terminal=True)
    structlog.get_logger("gatekeeper.test").info("pushed", branch="a\x1b[2Jb\u202ec")

    assert "\x1b[2J" not in stream.getvalue()
    assert "\u202e" not in stream.getvalue()
    assert r"a\x1b[2Jb\u202ec" in stream.getvalue()


def test_text_without_secrets_stays_as_it_is() -> None:
    for said in ("https://gate.example/webhooks?a=b@c", "ghost_writer", "commit 0123456789abcdef", "a:b@c"):
        assert logs.masked(said) == said
