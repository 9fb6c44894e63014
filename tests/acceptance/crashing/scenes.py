"""What happens to a pull request while a worker is killed."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy

from gatekeeper.store import database, evaluations, hostedmodels
from gatekeeper.workflows import names, upkeep
from tests.acceptance.crashing import boundaries, canned, stage
from tests.fakes import github
from tests.fakes.github import ci, state
from tests.integration import ci_content

# what the ids of ticks of these scenes hold, and those of the worker's own do not
SLOT = "a-scene"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What happens, and the workflows whose boundaries are looked at."""

    name: str
    workflows: frozenset[names.Workflow]
    # takes a pull request that was reviewed in peace; its last deliveries are handed in afterwards
    act: Callable[[stage.Stage, state.Pull], None]
    # which of their boundaries, by the position of the head that the workflow is about; all, unless it says otherwise
    wanted: Callable[[boundaries.Boundary, int | None], bool] = lambda _boundary, _position: True
    # where it begins otherwise
    begin: Callable[[stage.Stage], state.Pull] | None = None


def _open(here: stage.Stage) -> state.Pull:
    return here.open_pull()


def _open_unheard(here: stage.Stage) -> state.Pull:
    pull = here.open_pull()
    here.lose()
    return pull


def _open_slow(here: stage.Stage) -> state.Pull:
    """Open a pull request whose review goes on until something newer takes its place."""
    pull = here.open_pull(draft=True)
    stage.await_(lambda: not here.deliver() and here.is_reviewed(pull), lambda: f"not reviewed: {here.unfinished()}")
    return pull


def _nothing(_here: stage.Stage, _pull: state.Pull) -> None:
    """Leave it at how it began."""


def _say(body: str) -> Callable[[stage.Stage, state.Pull], None]:
    def say(here: stage.Stage, pull: state.Pull) -> None:
        here.world.grant(pull.repository, "grace", "maintain")
        here.world.comment(pull, "grace", body)

    return say


def _open_overridden(here: stage.Stage) -> state.Pull:
    pull = here.open_pull()
    here.settle()
    _say("/gatekeeper override it is known")(here, pull)
    here.settle()
    return pull


def _press(identifier: str) -> Callable[[stage.Stage, state.Pull], None]:
    def press(here: stage.Stage, pull: state.Pull) -> None:
        here.world.grant(pull.repository, "grace", "maintain")
        here.world.press(_visible(here, pull), identifier, by="grace")

    return press


def _rerun(here: stage.Stage, pull: state.Pull) -> None:
    here.world.rerun(_visible(here, pull), by="grace")


def _visible(here: stage.Stage, pull: state.Pull) -> state.Run:
    return here.world.runs_at(pull.repository, pull.head_sha, here.setting.app)[-1]


def _push(here: stage.Stage, pull: state.Pull) -> None:
    here.push(pull)


def _close(here: stage.Stage, pull: state.Pull) -> None:
    here.world.close(pull)


def _install(here: stage.Stage, _pull: state.Pull) -> None:
    here.world.accept_permissions(here.setting.installation, dict(here.setting.installation.permissions))


def _tick(task: upkeep.Task) -> Callable[[stage.Stage, state.Pull], None]:
    def tick(here: stage.Stage, _pull: state.Pull) -> None:
        here.tick(task, f"{SLOT}-{uuid.uuid4().hex[:8]}")

    return tick


def _push_in_vain(here: stage.Stage, pull: state.Pull) -> None:
    """Let the deliveries of a push fail, and be looked for."""
    here.world.office.fate = lambda _: github.Fate.FAIL
    here.push(pull)
    here.world.office.fate = lambda _: github.Fate.SEND
    _tick(upkeep.Task.REDELIVER)(here, pull)


def _show_wrongly(here: stage.Stage, pull: state.Pull) -> None:
    """Let the check run have shown something else for long, and the watch find that."""
    run = _visible(here, pull)
    with here.world.lock:
        run.title = "something old"
    row = hostedmodels.Evaluation
    with database.session(here.engine) as session, session.begin():
        longer = sqlalchemy.update(row).where(row.repository == pull.repository.id, row.pull == pull.number)
        session.execute(longer.values(asked=datetime.now(UTC) - timedelta(minutes=5)))
        evaluations.raise_revision(session, pull.repository.id, pull.head_sha)
    _tick(upkeep.Task.WATCH)(here, pull)


def _open_held_back(here: stage.Stage) -> state.Pull:
    """Open a pull request whose review is done, and is published only after CI."""
    pull = here.open_pull()
    here.world.label(pull, canned.HELD_BACK)
    here.settle()
    assert _visible(here, pull).status == "in_progress"
    return pull


def _open_endless(here: stage.Stage) -> state.Pull:
    """Open a pull request that is reviewed, and for which fixes are looked for until something newer comes."""
    pull = here.open_pull()
    here.world.label(pull, canned.ENDLESS)
    stage.await_(lambda: not here.deliver() and here.is_mended(pull), lambda: f"not looked for: {here.unfinished()}")
    return pull


def _end_ci(here: stage.Stage, pull: state.Pull) -> None:
    failed = ci.Planned(conclusion="failure", artifacts={"junit": ci_content.junit("test_a", failed=("test_a",))})
    here.world.ci.run(here.setting.hello, pull.head_sha, failed)


def _step(*steps: str) -> Callable[[boundaries.Boundary, int | None], bool]:
    return lambda boundary, _position: boundary.step in steps


_CHANGING = ("", "run", "settle", "waiting", "release", "show", "publish comments")
_W = names.Workflow
OPENED = Scene(name="opened", workflows=frozenset({_W.REQUEST, _W.PERFORM, _W.MEND}), begin=_open, act=_nothing)
PUSHED = Scene(name="pushed to", workflows=frozenset({_W.PERFORM}), act=_push, wanted=_step("publish comments"))
SUPERSEDED = Scene(
    name="pushed to during a review",
    workflows=frozenset({_W.REQUEST, _W.PERFORM}),
    begin=_open_slow,
    act=_push,
    # of the first head's review all that is left; the second's is as any other
    wanted=lambda boundary, position: boundary.step == "supersede" or position == 0,
)
MENDED = Scene(
    name="pushed to while fixes are looked for",
    workflows=frozenset({_W.MEND}),
    begin=_open_endless,
    act=_push,
    # what is shown is as of any other
    wanted=_step("mend"),
)
CLOSED_MENDED = Scene(
    name="closed while fixes are looked for",
    workflows=frozenset({_W.MEND}),
    begin=_open_endless,
    act=_close,
    wanted=_step("mend"),
)
OVERRIDDEN = Scene(name="overridden", workflows=frozenset({_W.COMMAND}), act=_say("/gatekeeper override it is known"))
# what commands and buttons have in common was tried with that one
OVERRIDE_CANCELLED = Scene(
    name="override cancelled",
    workflows=frozenset({_W.COMMAND}),
    begin=_open_overridden,
    act=_say("/gatekeeper cancel-override"),
    wanted=_step("cancel override", "show"),
)
REVIEWED_AGAIN = Scene(
    name="reviewed again by a comment",
    workflows=frozenset({_W.COMMAND}),
    act=_say("/gatekeeper review"),
    wanted=_step("ask"),
)
EXPLAINED = Scene(
    name="explained by a button", workflows=frozenset({_W.ACTION}), act=_press("explain"), wanted=_step("explain")
)
FIXED = Scene(name="fixed by a button", workflows=frozenset({_W.ACTION}), act=_press("apply-fix"))
RERUN = Scene(name="run again", workflows=frozenset({_W.RERUN}), act=_rerun)
CLOSED = Scene(name="closed during a review", workflows=frozenset({_W.CLOSE}), begin=_open_slow, act=_close)
INSTALLED = Scene(name="there before the App", workflows=frozenset({_W.INSTALL}), begin=_open_unheard, act=_install)
RECONCILED = Scene(
    name="never delivered",
    workflows=frozenset({_W.UPKEEP}),
    begin=_open_unheard,
    act=_tick(upkeep.Task.RECONCILE),
)
REDELIVERED = Scene(name="delivered in vain", workflows=frozenset({_W.UPKEEP}), act=_push_in_vain)
SHOWN_WRONGLY = Scene(name="shown wrongly", workflows=frozenset({_W.UPKEEP, _W.SHOW}), act=_show_wrongly)
SETTLED = Scene(
    name="settled",
    workflows=frozenset({_W.SETTLE}),
    begin=_open_held_back,
    act=_end_ci,
    # what only reads is as any other; a second time what is done is that of base
    wanted=lambda boundary, _position: not boundary.ordinal and boundary.step in _CHANGING,
)
ALL = (
    OPENED,
    PUSHED,
    SUPERSEDED,
    MENDED,
    CLOSED_MENDED,
    OVERRIDDEN,
    OVERRIDE_CANCELLED,
    REVIEWED_AGAIN,
    EXPLAINED,
    FIXED,
    RERUN,
    CLOSED,
    INSTALLED,
    RECONCILED,
    REDELIVERED,
    SHOWN_WRONGLY,
    SETTLED,
)
# of these one pull request has all
MANY: tuple[Callable[[stage.Stage, state.Pull], None], ...] = (
    OVERRIDDEN.act,
    PUSHED.act,
    FIXED.act,
    REVIEWED_AGAIN.act,
    CLOSED.act,
)
