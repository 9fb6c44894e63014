"""What a published project's sources declare, as they are."""

import tarfile
from collections.abc import Callable
from pathlib import Path

from gatekeeper.sandbox.installation import needs, project
from tests.fakes.memory_tree import MemoryTree


def _tree(archive: Path) -> MemoryTree:
    files: dict[str, str | bytes] = {}
    with tarfile.open(archive) as opened:
        for member in opened.getmembers():
            source = opened.extractfile(member)
            if source is not None:
                files[member.name.partition("/")[2]] = source.read()
    return MemoryTree(files)


def test_itsdangerous_is_described_from_its_archive(source_archive: Callable[[str], Path]) -> None:
    described = project.describe(_tree(source_archive("itsdangerous-2.2.0")))

    (only,) = described.projects
    assert (only.name, only.version) == ("itsdangerous", "2.2.0")
    assert described.import_roots == ("src", "")
    chosen = needs.choose(described.declared, described.imported)
    assert [str(item) for item in chosen.requirements] == ["freezegun"]
