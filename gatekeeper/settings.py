"""What the operator decides, read once from the environment into a frozen value."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatekeeper import errors, variables

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


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings that `environ` and the credentials file ask for. Raises UsageError for what is not usable.

    Where `environ` names an App, the file is not read: processes that must not know its secrets are told so much.
    """
    # workers have a working folder of their own
    cache = Path(environ.get("GATEKEEPER_CACHE") or _user_cache(environ)).absolute()
    data = Path(environ.get("GATEKEEPER_DATA") or _user_data(environ)).absolute()
    stored = {} if environ.get("GATEKEEPER_APP_ID") else _stored(credentials(data))
    cores = os.cpu_count() or 1
    database = variables.secret(environ, "DATABASE") or f"sqlite:///{data / 'gatekeeper.sqlite'}"
    return Settings(
        cache=cache,
        database=database,
        data=data,
        workers=variables.number(environ, "WORKERS", 0, least=0) or cores,
        memory=variables.number(environ, "MEMORY", 1024),
        fuel=variables.number(environ, "FUEL", 60),
        test_seconds=variables.number(environ, "TEST_SECONDS", 30),
        disk=variables.number(environ, "DISK", 256),
        file_size=variables.number(environ, "FILE_SIZE", 10),
        offline=environ.get("GATEKEEPER_OFFLINE", "") not in {"", "0"},
        model_urls=variables.addresses(environ.get("GATEKEEPER_MODEL_URL", "")),
        model_profile=environ.get("GATEKEEPER_MODEL_PROFILE") or "cwm",
        model_name=environ.get("GATEKEEPER_MODEL_NAME", ""),
        model_key=variables.model_key(variables.secret(environ, "MODEL_KEY")),
        model_requests=variables.number(environ, "MODEL_REQUESTS", 64),
        model_seconds=variables.number(environ, "MODEL_SECONDS", 120),
        model_samples=variables.number(environ, "MODEL_SAMPLES", 3),
        app=_app(environ, stored, data),
        webhook_secrets=_webhook_secrets(environ, stored),
        client_id=environ.get("GATEKEEPER_CLIENT_ID") or stored.get("client_id", ""),
        client_secret=variables.secret(environ, "CLIENT_SECRET") or stored.get("client_secret", ""),
        github_api=variables.address(
            "GITHUB_API", environ.get("GATEKEEPER_GITHUB_API") or stored.get("api") or GITHUB_API
        ),
        broker=Path(environ.get("GATEKEEPER_BROKER") or data / "run/broker.sock").absolute(),
        broker_users=variables.users(environ.get("GATEKEEPER_BROKER_USERS", "")),
        url=variables.address("URL", said) if (said := environ.get("GATEKEEPER_URL") or stored.get("url")) else None,
        listen=variables.listen(environ.get("GATEKEEPER_LISTEN") or "127.0.0.1:8000"),
        web_threads=variables.number(environ, "WEB_THREADS", 8),
        # SQLite has one writer at a time, which threads of one process wait for best
        web_workers=variables.number(environ, "WEB_WORKERS", 1 if database.startswith("sqlite") else min(cores, 4)),
        proxies=variables.number(environ, "PROXIES", 0, least=0),
        metrics_token=variables.secret(environ, "METRICS_TOKEN") or None,
        admins=variables.admins(environ.get("GATEKEEPER_ADMINS", "")),
        web_key=variables.web_key(variables.secret(environ, "WEB_KEY")),
        # each of them already runs as many interpreters as there are cores
        reviews=variables.number(environ, "REVIEWS", max(1, cores // 2)),
        reviews_per_repository=variables.number(environ, "REVIEWS_PER_REPOSITORY", 1),
        debounce=variables.number(environ, "DEBOUNCE", 5, least=0),
        poll_seconds=variables.number(environ, "POLL_SECONDS", 300),
        grace=variables.number(environ, "GRACE", 25),
        drain=variables.number(environ, "DRAIN", 1, least=0),
        mirror_size=variables.number(environ, "MIRROR_SIZE", 2048),
        fetch_seconds=variables.number(environ, "FETCH_SECONDS", 300),
        mirrors_total=variables.number(environ, "MIRRORS_TOTAL", 20_480),
        delivery_days=variables.number(environ, "DELIVERY_DAYS", 30),
        trace_days=variables.number(environ, "TRACE_DAYS", 90),
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
            id=variables.number(environ, "APP_ID", 0, most=2**53),
            key_file=Path(key_file).absolute() if key_file else None,
            slug=environ.get("GATEKEEPER_APP_SLUG", ""),
            page=environ.get("GATEKEEPER_APP_PAGE", ""),
        )
    if not stored:
        return None
    key = Path(key_file).absolute() if key_file else credentials(data) / "key.pem"
    return App(id=stored["id"], key_file=key, slug=stored.get("slug", ""), page=stored.get("page", ""))


def _webhook_secrets(environ: Mapping[str, str], stored: Mapping[str, Any]) -> tuple[str, ...]:
    newest = variables.secret(environ, "WEBHOOK_SECRET") or stored.get("webhook_secret", "")
    previous = variables.secret(environ, "WEBHOOK_SECRET_PREVIOUS")
    if previous and not newest:
        raise errors.UsageError(
            "GATEKEEPER_WEBHOOK_SECRET_PREVIOUS is set and GATEKEEPER_WEBHOOK_SECRET is not: set the newest one too"
        )
    return tuple(secret for secret in (newest, previous) if secret)


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
