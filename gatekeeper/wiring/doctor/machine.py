"""What this machine must have: programs, space, the sandbox, the records, the credentials."""

import platform
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy

from gatekeeper import errors, settings
from gatekeeper.sandbox import component
from gatekeeper.store import census, database, schema
from gatekeeper.wiring import broker
from gatekeeper.wiring.doctor import found

# the first with partial fetches as they are used here, and safe by default
_GIT = (2, 30)
# bytes
_SCARCE, _SPARSE = 200 << 20, 2 << 30
_SECONDS = 10


def programs() -> Iterator[found.Found]:
    """Yield what there is to say of Python and git."""
    yield found.ok("python", f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    try:
        done = subprocess.run(
            ["git", "--version"], capture_output=True, text=True, check=True, timeout=_SECONDS, errors="replace"
        )
    except (OSError, subprocess.SubprocessError):
        yield found.fail("git", "git cannot be run", "install git: pull requests are fetched with it")
        return
    said = done.stdout.strip()[:100]
    number = re.search(r"(\d+)\.(\d+)", said)
    if number and (int(number[1]), int(number[2])) < _GIT:
        yield found.warn("git", f"{said} is old", "install git 2.30 or later")
    else:
        yield found.ok("git", said)


def space(chosen: settings.Settings) -> Iterator[found.Found]:
    """Yield how much room there is for data and caches."""
    for name, folder in {"data": chosen.data, "cache": chosen.cache}.items():
        there = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(there).free
        said = f"{free / (1 << 30):,.1f} GiB free for {folder}"
        mend = f"free some space, or name another folder in GATEKEEPER_{name.upper()}"
        if free < _SCARCE:
            yield found.fail(f"{name} folder", said, mend)
        elif free < _SPARSE:
            yield found.warn(f"{name} folder", said, mend)
        else:
            yield found.ok(f"{name} folder", said)


def sandbox(chosen: settings.Settings) -> Iterator[found.Found]:
    """Yield whether the sandbox is built."""
    if any((chosen.cache / "sandbox").glob(f"*{component.digest()}*")):
        yield found.ok("sandbox", "built")
    else:
        yield found.warn("sandbox", "not built yet", "nothing: the first review builds it, which takes a minute")


def records(chosen: settings.Settings, now: datetime) -> Iterator[found.Found]:
    """Yield how the database is, and who works with it; changes nothing."""
    try:
        url = sqlalchemy.make_url(chosen.database)
        file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        if file is not None and not file.exists():
            yield found.warn("database", f"{file} does not exist yet", "nothing: `gatekeeper serve` makes it")
            return
        # SQLite would otherwise be brought up to date by opening it
        read = f"sqlite:///file:{file}?mode=ro&uri=true" if file else url
        engine = sqlalchemy.create_engine(read, poolclass=sqlalchemy.NullPool)
    except (sqlalchemy.exc.SQLAlchemyError, ModuleNotFoundError, ValueError) as error:
        yield found.fail("database", f"it cannot be opened: {error}", "check GATEKEEPER_DATABASE")
        return
    try:
        with database.explained(url):
            schema.require_current(engine)
            yield found.ok("database", f"{url.render_as_string(hide_password=True)} has the newest schema")
            yield from _workers(engine, now)
    except errors.StoreError as error:
        yield found.fail("database", str(error), "see `gatekeeper db upgrade --help`")


def _workers(engine: sqlalchemy.Engine, now: datetime) -> Iterator[found.Found]:
    taken = census.take(engine, now)
    if taken.workers:
        yield found.ok("workers", f"{taken.workers} heard of within a minute")
    else:
        yield found.fail(
            "workers", "none was heard of within a minute", "start `gatekeeper serve` or `gatekeeper work`"
        )


def credentials(chosen: settings.Settings) -> Iterator[found.Found]:
    """Yield whether the App's credentials are there, and whether others may read them."""
    app = chosen.app
    if app is None:
        yield found.fail("App", "none is set up", "run `gatekeeper serve` and open the page that it names")
        return
    yield found.ok("App", f"{app.slug or 'number'} {app.id}")
    yield _key(app.key_file)
    folder = settings.credentials(chosen.data)
    if folder.is_dir() and folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield found.fail("credentials", f"others may look into {folder}", f"run `chmod 700 {folder}`")
    if chosen.webhook_secrets:
        yield found.ok("webhook secret", f"{len(chosen.webhook_secrets)} accepted")
    else:
        yield found.warn(
            "webhook secret", "not set", "set GATEKEEPER_WEBHOOK_SECRET, unless you run `gatekeeper serve --poll`"
        )


def _key(file: Path | None) -> found.Found:
    if file is None:
        return found.ok("private key", "not named here; a token broker has it")
    try:
        mode = file.stat().st_mode
    except OSError as error:
        return found.warn(
            "private key",
            f"{file}: {error.strerror}",
            "check GATEKEEPER_APP_KEY_FILE, unless another user's broker has it",
        )
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return found.fail("private key", f"others may read {file}", f"run `chmod 600 {file}`")
    return found.ok("private key", f"{file}, for its owner alone")


def token_broker(chosen: settings.Settings) -> found.Found:
    """Return whether the token broker answers."""
    if broker.answers(chosen.broker):
        return found.ok("token broker", f"answers on {chosen.broker}")
    return found.fail(
        "token broker", f"does not answer on {chosen.broker}", "start `gatekeeper serve` or `gatekeeper broker`"
    )
