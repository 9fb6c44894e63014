"""Run closed programs, one after the other, and tell every frame of each `main()`."""

import io
import itertools
import linecache
import os
import sys
import types

import limits
import quiet
import repeating
import reporter
import tracer

ROOT = tracer.ROOT
# characters of values that are told together
CHARACTERS = 100_000
# a frame with more locals than these is told without the others
LOCALS = 300


def do(order: dict, tell) -> None:
    """Run each program that the host lets in."""
    sys.argv[:] = ["python"]
    sys.path[:] = order["paths"]
    sys.pycache_prefix = order["bytecode"]
    os.chdir(ROOT)
    quiet.be()
    for number, program in enumerate(order["programs"]):
        if tell({"event": "start", "id": str(number)}).get("run"):
            if program["loops"]:
                runner = repeating.Watcher({program["watched"]: program["loops"]}, tell)
            else:
                runner = Recorder(order["frames"], order["at_once"], tell)
            tell({"event": "stepped", "id": str(number), **_ended(program, runner)})


def _ended(program: dict, runner) -> dict:
    """Run one program to its end; return how that was."""
    limits.NOTED.clear()
    try:
        main = _loaded(program).main
    except BaseException as error:
        return {"how": "unloaded", "complete": True, **_raised(error)}
    try:
        returned = runner.run(main)
    except repeating.Repeated:
        return {"how": "repeated", "complete": False, "value": None}
    except BaseException as error:
        return {"how": "raised", "complete": runner.complete, "value": tracer.text(error), **_raised(error)}
    return {"how": "returned", "complete": runner.complete, "value": tracer.text(returned)}


def _raised(error: BaseException) -> dict:
    told = reporter.described(error)
    return {"exception": told["exception"], "limit": told["limit"]}


def _loaded(program: dict) -> types.ModuleType:
    """Return the module that the program's text makes, in the place of the file that it stands for."""
    file, source = ROOT + program["path"], program["source"]
    name = _name(file)
    module = types.ModuleType(name)
    module.__file__, module.__package__ = file, name.rpartition(".")[0]
    linecache.cache[file] = (len(source), None, list(io.StringIO(source, newline=None)), file)
    code = compile(source, file, "exec", dont_inherit=True)
    sys.modules[name] = module
    exec(code, module.__dict__)
    return module


def _name(file: str) -> str:
    roots = [f"{path}/" for path in sys.path if file.startswith(f"{path}/")]
    inside = file.removeprefix(max(roots, key=len, default=ROOT)).removesuffix(".py").removesuffix("/__init__")
    return inside.replace("/", ".")


class Recorder:
    """Tells the first `most` frames of a call, up to `at_once` of them in one event; the rest runs unwatched."""

    def __init__(self, most: int, at_once: int, tell) -> None:
        self.most, self.at_once, self.tell = most, at_once, tell
        self.last, self.waiting, self.size = {}, [], 0
        self.count = 0
        self.complete = True

    def run(self, function):
        """Return what `function()` does, its frames told as far as they are wanted."""
        sys.settrace(self._enter)
        try:
            return function()
        finally:
            sys.settrace(None)
            self._flush()

    def _enter(self, frame, event, argument):
        if not frame.f_code.co_filename.startswith(ROOT) or not self.complete:
            return None
        # a frame's id is used again once the frame is gone
        self.last.pop(id(frame), None)
        return self._inside(frame, event, argument)

    def _inside(self, frame, event, argument):
        # tracing stops while a program's `repr` runs
        sys.settrace(None)
        if self.count >= self.most:
            self.complete = False
            self._flush()
            return None
        self.count += 1
        described = tracer.describe(frame, event, argument, self.last)
        described["locals"] = dict(itertools.islice(described["locals"].items(), LOCALS))
        self.waiting.append(described)
        self.size += 100 + sum(map(len, itertools.chain(*described["locals"].items())))
        if self.size > CHARACTERS or len(self.waiting) >= self.at_once:
            self._flush()
        sys.settrace(self._enter)
        return self._inside

    def _flush(self) -> None:
        if self.waiting:
            self.tell({"event": "frames", "frames": self.waiting})
        self.waiting, self.size = [], 0
