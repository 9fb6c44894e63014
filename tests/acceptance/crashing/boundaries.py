"""Where a worker can be killed: at the start of a workflow, around each of its steps, and before its end is noted."""

import functools
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import dbos

# before the first step
BEGUN = "begun"
# a step did what it does, and its result is not kept yet: the step is done again
DONE = "done, not recorded"
RECORDED = "recorded"
# all steps are recorded, the workflow's own end is not
ENDED = "ended, not recorded"
# what is no step with an effect of its own: it has no moment before it is recorded
_UNDONE = ("sleep", "enqueue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A moment in a workflow; `ordinal` counts those of the same step in one workflow from 0."""

    workflow: str
    step: str
    moment: str
    ordinal: int

    @property
    def tells(self) -> bool:
        """Whether a death here shows more than one at the next step, which loses this one's result from memory, too."""
        return self.moment != RECORDED or self.step in _UNDONE

    def __str__(self) -> str:
        """Return it for people."""
        return " ".join(filter(None, [self.workflow, self.step, self.moment, f"({self.ordinal})"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where to be killed; `part` is a part of the workflow's id."""

    boundary: Boundary
    part: str


class Watch:
    """Notes every boundary that this process passes, and ends it at the planned one. Files in `folder` say which."""

    def __init__(self, folder: Path) -> None:
        """Note in, and look in, the folder."""
        self._folder = folder
        self._passed: Counter[tuple[str, str, str]] = Counter()
        # id of a workflow -> its name
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def install(self, first: Callable[[], None]) -> None:
        """Put the boundaries around what DBOS is asked for; `first` is called at the start of each workflow."""
        self._around_workflows(first)
        run_step, sleep, enqueue = dbos.DBOS.run_step, dbos.DBOS.sleep, dbos.DBOS.enqueue_workflow_with_options

        def watched_step(options: Any, do: Callable[..., Any], *args: Any, **named: Any) -> Any:
            def done(*given: Any, **more: Any) -> Any:
                value = do(*given, **more)
                self._pass(options["name"], DONE)
                return value

            value = run_step(options, done, *args, **named)
            self._pass(options["name"], RECORDED)
            return value

        def watched_sleep(seconds: float) -> None:
            sleep(seconds)
            self._pass("sleep", RECORDED)

        def watched_enqueue(options: Any, *args: Any, **named: Any) -> Any:
            handle = enqueue(options, *args, **named)
            self._pass("enqueue", RECORDED)
            return handle

        replaced: Any = dbos.DBOS
        replaced.run_step = staticmethod(watched_step)
        replaced.sleep = staticmethod(watched_sleep)
        replaced.enqueue_workflow_with_options = staticmethod(watched_enqueue)

    def _around_workflows(self, first: Callable[[], None]) -> None:
        workflow = dbos.DBOS.workflow

        def watched_workflow(*, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
            def watched(do: Callable[..., Any]) -> Callable[..., Any]:
                @functools.wraps(do)
                def whole(*args: Any) -> Any:
                    self._names[dbos.DBOS.workflow_id or ""] = str(name)
                    self._pass("", BEGUN)
                    first()
                    value = do(*args)
                    self._pass("", ENDED)
                    return value

                registered: Callable[..., Any] = workflow(name=name)(whole)
                return registered

            return watched

        replaced: Any = dbos.DBOS
        replaced.workflow = staticmethod(watched_workflow)

    def _pass(self, step: str, moment: str) -> None:
        identity = dbos.DBOS.workflow_id
        assert identity is not None
        with self._lock:
            ordinal = self._passed[identity, step, moment]
            self._passed[identity, step, moment] += 1
            here = Boundary(workflow=self._names[identity], step=step, moment=moment, ordinal=ordinal)
            with (self._folder / "passed.jsonl").open("a") as log:
                log.write(json.dumps({"id": identity, **asdict(here)}) + "\n")
        self._die_here(identity, here)

    def _die_here(self, identity: str, here: Boundary) -> None:
        file = self._folder / "plan.json"
        try:
            plan = json.loads(file.read_text())
            if Boundary(**plan["boundary"]) == here and plan["part"] in identity:
                # of several workers at the same boundary one alone dies
                file.rename(self._folder / f"carried-out-{os.getpid()}")
                os.kill(os.getpid(), signal.SIGKILL)
        except FileNotFoundError:
            pass


def arm(folder: Path, plan: Plan) -> None:
    """Let the next worker that comes to that boundary die there."""
    written = folder / "plan.part"
    written.write_text(json.dumps(asdict(plan)))
    written.rename(folder / "plan.json")


def passed(folder: Path, since: int) -> list[tuple[str, Boundary]]:
    """Return the boundaries that were passed, with the workflow's id, after the first `since`."""
    file = folder / "passed.jsonl"
    lines = file.read_text().splitlines()[since:] if file.exists() else []
    found = [json.loads(line) for line in lines]
    return [(one.pop("id"), Boundary(**one)) for one in found]
