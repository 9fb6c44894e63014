"""What a repository's maintainers decide, in `.github/gatekeeper.yml` of the base branch."""

import fnmatch
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper import errors
from gatekeeper.accuracy import earning as earnings
from gatekeeper.diffs import tree
from gatekeeper.simulation import cascade as cascades
from gatekeeper.simulation import engine as engines
from gatekeeper.verdicts import authority as authorities
from gatekeeper.verdicts import verdict

if TYPE_CHECKING:
    from gatekeeper import configurationkeys

PATH = ".github/gatekeeper.yml"
# patterns that a reason repeats
_SHOWN = 3


class Dependencies(StrEnum):
    """Whose declared requirements are granted to the tests."""

    BASE = "base"
    # those that the pull request adds as well
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Labels of pull requests that decide whether one is reviewed; upper and lower case are the same."""

    # all of them must be there
    require: tuple[str, ...] = ()
    # none of them may be there
    skip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What is written on a pull request's lines."""

    # most comments on lines in one review; the others are in the summary
    limit: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """How the sandbox and a model share the work, where `engine` is `cascade`."""

    # None: by what each was measured to cost
    order: cascades.Order | None = None
    # share of the tests that the model, asked first, expects to pass which the sandbox runs all the same
    spot_checks: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Ci:
    """The repository's own tests."""

    # shell patterns of the names of checks that run tests; empty: those in which a test report is seen
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The maintainers' decisions; the defaults hold where the file or a key is absent.

    Patterns are the shell's, of the whole name, and `*` matches `/` too.
    """

    # the ceiling: what is earned may be less
    authority: authorities.Authority = authorities.Authority.SHADOW
    # whether the measured precision decides how much of the ceiling is used; else all of it is
    earn: bool = True
    earning: earnings.Terms = field(default_factory=earnings.Terms)
    # share of the reviews in `block` that are published after CI has ended
    held_back: float = 0.05
    on_not_analysed: authorities.OnNotAnalysed = authorities.OnNotAnalysed.NEUTRAL
    policy: verdict.Policy = field(default_factory=verdict.Policy)
    # patterns of paths whose changes do not count
    ignore: tuple[str, ...] = ()
    # patterns of paths; a pull request that touches none of them is not reviewed
    paths: tuple[str, ...] = ("*",)
    # patterns of base branches, without `refs/heads/`
    branches: tuple[str, ...] = ("*",)
    # whether drafts are reviewed
    drafts: bool = False
    labels: Labels = field(default_factory=Labels)
    comments: Comments = field(default_factory=Comments)
    dependencies: Dependencies = Dependencies.BASE
    engine: str = "sandbox"
    cascade: Cascade = field(default_factory=Cascade)
    budget: engines.Budget = field(default_factory=engines.Budget)
    # probability of not halting from which on a function fails the check in `block`; None: never
    halting_at: float | None = None
    ci: Ci = field(default_factory=Ci)

    def ignores(self, path: str) -> bool:
        """Whether a change of `path` does not count."""
        return _matches(path, self.ignore)


def applies(
    configuration: Configuration,
    *,
    base_ref: str,
    draft: bool = False,
    labels: Collection[str] | None = None,
    paths: Collection[str] = (),
) -> str | None:
    """Return why a pull request is not reviewed, as a sentence without an end, or None where it is.

    `base_ref`: the base branch's name. `labels`: None for a merge group, which has none. `paths`: all that the change
    touches; an empty change is reviewed. The reason names nothing that the pull request's author wrote.
    """
    branch = base_ref.removeprefix("refs/heads/")
    if not _matches(branch, configuration.branches):
        return f"its base branch is {branch}, and `branches` in {PATH} is {_list(configuration.branches)}"
    if draft and not configuration.drafts:
        return f"it is a draft, and `drafts` in {PATH} is false"
    if labels is not None and (why := _labelled(configuration.labels, labels)):
        return why
    if paths and not any(_matches(path, configuration.paths) for path in paths):
        return f"it changes nothing that `paths` in {PATH} names: {_list(configuration.paths)}"
    return None


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
        return from_file(configurationfile.parse(base.read(PATH), PATH))
    except errors.ConfigurationError as problem:
        raise errors.ConfigurationError(
            f"{problem}\nThis is the file of base, which holds for every change: mend it there first."
        ) from problem


def from_file(given: "configurationkeys.File") -> Configuration:
    """Return the configuration that the file's values make."""
    return Configuration(
        authority=authorities.Authority(given.authority),
        earn=given.earn,
        earning=earnings.Terms(
            pulls=given.earning.pulls,
            advise=given.earning.advise,
            block=given.earning.block,
            margin=given.earning.margin,
        ),
        held_back=given.earning.held_back,
        on_not_analysed=authorities.OnNotAnalysed(given.on_not_analysed),
        policy=verdict.Policy(bar=given.bar, min_analysed=given.min_analysed),
        ignore=tuple(given.ignore),
        paths=tuple(given.paths),
        branches=tuple(given.branches),
        drafts=given.drafts,
        labels=Labels(require=tuple(given.labels.require), skip=tuple(given.labels.skip)),
        comments=Comments(limit=given.comments.limit),
        dependencies=Dependencies(given.dependencies),
        engine=given.engine,
        cascade=_cascade(given.cascade),
        budget=engines.Budget(tests=given.budget.tests, seconds=given.budget.seconds, tokens=given.budget.tokens),
        halting_at=given.halting.block_at,
        ci=Ci(checks=tuple(given.ci.checks)),
    )


def _cascade(given: "configurationkeys.Cascade") -> Cascade:
    order = None if given.order == "auto" else cascades.Order(given.order)
    return Cascade(order=order, spot_checks=given.spot_checks)


def _matches(name: str, patterns: Collection[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _labelled(asked: Labels, labels: Collection[str]) -> str | None:
    there = {label.casefold() for label in labels}
    for label in asked.skip:
        if label.casefold() in there:
            return f"it has the label {label}, which `labels.skip` in {PATH} names"
    for label in asked.require:
        if label.casefold() not in there:
            return f"it lacks the label {label}, which `labels.require` in {PATH} names"
    return None


def _list(patterns: Collection[str]) -> str:
    shown = list(patterns)[:_SHOWN]
    more = f" and {len(patterns) - _SHOWN} more" if len(patterns) > _SHOWN else ""
    return ", ".join(shown) + more
