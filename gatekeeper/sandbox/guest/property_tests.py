"""Make hypothesis judge by what happens, not by how long it takes: its limits assume a faster interpreter."""

import importlib.abc
import importlib.util
import sys

PROFILE = "gatekeeper"


class Settled(importlib.abc.MetaPathFinder):
    """Settles hypothesis as soon as it is imported."""

    def find_spec(self, name, path=None, target=None):
        """Return hypothesis's own spec, with a loader that settles it after its import; None for other modules."""
        if name != "hypothesis":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                settle()

            spec.loader.exec_module = exec_module
        return spec

    def pytest_configure(self):
        """Settle again: a conftest may have loaded a profile of its own."""
        settle()

    def pytest_collection_finish(self):
        """Settle for tests that ask for the settings when they run."""
        settle()


def settle() -> None:
    """Load a profile like the current one, without deadline, database or complaints of slowness."""
    hypothesis = sys.modules.get("hypothesis")
    settings = getattr(hypothesis, "settings", None)
    if settings is None or settings.default is None:
        return
    slow = [hypothesis.HealthCheck.too_slow, *settings.default.suppress_health_check]
    settings.register_profile(
        PROFILE, parent=settings.default, deadline=None, database=None, derandomize=True, suppress_health_check=slow
    )
    settings.load_profile(PROFILE)
