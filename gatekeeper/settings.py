"""What the operator decides, read once from the environment into a frozen value."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatekeeper import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The operator's settings; every field can be set by an environment variable named `GATEKEEPER_` and the field."""

    # compiled sandbox, resolved requirements, parsed symbols
    cache: Path
    # SQLAlchemy URL of the records
    database: str
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


# of a number: with more, products of limits would leave the integers of WebAssembly and of databases
LARGEST = 1_000_000


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings that `environ` asks for. Raises UsageError for a value that is not a usable number."""
    # workers have a working folder of their own
    cache = Path(environ.get("GATEKEEPER_CACHE") or _user_cache(environ)).absolute()
    data = Path(environ.get("GATEKEEPER_DATA") or _user_data(environ))
    return Settings(
        cache=cache,
        database=environ.get("GATEKEEPER_DATABASE") or f"sqlite:///{data / 'gatekeeper.sqlite'}",
        workers=_number(environ, "WORKERS", 0, least=0) or os.cpu_count() or 1,
        memory=_number(environ, "MEMORY", 1024),
        fuel=_number(environ, "FUEL", 60),
        test_seconds=_number(environ, "TEST_SECONDS", 30),
        disk=_number(environ, "DISK", 256),
        file_size=_number(environ, "FILE_SIZE", 10),
        offline=environ.get("GATEKEEPER_OFFLINE", "") not in {"", "0"},
    )


def _number(environ: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = environ.get(f"GATEKEEPER_{name}", "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > len(str(LARGEST)) or not least <= int(text) <= LARGEST:
        raise errors.UsageError(f"GATEKEEPER_{name} is {text!r}: give a whole number from {least} to {LARGEST:,}")
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
