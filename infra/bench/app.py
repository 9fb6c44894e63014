"""Time what an author waits for, with a real `gatekeeper serve` beside a GitHub of the tests' own, on this machine.

    infra/bench/app.py ARCHIVE PATH OLD NEW [--runs 3]

From a pull request to its queued check, its verdict and its comments; from a push to the end of the review that it
supersedes. ARCHIVE is a source archive (`pip download --no-deps --no-binary :all: humanize==4.13.0`), PATH a file in
it, in which the pull request replaces OLD by NEW, once, and breaks a test; for example: src/humanize/filesize.py
"abs_bytes < base" "abs_bytes <= base"
"""

import argparse
import os
import sys
import tarfile
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from gatekeeper import settings  # noqa: E402 - the working copy's own tests are used
from tests.acceptance import service as services  # noqa: E402
from tests.acceptance import serving  # noqa: E402
from tests.fakes.github import state  # noqa: E402

_BLOCK = "authority: block\nearn: false\n"
_LIBRARY = {
    "pack.py": "def add(a, b):\n    return a + b\n",
    "tests/test_pack.py": "import pack\n\n\ndef test_add():\n    assert pack.add(1, 2) == 3\n",
}
_ENDLESS = {"pack.py": "def add(a, b):\n    while True: pass\n"}
# seconds in which a fresh service comes to rest, and an endless test is surely running
_REST, _RUNNING = 4.0, 2.0


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("archive", "path", "old", "new"):
        parser.add_argument(name)
    parser.add_argument("--runs", type=int, default=3, help="how often each is timed (default: 3)")
    given = parser.parse_args()
    files = _files(Path(given.archive))
    changed = files[given.path].decode().replace(given.old, given.new, 1)
    if changed == files[given.path].decode():
        raise SystemExit(f"app: {given.path} does not hold {given.old!r}")
    cache = settings.read(os.environ).cache
    with (
        tempfile.TemporaryDirectory() as folder,
        services.started(Path(folder), cache, GATEKEEPER_OFFLINE="0", GATEKEEPER_FUEL="60") as service,
    ):
        time.sleep(_REST)
        for number in range(given.runs):
            print(_opened(service, f"bench/library-{number}", files, {given.path: changed}), flush=True)
        for number in range(given.runs):
            print(_superseded(service, f"bench/endless-{number}"), flush=True)


def _files(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as opened:
        members = ((member.name.partition("/")[2], opened.extractfile(member)) for member in opened)
        return {path: content.read() for path, content in members if content}


def _opened(service: services.Service, name: str, files: dict[str, bytes], change: dict[str, str]) -> str:
    repository = service.repository(name, {**files, ".github/gatekeeper.yml": _BLOCK})
    service.world.push(repository, "topic", dict(change))
    began = time.monotonic()
    pull = service.world.open_pull(repository, "topic", author="ada")
    service.wait(lambda: service.world.runs_at(repository, pull.head_sha, service.app))
    queued = time.monotonic() - began
    run = service.completed(repository, pull.head_sha, "failure")
    verdict = time.monotonic() - began
    comments = service.wait(lambda: list(pull.review_comments.values()))
    commented = time.monotonic() - began
    suggested = sum("```suggestion" in comment.body for comment in comments)
    return (
        f"queued {queued:.2f} s, verdict {verdict:.2f} s, commented {commented:.2f} s: {run.title}; "
        f"annotations {len(run.annotations)}, comments {len(comments)}, with a suggestion {suggested}"
    )


def _superseded(service: services.Service, name: str) -> str:
    repository = service.repository(name, {**_LIBRARY, ".github/gatekeeper.yml": _BLOCK})
    service.world.push(repository, "topic", dict(_ENDLESS))
    pull = service.world.open_pull(repository, "topic", author="ada")
    first = pull.head_sha
    service.wait(lambda: _status(service, repository, first) == "in_progress")
    time.sleep(_RUNNING)
    sandbox = [number for number, command in service.processes().items() if "gatekeeper.sandbox" in command]
    assert sandbox, service.processes()
    began = time.monotonic()
    second = service.world.push(repository, "topic", {"pack.py": "def add(a, b):\n    return b + a\n"})
    service.completed(repository, first, "cancelled")
    closed = time.monotonic() - began
    service.until(lambda: not any(map(serving.lives, sandbox)), "the end of the superseded review's sandbox")
    ended = time.monotonic() - began
    service.completed(repository, second, "success")
    verdict = time.monotonic() - began
    return f"superseded check closed {closed:.2f} s, its sandbox ended {ended:.2f} s, next verdict {verdict:.2f} s"


def _status(service: services.Service, repository: state.Repository, sha: str) -> str | None:
    return next((run.status for run in service.world.runs_at(repository, sha, service.app)), None)


if __name__ == "__main__":
    main()
