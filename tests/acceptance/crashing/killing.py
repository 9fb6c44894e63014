"""Scenes played once in peace, and once for each boundary at which their worker is killed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.acceptance import final_state
from tests.acceptance.crashing import boundaries, scenes, stage
from tests.fakes.github import state


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A boundary of a scene; `position` is that of the head which the workflow is about, None for none."""

    boundary: boundaries.Boundary
    position: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peace:
    """How a scene goes undisturbed: what is left, and the moments that were passed, in their order."""

    final: final_state.State
    moments: tuple[Moment, ...]


def in_peace(here: stage.Stage, scene: scenes.Scene) -> Peace:
    """Play the scene with nobody killed."""
    pull = scene.begin(here) if scene.begin else _reviewed(here)
    before = len(boundaries.passed(here.folder, 0))
    scene.act(here, pull)
    here.settle()
    heads = final_state.heads_of(here.engine, pull)
    found = [
        Moment(boundary=boundary, position=_position(identity, heads))
        for identity, boundary in boundaries.passed(here.folder, before)
        if boundary.workflow in scene.workflows and (boundary.workflow != "upkeep" or scenes.SLOT in identity)
    ]
    moments = tuple(one for one in found if one.boundary.tells and scene.wanted(one.boundary, one.position))
    assert {one.boundary.workflow for one in moments} == scene.workflows, moments
    return Peace(final=_final(here, pull), moments=moments)


def disturbed(
    here: stage.Stage, scene: scenes.Scene, peace: Peace, moments: Sequence[Moment], again: Callable[[], None]
) -> Iterator[str]:
    """Play the scene for each of the moments, let the worker be killed at it, and yield what then differs, in lines.

    `again` is called once the worker is dead, and lets the work go on.
    """
    begun = [] if scene.begin else [here.open_pull() for _ in moments]
    here.settle()
    for moment in moments:
        pull = scene.begin(here) if scene.begin else begun.pop(0)
        heads = [pull.head_sha]
        scene.act(here, pull)
        heads.append(pull.head_sha)
        boundary = moment.boundary
        part = heads[moment.position] if moment.position is not None else ""
        if boundary.workflow == "upkeep":
            part = scenes.SLOT
        boundaries.arm(here.folder, boundaries.Plan(boundary=boundary, part=part))
        stage.await_(
            lambda: not here.deliver() and not here.alive(),
            lambda: f"{scene.name}: never came to {boundary}; {here.unfinished()} is not done",  # noqa: B023 - now
        )
        again()
        here.settle()
        for line in final_state.differences(peace.final, _final(here, pull)):
            yield f"{scene.name}: killed at {boundary}: {line}"


def _reviewed(here: stage.Stage) -> state.Pull:
    pull = here.open_pull()
    here.settle()
    return pull


def _final(here: stage.Stage, pull: state.Pull) -> final_state.State:
    return final_state.of(here.world, here.setting.app, here.engine, pull)


def _position(identity: str, heads: list[str]) -> int | None:
    return next((position for position, head in enumerate(heads) if f"/{head}/" in identity), None)
