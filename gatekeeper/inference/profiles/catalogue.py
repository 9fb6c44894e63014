"""The profiles that there are: every module beside this one that has a PROFILE."""

import importlib
import pkgutil

from gatekeeper import errors
from gatekeeper.inference import profiles
from gatekeeper.inference.profiles import profile


def every() -> dict[str, profile.Profile]:
    """Return all profiles by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(profiles.__path__))
    modules = {name: importlib.import_module(f"{profiles.__name__}.{name}") for name in names}
    return {name: module.PROFILE for name, module in modules.items() if hasattr(module, "PROFILE")}


def named(name: str) -> profile.Profile:
    """Return the profile of that name. Raises UsageError where there is none."""
    found = every()
    if name not in found:
        raise errors.UsageError(f"there is no model profile {name!r}: choose one of {', '.join(found)}")
    return found[name]
