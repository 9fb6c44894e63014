"""The engine that a review asked for, made of the sandbox and of a model where one is connected."""

import time
from collections.abc import Callable, Mapping
from concurrent import futures
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper import configuration, errors, settings
from gatekeeper.diffs import diff
from gatekeeper.diffs import tree as trees
from gatekeeper.halting import risk
from gatekeeper.sandbox import engine as sandboxes
from gatekeeper.simulation import cascade, engine

if TYPE_CHECKING:
    from gatekeeper.inference import engine as neural
    from gatekeeper.inference import fixing

SANDBOX, CASCADE = "sandbox", cascade.NAME
# those that run tests; every other one is a model's profile
RUNNING = frozenset({SANDBOX, CASCADE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an engine is made for."""

    name: str
    configured: configuration.Configuration
    # id of the judged tree
    judged: str
    # seconds of a decided prediction so far, by whether it was imagined; empty where nothing is recorded
    cost: Callable[[], Mapping[bool, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """An engine, and the parts of it that do more than predict."""

    predicting: engine.Engine
    # runs, traces and tries; None: nothing of the pull request is run
    sandbox: sandboxes.SandboxEngine | None
    # None: no model is asked
    model: "neural.NeuralEngine | None"

    def risks(
        self, change: diff.Diff, before: trees.Tree, after: trees.Tree, seconds: float, cancelled: Callable[[], bool]
    ) -> tuple[risk.HaltingRisk, ...]:
        """Return the halting risks of the change, as far as `seconds` allow; none where no model is asked."""
        if self.model is None:
            return ()
        from gatekeeper.halting import asking, assessment, loops
        from gatekeeper.inference import halting

        # before there is a connection: most changes have no such function
        suspects = tuple(loops.find(change, before, after))
        if not suspects:
            return ()
        budget = asking.Budget(seconds=min(seconds, asking.Budget().seconds), samples=self.model.samples)
        end = time.monotonic() + budget.seconds
        try:
            with halting.connected(
                self.model.connect, self.model.profile, lambda: cancelled() or time.monotonic() >= end
            ) as reasoner:
                return assessment.of_suspects(suspects, reasoner, budget, cancelled)
        except errors.ModelError as problem:
            # where tests were predicted, these say so too
            self.model.notes = (str(problem),)
        except futures.CancelledError:
            pass
        return ()

    def proposer(self) -> "fixing.ModelProposer | None":
        """Return what writes fixes, with nothing spent yet; None where there is no model."""
        if self.model is None:
            return None
        from gatekeeper.inference import fixing

        return fixing.ModelProposer(connect=self.model.connect, profile=self.model.profile)

    def notes(self) -> tuple[str, ...]:
        """Return what looked wrong, for people, once the predictions are there."""
        told = [*(self.sandbox.notes if self.sandbox else ()), *(self.model.notes if self.model else ())]
        if isinstance(self.predicting, cascade.Cascade):
            told.extend(_checked(self.predicting))
        return tuple(told)


def names() -> tuple[str, ...]:
    """Return the engines that there are."""
    from gatekeeper.inference.profiles import catalogue

    return (SANDBOX, CASCADE, *catalogue.every())


def known(name: str, chosen: settings.Settings) -> str:
    """Return the engine's name. Raises UsageError where there is none, or where it needs a model that is not set."""
    if name == SANDBOX:
        return name
    if name not in names():
        raise errors.UsageError(f"there is no engine {name!r}: name one of {', '.join(names())}")
    if not chosen.model_urls:
        raise errors.UsageError(
            f"the engine {name} asks a model, and none is connected: set GATEKEEPER_MODEL_URL to the address of its "
            "server, or name the engine sandbox"
        )
    return name


def configured(name: str, chosen: settings.Settings) -> tuple[str, tuple[str, ...]]:
    """Return the engine that base's configuration names, and what to say of it.

    A cascade does without the model where the operator has connected none. Raises ConfigurationError otherwise.
    """
    if name == CASCADE and not chosen.model_urls:
        note = (
            f"`engine` in {configuration.PATH} is cascade, and no model is connected here: the sandbox alone was used"
        )
        return SANDBOX, (note,)
    try:
        return known(name, chosen), ()
    except errors.UsageError as problem:
        raise errors.ConfigurationError(f"{configuration.PATH}: engine: {problem}") from problem


def wire(asked: Asked, chosen: settings.Settings, sandbox: Callable[[], sandboxes.SandboxEngine]) -> Wired:
    """Return the engine; the sandbox is made only where it runs something."""
    if asked.name == SANDBOX:
        only = sandbox()
        return Wired(predicting=only, sandbox=only, model=None)
    if asked.name != CASCADE:
        model = _neural(asked.name, chosen, {})
        return Wired(predicting=model, sandbox=None, model=model)
    executing, passing = sandbox(), dict[str, bool]()
    model = _neural(chosen.model_profile, chosen, passing)
    wanted = asked.configured.cascade
    joined = cascade.Cascade(
        executing=executing,
        imagining=model,
        order=wanted.order or cascade.cheaper(asked.cost()),
        clock=time.monotonic,
        known=passing,
        spot_checks=wanted.spot_checks,
        seed=asked.judged,
    )
    return Wired(predicting=joined, sandbox=executing, model=model)


def _neural(profile: str, chosen: settings.Settings, passing: Mapping[str, bool]) -> "neural.NeuralEngine":
    from gatekeeper.inference import engine as neural
    from gatekeeper.inference import serving
    from gatekeeper.inference.profiles import catalogue

    wanted = replace(serving.wanted(chosen), profile=catalogue.named(profile))
    return neural.NeuralEngine(
        connect=lambda: serving.connect(wanted),
        profile=wanted.profile,
        samples=chosen.model_samples,
        known=passing,
    )


def _checked(joined: cascade.Cascade) -> list[str]:
    if not joined.checked:
        return []
    found = f"{joined.checked}, of which not passing: {joined.refuted}"
    return [f"tests run all the same that the model expected to pass: {found}"]
