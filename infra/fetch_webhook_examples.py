"""Writes tests/assets/webhooks/examples.json.gz: GitHub's webhook payloads as others recorded them.

They are those of the npm package below, each once with the servers whose documentation has it. Needs npm. The same
version gives the same JSON. To take another, change VERSION and INTEGRITY, which is `npm view PACKAGE@VERSION
dist.integrity`.
"""

import base64
import gzip
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "@octokit/webhooks-examples"
VERSION = "7.6.1"
INTEGRITY = "sha512-De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ=="
TARGET = Path(__file__).resolve().parent.parent / "tests/assets/webhooks/examples.json.gz"


def main() -> int:
    """Fetch the package and write the file; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["npm", "pack", "--silent", "--pack-destination", folder, f"{PACKAGE}@{VERSION}"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        archive = next(Path(folder).glob("*.tgz"))
        if _integrity(archive) != INTEGRITY:
            print(f"{PACKAGE} {VERSION} is not the archive that INTEGRITY names: it has {_integrity(archive)}")
            return 1
        content = {"package": PACKAGE, "version": VERSION, "license": "MIT", "examples": _examples(archive)}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    # without a time, so that it is the same file every time
    TARGET.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), 9, mtime=0))
    return 0


def _integrity(archive: Path) -> str:
    return f"sha512-{base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()}"


def _examples(archive: Path) -> list[dict[str, object]]:
    """Return every payload once, with its event and the servers whose documentation has it."""
    servers: dict[str, list[str]] = {}
    for server, event, payload in _listed(archive):
        having = servers.setdefault(json.dumps({"event": event, "payload": payload}), [])
        if server not in having:
            having.append(server)
    return [{"servers": having, **json.loads(example)} for example, having in servers.items()]


def _listed(archive: Path) -> Iterator[tuple[str, str, object]]:
    with tarfile.open(archive) as files:
        for member in sorted(name for name in files.getnames() if name.endswith("/index.json")):
            content = files.extractfile(member)
            assert content is not None
            for kind in json.load(content):
                for payload in kind["examples"]:
                    yield member.split("/")[1], kind["name"], payload


if __name__ == "__main__":
    sys.exit(main())
