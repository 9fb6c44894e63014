"""What the service's processes log: one event a line, for people on a terminal and as JSON elsewhere."""

import logging
import re
from collections.abc import Sequence
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gatekeeper.report import visible

MASK = "***"
# what libraries log through loggers of their own, and would write themselves where these had no handler
_LIBRARIES = ("gunicorn.error", "gunicorn.access", "dbos")
# libraries with routine news: an event for each call or tick, and what they advertise
_QUIET = ("apscheduler", "urllib3", "werkzeug", "alembic", "github", "dbos", "httpx")

# names of values that are secret whatever they look like
_NAMES = re.compile(r"authorization|secret|password|private_?key|^token$|_token$", re.IGNORECASE)
_FORMS = re.compile(
    # GitHub's tokens; those of installations may go on as a JSON Web Token
    r"gh[pousr]_[\w.\-]{10,}|github_pat_\w{10,}"
    # Gatekeeper's own
    r"|gk_[\w\-]{20,}"
    # PEM, to its end where there is one
    r"|-----BEGIN [^-]*-----(?:(?!-----BEGIN)[\s\S])*?(?:-----END [^-]*-----|\Z)"
    # JSON Web Tokens, such as the App's own
    r"|eyJ[\w-]{10,}\.[\w-]+\.[\w-]*"
    # a header, as requests and their errors show it
    r"|(?<=authorization)[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|token|basic)\s+)?[^\s\"',}]+"
    # a password in an address
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)",
    re.IGNORECASE,
)
# of values within values
_DEPTH = 5


def configure(stream: TextIO, *, process: str, terminal: bool) -> None:
    """Let this process's log, that of libraries included, go to `stream`; secrets are masked in all of it.

    `process` is what every event says it comes from.
    """

    def name_process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {"process": process, **event}

    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        name_process,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*first, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *first], processors=_last(terminal)
        )
    )
    handler.addFilter(_is_news)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False


def masked(text: str) -> str:
    """Return `text` with what looks like a token, a key or a password replaced."""
    return _FORMS.sub(MASK, text)


def _is_news(record: logging.LogRecord) -> bool:
    # not by the loggers' levels, which these libraries set themselves
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in _QUIET


def _last(terminal: bool) -> Sequence[Processor]:  # noqa: FBT001 - private
    shown: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _mask,
    ]
    if terminal:
        return [*shown, _show, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [*shown, structlog.processors.JSONRenderer(ensure_ascii=True)]


def _mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: _masked(name, value, _DEPTH) for name, value in event.items()}


def _masked(name: str, value: object, depth: int) -> object:
    if _NAMES.search(name):
        return MASK
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return masked(value)
        case dict() if depth:
            return {str(key): _masked(str(key), inner, depth - 1) for key, inner in value.items()}
        case list() | tuple() if depth:
            return [_masked("", inner, depth - 1) for inner in value]
        case _:
            # whatever a library gives: nothing may look into it after this
            return masked(str(value))


def _show(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Make harmless what would move a terminal's cursor: branch names and the like are others' words."""
    return {
        name: "\n".join(map(visible.visible, value.split("\n"))) if isinstance(value, str) else value
        for name, value in event.items()
    }
