import re
from pathlib import Path

from gatekeeper import settings
from gatekeeper.forge import permissions

_ROOT = Path(__file__).resolve().parents[2]


def _rows(text: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip("`") for cell in row[:1]] + row[1:] for row in rows if row[0].startswith("`")]


def test_every_setting_is_in_the_table_and_no_other() -> None:
    source = Path(settings.__file__).read_text()
    read = {
        *re.findall(r'GATEKEEPER_([A-Z_]+)"', source),
        *re.findall(r'\.(?:number|secret)\(environ, "(\w+)"', source),
    }

    listed = [row[0].removeprefix("GATEKEEPER_") for row in _rows((_ROOT / "infra/settings.md").read_text())]

    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == read


def test_defaults_in_the_table_are_those_of_the_program(tmp_path: Path) -> None:
    chosen = settings.read({"HOME": str(tmp_path)})

    for row in _rows((_ROOT / "infra/settings.md").read_text()):
        name, default = row[0].removeprefix("GATEKEEPER_").lower(), row[1].partition(";")[0]
        if default.isdecimal() and hasattr(chosen, name):
            assert getattr(chosen, name) == int(default), name


def test_the_page_on_permissions_says_what_is_asked_for() -> None:
    asked, _, events = (_ROOT / "infra/permissions.md").read_text().partition("## Events")
    tables = {**permissions.MANIFEST_PERMISSIONS}
    optional = permissions.OPTIONAL_PERMISSIONS

    rows = [(name, level, used) for name, level, used, _ in _rows(asked)]

    assert rows == [
        *((name, level, why) for name, (level, why) in sorted(tables.items())),
        *((name, level, why) for name, (level, why) in sorted(optional.items())),
    ]
    assert [row[0] for row in _rows(events)] == list(permissions.EVENTS)
