"""What is offered beyond a verdict: looked for in a review that is at hand, or in one that was recorded."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gatekeeper import configuration, errors, offers, review, settings
from gatekeeper.diffs import diff, parse
from gatekeeper.git import comparison, difftext, repository
from gatekeeper.impact import selection
from gatekeeper.sandbox import engine
from gatekeeper.simulation import prediction
from gatekeeper.wiring import carried, engines, pool, progress, spaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a review found, and what it was found with."""

    opened: repository.Repository
    compared: comparison.Comparison
    configured: configuration.Configuration
    # without what the configuration ignores
    change: diff.Diff
    tests: selection.Selection
    said: Sequence[prediction.Prediction]
    used: engines.Wired
    shown: progress.Progress
    cancelled: Callable[[], bool]


def look(found: Found, searching: float | None = None) -> offers.Offers:
    """Return what the failures are due to, and the fixes that hold when tried; nothing where nothing can be run.

    `searching`: seconds in which nothing is tried on all tests yet; None: the usual. What could not be done is noted
    with the engine.
    """
    sandbox = found.used.sandbox
    if sandbox is None:
        return offers.Offers()
    from gatekeeper.repair import mending
    from gatekeeper.wiring import fixing

    found.shown.step("trying fixes")
    broken = fixing.Broken(
        objects=found.opened.objects,
        before=found.compared.before,
        after=found.compared.after,
        head=found.opened.tree(found.compared.subject.head),
        change=found.change,
        tests=found.tests,
        said=found.said,
        policy=found.configured.policy,
        sandbox=sandbox,
        cancelled=found.cancelled,
    )
    try:
        return fixing.search(broken, searching=mending.SEARCHING if searching is None else searching)
    except errors.SandboxError as problem:
        # the verdict holds all the same
        sandbox.notes += (f"no fix was tried: {problem}",)
        return offers.Offers()


def of_recorded(
    done: review.Review,
    known: offers.Offers,
    folder: Path,
    chosen: settings.Settings,
    shown: progress.Progress,
    cancelled: Callable[[], bool],
    note: Callable[[str], object],
) -> carried.Carried | None:
    """Look once more at what a recorded review found in the repository at `folder`, for what can be offered.

    Where something is `known` already, that is taken. None where the trees are not what they were. `note` is
    told what looked wrong. Raises GatekeeperError.
    """
    with contextlib.ExitStack() as stack:
        wanted = known == offers.Offers() and done.engine in engines.RUNNING
        workers = stack.enter_context(pool.Pool(chosen, shown, wanted=wanted))
        opened, subject = repository.open_repository(folder), done.subject
        compared = comparison.compare(opened, subject.base, subject.head, subject.judged)
        if (compared.before.id, compared.after.id) != (subject.before, subject.after):
            return None
        configured = configuration.read(compared.base)
        if known == offers.Offers():
            made = stack.enter_context(
                contextlib.closing(spaces.of(opened, compared, configured, chosen, workers, shown.step))
            )
            found = _again(done, opened, compared, configured, shown, cancelled, (chosen, workers, made))
            known = look(found)
            for noted in found.used.notes():
                note(noted)
    return carried.Carried(review=done, configuration=configured, offered=known, sides=carried.sides(opened, compared))


def considered(whole: diff.Diff, configured: configuration.Configuration) -> diff.Diff:
    """Return the change without the files that the configuration ignores."""
    return replace(whole, files=tuple(file for file in whole.files if not configured.ignores(file.path)))


def _again(
    done: review.Review,
    opened: repository.Repository,
    compared: comparison.Comparison,
    configured: configuration.Configuration,
    shown: progress.Progress,
    cancelled: Callable[[], bool],
    made_with: tuple[settings.Settings, pool.Pool, spaces.InstalledSpaces],
) -> Found:
    chosen, workers, made = made_with
    whole = parse.parse(difftext.unified(opened.objects, compared.before, compared.after))
    change = considered(whole, configured)
    wanted = engines.Asked(name=done.engine, configured=configured, judged=compared.after.id, cost=dict)

    def sandbox() -> engine.SandboxEngine:
        return engine.SandboxEngine(
            workers=workers.processes(), limits=workers.limits, spaces=made, changed=change.changed_lines
        )

    return Found(
        opened=opened,
        compared=compared,
        configured=configured,
        change=change,
        tests=done.selection,
        said=done.predictions,
        used=engines.wire(wanted, chosen, sandbox),
        shown=shown,
        cancelled=cancelled,
    )
