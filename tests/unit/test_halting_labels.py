import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests import line_limit

_FOLDER = Path(__file__).resolve().parent.parent / "assets/halting"
_LABELS = tomllib.loads((_FOLDER / "labels.toml").read_text())["function"]
_LINES = 40_000


def _ends(label: dict[str, Any]) -> bool:
    """Whether the label's call ends, with a value or an error of its own, within many lines and the stack."""
    names: dict[str, Any] = {}
    exec(compile((_FOLDER / label["file"]).read_text(), label["file"], "exec"), names)
    try:
        with line_limit.at_most(_LINES):
            eval(label["call"], names)
    except (line_limit.TooLongError, RecursionError):
        return False
    except OSError:
        return True
    return True


@pytest.mark.parametrize("label", _LABELS, ids=lambda label: label["name"])
def test_the_call_that_a_label_names_bears_it_out(label: dict[str, Any]) -> None:
    assert _ends(label) == label["halts"]


def test_half_of_the_labelled_functions_do_not_halt_and_no_two_are_the_same() -> None:
    assert sum(label["halts"] for label in _LABELS) * 2 == len(_LABELS) >= 100
    assert len({(label["file"], label["name"]) for label in _LABELS}) == len(_LABELS)
