"""What the operator decides, read once from the environment into a frozen value."""

import json
import os
import re
import sys
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatekeeper import errors

GITHUB_API = "https://api.github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The GitHub App that this installation is."""

    # GitHub's number of the App
    id: int
    # PEM file that only the token broker reads; None in processes that may not know where it is
    key_file: Path | None = None
    # the App's name in links; empty where it is not known
    slug: str = ""
    # the App's page on GitHub; empty where it is not known
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The operator's settings; infra/settings.md lists them.

    A field is set by an environment variable named `GATEKEEPER_` and the field; those of the App also by the file
    that the setup page writes.
    """

    # compiled sandbox, resolved requirements, parsed symbols, mirrors
    cache: Path
    # SQLAlchemy URL of the records
    database: str = field(repr=False)
    # records, credentials, sockets
    data: Path = Path()
    # 0: one for each core
    workers: int = 0
    # MiB of WebAssembly memory for one interpreter
    memory: int = 1024
    # billions of WebAssembly instructions for one test
    fuel: int = 60
    # seconds of wall clock for one test: catches sleeping, which burns no fuel
    test_seconds: int = 30
    # MiB that one interpreter may write to its scratch folder
    disk: int = 256
    # MiB; larger files of a tree are not given to the sandbox
    file_size: int = 10
    # resolve requirements from the cache alone
    offline: bool = False

    # addresses of model servers that are alike, without a slash at the end; empty: there is no neural engine
    model_urls: tuple[str, ...] = ()
    # the kind of model
    model_profile: str = "cwm"
    # as the server names it; empty: the only one that it serves
    model_name: str = ""
    # what the servers ask for as a bearer token
    model_key: str = field(default="", repr=False)
    # requests in flight
    model_requests: int = 64
    # seconds that one request may take from its turn on
    model_seconds: int = 120
    # answers that are drawn for one question
    model_samples: int = 3

    # None: not set up as an App
    app: App | None = None
    # what deliveries are signed with: the newest first, then the one before it while it is being replaced
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    # the App's client id and secret, with which people sign in; empty: nobody can
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    # address of GitHub's REST API, without a slash at the end
    github_api: str = GITHUB_API
    # socket of the token broker
    broker: Path = Path("run/broker.sock")
    # numbers of the users besides its own that the broker answers to
    broker_users: tuple[int, ...] = ()

    # public address of the service without a slash at the end, for links; None: links are left out
    url: str | None = None
    # host:port that the web server listens on
    listen: str = "127.0.0.1:8000"
    # requests that one web process answers at a time
    web_threads: int = 8
    # web processes
    web_workers: int = 1
    # proxies in front of the web server whose X-Forwarded headers are believed
    proxies: int = 0
    # what /metrics asks for as a bearer token; None: it is shown to loopback and private addresses alone
    metrics_token: str | None = field(default=None, repr=False)

    # logins and GitHub's numbers of those who may see the work of the service
    admins: tuple[str, ...] = ()
    # what the web server's keys are made from; empty: a secret that it keeps in `data`
    web_key: str = field(default="", repr=False)

    # reviews at a time in one worker
    reviews: int = 1
    # reviews at a time of one repository
    reviews_per_repository: int = 1
    # seconds to wait for a further push after one that came during a review
    debounce: int = 5
    # seconds between two looks for open pull requests that no delivery told of
    poll_seconds: int = 300
    # seconds that running work gets to finish when the service is stopped
    grace: int = 25
    # seconds that the web server still answers, while it says that it is not ready, when the service is stopped
    drain: int = 1
    # MiB that the mirror of one repository may take
    mirror_size: int = 2048
    # seconds that a fetch may take
    fetch_seconds: int = 300
    # MiB that all mirrors may take
    mirrors_total: int = 20_480
    # days that deliveries are kept
    delivery_days: int = 30
    # days that traces are kept
    trace_days: int = 90


# a login, or a number, of people and of what acts for them
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})", re.ASCII)
# characters
_SHORTEST_KEY = 32
# of a number: with more, products of limits would leave the integers of WebAssembly and of databases
LARGEST = 1_000_000


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings that `environ` and the credentials file ask for. Raises UsageError for what is not usable.

    Where `environ` names an App, the file is not read: processes that must not know its secrets are told so much.
    """
    # workers have a working folder of their own
    cache = Path(environ.get("GATEKEEPER_CACHE") or _user_cache(environ)).absolute()
    data = Path(environ.get("GATEKEEPER_DATA") or _user_data(environ)).absolute()
    stored = {} if environ.get("GATEKEEPER_APP_ID") else _stored(credentials(data))
    cores = os.cpu_count() or 1
    database = _secret(environ, "DATABASE") or f"sqlite:///{data / 'gatekeeper.sqlite'}"
    return Settings(
        cache=cache,
        database=database,
        data=data,
        workers=_number(environ, "WORKERS", 0, least=0) or cores,
        memory=_number(environ, "MEMORY", 1024),
        fuel=_number(environ, "FUEL", 60),
        test_seconds=_number(environ, "TEST_SECONDS", 30),
        disk=_number(environ, "DISK", 256),
        file_size=_number(environ, "FILE_SIZE", 10),
        offline=environ.get("GATEKEEPER_OFFLINE", "") not in {"", "0"},
        model_urls=_addresses(environ.get("GATEKEEPER_MODEL_URL", "")),
        model_profile=environ.get("GATEKEEPER_MODEL_PROFILE") or "cwm",
        model_name=environ.get("GATEKEEPER_MODEL_NAME", ""),
        model_key=_key(environ),
        model_requests=_number(environ, "MODEL_REQUESTS", 64),
        model_seconds=_number(environ, "MODEL_SECONDS", 120),
        model_samples=_number(environ, "MODEL_SAMPLES", 3),
        app=_app(environ, stored, data),
        webhook_secrets=_webhook_secrets(environ, stored),
        client_id=environ.get("GATEKEEPER_CLIENT_ID") or stored.get("client_id", ""),
        client_secret=_secret(environ, "CLIENT_SECRET") or stored.get("client_secret", ""),
        github_api=_address("GITHUB_API", environ.get("GATEKEEPER_GITHUB_API") or stored.get("api") or GITHUB_API),
        broker=Path(environ.get("GATEKEEPER_BROKER") or data / "run/broker.sock").absolute(),
        broker_users=_users(environ.get("GATEKEEPER_BROKER_USERS", "")),
        url=_address("URL", said) if (said := environ.get("GATEKEEPER_URL") or stored.get("url")) else None,
        listen=_listen(environ.get("GATEKEEPER_LISTEN") or "127.0.0.1:8000"),
        web_threads=_number(environ, "WEB_THREADS", 8),
        # SQLite has one writer at a time, which threads of one process wait for best
        web_workers=_number(environ, "WEB_WORKERS", 1 if database.startswith("sqlite") else min(cores, 4)),
        proxies=_number(environ, "PROXIES", 0, least=0),
        metrics_token=_secret(environ, "METRICS_TOKEN") or None,
        admins=_admins(environ.get("GATEKEEPER_ADMINS", "")),
        web_key=_web_key(environ),
        # each of them already runs as many interpreters as there are cores
        reviews=_number(environ, "REVIEWS", max(1, cores // 2)),
        reviews_per_repository=_number(environ, "REVIEWS_PER_REPOSITORY", 1),
        debounce=_number(environ, "DEBOUNCE", 5, least=0),
        poll_seconds=_number(environ, "POLL_SECONDS", 300),
        grace=_number(environ, "GRACE", 25),
        drain=_number(environ, "DRAIN", 1, least=0),
        mirror_size=_number(environ, "MIRROR_SIZE", 2048),
        fetch_seconds=_number(environ, "FETCH_SECONDS", 300),
        mirrors_total=_number(environ, "MIRRORS_TOTAL", 20_480),
        delivery_days=_number(environ, "DELIVERY_DAYS", 30),
        trace_days=_number(environ, "TRACE_DAYS", 90),
    )


def credentials(data: Path) -> Path:
    """Return the folder below `data` that the setup page writes the App's credentials to."""
    return data / "app"


def _stored(folder: Path) -> dict[str, Any]:
    file = folder / "app.json"
    mend = "restore it, or move the folder away and create the App again"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise errors.UsageError(f"the App's credentials in {file} cannot be read: {error}: {mend}") from error
    texts = ("slug", "page", "api", "url", "webhook_secret", "client_id", "client_secret")
    if (
        not isinstance(found, dict)
        or type(found.get("id")) is not int
        or not all(isinstance(found.get(name, ""), str) for name in texts)
    ):
        raise errors.UsageError(f"{file} does not hold the App's credentials: {mend}")
    return found


def _app(environ: Mapping[str, str], stored: Mapping[str, Any], data: Path) -> App | None:
    key_file = environ.get("GATEKEEPER_APP_KEY_FILE")
    if environ.get("GATEKEEPER_APP_ID"):
        return App(
            # GitHub's numbers grow beyond what a limit may be
            id=_number(environ, "APP_ID", 0, most=2**53),
            key_file=Path(key_file).absolute() if key_file else None,
            slug=environ.get("GATEKEEPER_APP_SLUG", ""),
            page=environ.get("GATEKEEPER_APP_PAGE", ""),
        )
    if not stored:
        return None
    key = Path(key_file).absolute() if key_file else credentials(data) / "key.pem"
    return App(id=stored["id"], key_file=key, slug=stored.get("slug", ""), page=stored.get("page", ""))


def _webhook_secrets(environ: Mapping[str, str], stored: Mapping[str, Any]) -> tuple[str, ...]:
    newest = _secret(environ, "WEBHOOK_SECRET") or stored.get("webhook_secret", "")
    previous = _secret(environ, "WEBHOOK_SECRET_PREVIOUS")
    if previous and not newest:
        raise errors.UsageError(
            "GATEKEEPER_WEBHOOK_SECRET_PREVIOUS is set and GATEKEEPER_WEBHOOK_SECRET is not: set the newest one too"
        )
    return tuple(secret for secret in (newest, previous) if secret)


def _secret(environ: Mapping[str, str], name: str) -> str:
    """Return the variable's value, or the first line of the file that the variable with `_FILE` names; else empty."""
    variable = f"GATEKEEPER_{name}"
    file = environ.get(f"{variable}_FILE")
    if environ.get(variable) or not file:
        return environ.get(variable, "")
    try:
        return Path(file).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, ValueError) as error:
        raise errors.UsageError(f"{variable}_FILE names {file}, which cannot be read: {error}") from error


def _address(name: str, text: str) -> str:
    wrong = errors.UsageError(f"GATEKEEPER_{name} is {text!r}: give an address such as https://gate.example.com")
    try:
        parts = urllib.parse.urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError as error:
        raise wrong from error
    if not usable or parts.query or parts.fragment:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise errors.UsageError(f"GATEKEEPER_{name} holds a user or a password: leave them out")
    if name == "GITHUB_API" and parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise errors.UsageError(f"GATEKEEPER_{name} is {text!r}: tokens are sent there, so it must be https")
    return text.rstrip("/")


def _addresses(text: str) -> tuple[str, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    return tuple(dict.fromkeys(_address("MODEL_URL", word) for word in words))


def _key(environ: Mapping[str, str]) -> str:
    key = _secret(environ, "MODEL_KEY")
    if not (key.isascii() and key.isprintable()):
        raise errors.UsageError(
            "GATEKEEPER_MODEL_KEY holds what no header can: give the key of the model server as it is"
        )
    return key


def _listen(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not host or not colon or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise errors.UsageError(f"GATEKEEPER_LISTEN is {text!r}: give a host and a port, such as 127.0.0.1:8000")
    return text


def _users(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.isdecimal() and len(word) <= 10 for word in words):  # noqa: PLR2004 - digits of 32 bits
        raise errors.UsageError(
            f"GATEKEEPER_BROKER_USERS is {text!r}: give the numbers of users, as `id -u` says them, with commas between"
        )
    return tuple(map(int, words))


def _admins(text: str) -> tuple[str, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(_LOGIN.fullmatch(word) for word in words):
        raise errors.UsageError(
            f"GATEKEEPER_ADMINS is {text!r}: give logins on GitHub, or the numbers that GitHub gave them, with commas "
            "between"
        )
    return tuple(words)


def _web_key(environ: Mapping[str, str]) -> str:
    key = _secret(environ, "WEB_KEY")
    if key and len(key) < _SHORTEST_KEY:
        raise errors.UsageError(
            f"GATEKEEPER_WEB_KEY is shorter than {_SHORTEST_KEY} characters, so that it could be guessed: give what "
            "`openssl rand -hex 32` prints"
        )
    return key


def _number(environ: Mapping[str, str], name: str, default: int, least: int = 1, most: int = LARGEST) -> int:
    text = environ.get(f"GATEKEEPER_{name}", "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
        raise errors.UsageError(f"GATEKEEPER_{name} is {text!r}: give a whole number from {least} to {most:,}")
    return int(text)


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def _user_cache(environ: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return _home(environ) / "Library/Caches/gatekeeper"
    return Path(environ.get("XDG_CACHE_HOME") or _home(environ) / ".cache") / "gatekeeper"


def _user_data(environ: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return _home(environ) / "Library/Application Support/gatekeeper"
    return Path(environ.get("XDG_DATA_HOME") or _home(environ) / ".local/share") / "gatekeeper"
