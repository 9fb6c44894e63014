"""The scripts that make the small model, as modules."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[1] / "infra/cwm/small"
# what the others import, by their own names
_NEEDED = ("expressions", "programs")


def load(name: str) -> ModuleType:
    """Return one of the scripts as a module; each is loaded once."""
    for each in dict.fromkeys((*_NEEDED, name)):
        if each not in sys.modules:
            spec = importlib.util.spec_from_file_location(each, FOLDER / f"{each}.py")
            assert spec is not None
            assert spec.loader is not None
            sys.modules[each] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[each])
    return sys.modules[name]
