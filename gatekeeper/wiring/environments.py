"""What each process of the service is told: no more of the operator's environment and settings than it needs."""

from collections.abc import Mapping
from typing import Literal

from gatekeeper import settings

Role = Literal["web", "worker", "broker"]

# of the operator's environment, what programs and libraries need to run at all
_NAMES = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "SHELL", "TERM", "NO_COLOR", "FORCE_COLOR"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    | {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "PYTHONPATH", "PYTHONWARNINGS", "VIRTUAL_ENV"}
)
_PREFIXES = ("LC_", "XDG_")
# the database's driver and git, and what requirements are resolved with
_OF_ROLE: Mapping[Role, tuple[str, ...]] = {"web": ("PG",), "worker": ("PG", "PIP_", "GIT_"), "broker": ()}


def of(role: Role, chosen: settings.Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process with the role, from which `settings.read` gets what the role may know.

    The web server gets the webhook secrets, the client secret and what its own keys are made from; the worker none of
    these nor the place of the App's key, but the model servers' own; the broker the key's place and no database.
    """
    passed = {name: value for name, value in environ.items() if _is_general(name, role)}
    told = {**_everyone(chosen), **_role(role, chosen)}
    return {**passed, **{f"GATEKEEPER_{name}": str(value) for name, value in told.items() if value not in {None, ""}}}


def _is_general(name: str, role: Role) -> bool:
    return name.upper() in _NAMES or name.startswith((*_PREFIXES, *_OF_ROLE[role]))


def _everyone(chosen: settings.Settings) -> dict[str, object]:
    told: dict[str, object] = {
        "CACHE": chosen.cache,
        "DATA": chosen.data,
        "BROKER": chosen.broker,
        "GITHUB_API": chosen.github_api,
    }
    if chosen.app is not None:
        told |= {"APP_ID": chosen.app.id, "APP_SLUG": chosen.app.slug, "APP_PAGE": chosen.app.page}
    return told


def _role(role: Role, chosen: settings.Settings) -> dict[str, object]:
    match role:
        case "web":
            newest, previous = (*chosen.webhook_secrets, None, None)[:2]
            return {
                **_service(chosen),
                "WEBHOOK_SECRET": newest,
                "WEBHOOK_SECRET_PREVIOUS": previous,
                "METRICS_TOKEN": chosen.metrics_token,
                "CLIENT_ID": chosen.client_id,
                "CLIENT_SECRET": chosen.client_secret,
                "WEB_KEY": chosen.web_key,
                "ADMINS": ",".join(chosen.admins),
            }
        case "worker":
            return {**_service(chosen), **_model(chosen)}
        case "broker":
            users = ",".join(map(str, chosen.broker_users))
            return {"APP_KEY_FILE": chosen.app.key_file if chosen.app else None, "BROKER_USERS": users}


def _service(chosen: settings.Settings) -> dict[str, object]:
    return {
        "DATABASE": chosen.database,
        "URL": chosen.url,
        "LISTEN": chosen.listen,
        "OFFLINE": 1 if chosen.offline else None,
        **{name.upper(): getattr(chosen, name) for name in _NUMBERS},
    }


def _model(chosen: settings.Settings) -> dict[str, object]:
    return {
        "MODEL_URL": ",".join(chosen.model_urls),
        "MODEL_PROFILE": chosen.model_profile,
        "MODEL_NAME": chosen.model_name,
        "MODEL_KEY": chosen.model_key,
        "MODEL_REQUESTS": chosen.model_requests,
        "MODEL_SECONDS": chosen.model_seconds,
        "MODEL_SAMPLES": chosen.model_samples,
    }


_NUMBERS = (
    *("workers", "memory", "fuel", "test_seconds", "disk", "file_size"),
    *("web_threads", "web_workers", "proxies", "reviews", "reviews_per_repository", "debounce", "poll_seconds"),
    *("grace", "drain", "fetch_seconds", "mirror_size", "mirrors_total", "delivery_days", "trace_days"),
)
