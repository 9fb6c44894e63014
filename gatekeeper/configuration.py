"""What a repository's maintainers decide, in `.github/gatekeeper.yml` of the base branch."""

import fnmatch
from dataclasses import dataclass, field
from enum import StrEnum

from gatekeeper import errors
from gatekeeper.diffs import tree
from gatekeeper.simulation import engine as engines
from gatekeeper.verdicts import verdict

PATH = ".github/gatekeeper.yml"


class Dependencies(StrEnum):
    """Whose declared requirements are granted to the tests."""

    BASE = "base"
    # those that the pull request adds as well
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The maintainers' decisions; the defaults hold where the file or a key is absent."""

    policy: verdict.Policy = field(default_factory=verdict.Policy)
    # shell patterns of paths whose changes do not count; `*` matches `/` too
    ignore: tuple[str, ...] = ()
    dependencies: Dependencies = Dependencies.BASE
    engine: str = "sandbox"
    budget: engines.Budget = field(default_factory=engines.Budget)

    def ignores(self, path: str) -> bool:
        """Whether a change of `path` does not count."""
        return any(fnmatch.fnmatchcase(path, pattern) for pattern in self.ignore)


def read(base: tree.Tree) -> Configuration:
    """Return the configuration in the tree of base's tip. Raises ConfigurationError with every problem in it."""
    entry = base.entries.get(PATH)
    if entry is None:
        return Configuration()
    if entry.mode not in {tree.Mode.FILE, tree.Mode.EXECUTABLE}:
        raise errors.ConfigurationError(f"{PATH}: a link, and only a file is allowed")
    # pydantic and yaml take 0.2 s to import, which only a repository with the file has to pay
    from gatekeeper import configurationfile

    try:
        given = configurationfile.parse(base.read(PATH), PATH)
    except errors.ConfigurationError as problem:
        raise errors.ConfigurationError(
            f"{problem}\nThis is the file of base, which holds for every change: mend it there first."
        ) from problem
    return Configuration(
        policy=verdict.Policy(bar=given.bar, min_analysed=given.min_analysed),
        ignore=tuple(given.ignore),
        dependencies=Dependencies(given.dependencies),
        engine=given.engine,
        budget=engines.Budget(tests=given.budget.tests, seconds=given.budget.seconds),
    )
