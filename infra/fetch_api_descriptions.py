"""Writes tests/assets/github: the parts of GitHub's published API descriptions that tests/fakes/github serves.

REST and webhooks come from the npm package @octokit/openapi, GraphQL from @octokit/graphql-schema. Versions and
digests are given below; run it again after a change of either, or of what the double serves.
"""

import base64
import gzip
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests/assets/github"
REST = (
    "@octokit/openapi",
    "23.0.2",
    "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
)
GRAPHQL = (
    "@octokit/graphql-schema",
    "15.26.1",
    "RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
)
Json = dict[str, Any]
HEADER = f"# The part of {GRAPHQL[0]} {GRAPHQL[1]} that tests use; its licence is in LICENSE.graphql-schema.\n\n"
# kept of a description: what it demands, not what it explains
PROSE = ("description", "summary", "example", "examples", "externalDocs", "x-github", "tags", "operationId", "title")


def main() -> int:
    """Fetch both packages and write what is used of them."""
    sys.path.insert(0, str(ROOT))
    from tests.fakes.github import events, graphschema, service, templates, world

    with tempfile.TemporaryDirectory() as folder:
        app = service.create_app(world.World(Path(folder)))
        rest = json.loads(_fetched(Path(folder), *REST, "generated/api.github.com.json"))
        used = _pruned(rest, templates.operations(app), events.KINDS)
        content = json.dumps(used, indent=0, sort_keys=True).encode()
        (TARGET / "openapi.json.gz").write_bytes(gzip.compress(content, mtime=0))
        schema = _fetched(Path(folder), *GRAPHQL, "schema.graphql").decode()
        (TARGET / "schema.graphql").write_text(HEADER + graphschema.pruned(schema))
    return 0


def _fetched(folder: Path, name: str, version: str, digest: str, member: str) -> bytes:
    """Return a file of the package, whose archive must have the digest; keep the package's licence."""
    words = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{name}@{version}"]
    archive = folder / subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != digest:
        raise SystemExit(f"{name} {version} has another digest than the one listed: {found}")
    with tarfile.open(archive) as files:
        (licence,) = (one for one in files.getnames() if "/LICENSE" in one)
        for source, target in ((licence, f"LICENSE.{name.partition('/')[2]}"), (f"package/{member}", "")):
            member_file = files.extractfile(source)
            assert member_file is not None
            content = member_file.read()
            if target:
                (TARGET / target).write_bytes(content)
    return content


def _pruned(document: Json, operations: list[tuple[str, str]], events: tuple[str, ...]) -> Json:
    """Return the document with these operations and events, and what they refer to."""
    paths: Json = {}
    for method, route in operations:
        described = document["paths"].get(route, {})
        if method not in described:
            raise SystemExit(f"GitHub's description has no {method} {route}, which the double serves")
        paths.setdefault(route, {})[method] = _bare(described[method])
    hooks = {name: _bare(document["x-webhooks"][name]) for name in events}
    used = {"openapi": document["openapi"], "info": document["info"], "paths": paths, "x-webhooks": hooks}
    return {**used, "components": _components(document, used)}


def _components(document: Json, used: Json) -> Json:
    found: Json = {}
    waiting = _references(used)
    while waiting:
        reference = waiting.pop()
        kind, name = reference.removeprefix("#/components/").split("/")
        if name not in found.setdefault(kind, {}):
            found[kind][name] = _bare(document["components"][kind][name])
            waiting += _references(found[kind][name])
    return found


def _references(part: object) -> list[str]:
    if isinstance(part, list):
        return [one for item in part for one in _references(item)]
    if not isinstance(part, dict):
        return []
    here = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return here + [one for value in part.values() for one in _references(value)]


def _bare(part: object, *, named: bool = False) -> object:
    """Return the part without prose; `named` says that its keys are names of properties."""
    if isinstance(part, list):
        return [_bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    kept = part if named else {name: value for name, value in part.items() if name not in PROSE}
    return {name: _bare(value, named=not named and name in ("properties", "schemas")) for name, value in kept.items()}


if __name__ == "__main__":
    sys.exit(main())
