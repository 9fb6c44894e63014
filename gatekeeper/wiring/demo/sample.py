"""The bundled sample project, and the commits in which it grew."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources import abc

# path in the project -> content
Files = Mapping[str, bytes]

# of the test that is red on base: what it asks for was never built
_RED = b"def test_a_wide_character"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit of the base branch."""

    message: str
    # all files after it
    files: Files


# message -> paths that the commit adds
_HISTORY = {
    "Read and convert amounts": ("pyproject.toml", "src/larder/__init__.py", "amounts"),
    "Keep what is bought on a shelf": ("tests/conftest.py", "shelf"),
    "Read recipes": ("recipes",),
    "Plan meals and shopping": ("planning",),
    "Write prices, and find the cheapest packs": ("prices",),
    "Put text into columns": ("tables",),
    "Check barcodes": ("barcodes",),
    "Leave orders in a folder": ("spool",),
    "Read prices of the web": ("feed",),
    "Say what larder is": ("README.md", "docs/recipes.md"),
    "Let changes be judged before CI": (".github/gatekeeper.yml",),
}
_LAST = "Ask for tables that know wide characters"


def files() -> Files:
    """Return the project as it is at the tip of base."""
    return dict(sorted(_below(resources.files(__package__) / "project", "")))


def history() -> tuple[Commit, ...]:
    """Return the commits of base, the oldest first."""
    tip, grown, commits = files(), dict[str, bytes](), list[Commit]()
    for message, added in _HISTORY.items():
        for path in (path for name in added for path in _paths(name)):
            grown[path] = _without_red(tip[path])
        commits.append(Commit(message=message, files=dict(grown)))
    return (*commits, Commit(message=_LAST, files=tip))


def _paths(name: str) -> tuple[str, ...]:
    """Return the path itself, or those of a module and of its tests."""
    return (name,) if "." in name else (f"src/larder/{name}.py", f"tests/test_{name}.py")


def _without_red(content: bytes) -> bytes:
    start = content.find(_RED)
    if start < 0:
        return content
    return content[:start] + content[content.index(b"@pytest", start) :]


def _below(folder: abc.Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_file():
            yield path + entry.name, entry.read_bytes()
        # Python leaves compiled files beside those of an installed package
        elif entry.name != "__pycache__":
            yield from _below(entry, f"{path}{entry.name}/")
