"""What is offered beyond a verdict: looked for in a review that is at hand, or in one that was recorded."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper import configuration, errors, offers, review, settings
from gatekeeper.diffs import diff, parse
from gatekeeper.git import comparison, difftext, repository
from gatekeeper.impact import selection
from gatekeeper.sandbox import engine
from gatekeeper.simulation import prediction
from gatekeeper.unreached import proposed
from gatekeeper.verdicts import verdict
from gatekeeper.wiring import carried, engines, pool, progress, spaces

if TYPE_CHECKING:
    from gatekeeper.inference import testing


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
    # which run what is proposed
    workers: pool.Pool
    shown: progress.Progress
    cancelled: Callable[[], bool]


def look(found: Found, searching: float | None = None) -> offers.Offers:
    """Return what the failures are due to, what mends them, and tests of what no test reaches; each was tried.

    `searching`: seconds in which no fix is tried on all tests yet; None: the usual. What could not be done is noted.
    """
    offered = _fixes(found, searching)
    tests, notes, cost = _tests(found)
    return replace(offered, tests=tests, notes=offered.notes + notes, cost=offered.cost + cost)


def _fixes(found: Found, searching: float | None) -> offers.Offers:
    from gatekeeper.repair import mending
    from gatekeeper.wiring import fixing

    if not any(verdict.fails(said, found.configured.policy) for said in found.said):
        return offers.Offers()
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
        sandbox=found.used.sandbox,
        cancelled=found.cancelled,
        imagining=found.used.model,
        tokens=found.configured.budget.tokens,
    )
    limit = mending.SEARCHING if searching is None else searching
    try:
        return fixing.search(broken, searching=limit, proposer=found.used.proposer())
    except errors.SandboxError as problem:
        # the verdict holds all the same
        return offers.Offers(notes=(f"no fix was tried: {problem}",))


def _tests(found: Found) -> tuple[tuple[proposed.ProposedTest, ...], tuple[str, ...], prediction.Cost]:
    """Return tests of what no test reaches, what is to be said of them, and what a model cost that wrote any."""
    if found.used.sandbox is None or not found.tests.unreached:
        return (), (), prediction.Cost()
    from gatekeeper.wiring import unreached

    found.shown.step("trying tests of what no test reaches")
    writer, told = _writer(found), list[str]()
    try:
        asked = unreached.Asked(
            before=found.compared.before,
            after=found.compared.after,
            tests=found.tests,
            spaces=found.used.sandbox.spaces,
            workers=found.workers.processes(),
            limits=found.workers.limits,
            writer=writer,
            cancelled=found.cancelled,
        )
        tests = unreached.propose(asked, told=told.append)
    except errors.SandboxError as problem:
        tests = ()
        told.append(f"no test was tried of what no test reaches: {problem}")
    return tests, (*told, *(writer.notes if writer else ())), writer.cost if writer else prediction.Cost()


def _writer(found: Found) -> "testing.ModelWriter | None":
    model = found.used.model
    if model is None:
        return None
    from gatekeeper.inference import testing

    return testing.ModelWriter(connect=model.connect, profile=model.profile, cancelled=found.cancelled)


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
        wanted = not known.anything and done.engine in engines.RUNNING
        workers = stack.enter_context(pool.Pool(chosen, shown, wanted=wanted))
        opened, subject = repository.open_repository(folder), done.subject
        compared = comparison.compare(opened, subject.base, subject.head, subject.judged)
        if (compared.before.id, compared.after.id) != (subject.before, subject.after):
            return None
        configured = configuration.read(compared.base)
        if not known.anything:
            made = stack.enter_context(
                contextlib.closing(spaces.of(opened, compared, configured, chosen, workers, shown.step))
            )
            found = _again(done, opened, compared, configured, shown, cancelled, (chosen, workers, made))
            known = look(found)
            for noted in (*found.used.notes(), *known.notes):
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
        workers=workers,
        shown=shown,
        cancelled=cancelled,
    )
