"""What the sandbox's CPython really does survives the trace grammar, and is found possible in its program."""

import importlib
import inspect
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from gatekeeper.inference import grammar, grammar_text
from gatekeeper.sandbox import engine, process, session, stepping
from gatekeeper.simulation import imagined, plausibility, trace
from gatekeeper.simulation.program import program as programs
from tests import executed, program_maker
from tests.fakes import memory_tree
from tests.integration import sandbox_runs

_LIMITS = session.Limits(fuel=60 * session.BILLION, memory=512 << 20, seconds=60, disk=256 << 20)
_PROGRAMS = 60
# modules of the standard library whose source stands alone -> what is called in it
_MODULES = {
    "textwrap": "wrap('one two three four ' * 9, 20), dedent('  a\\n    b\\n'), shorten('a b c ' * 9, 20)",
    "shlex": "split('a \"b c\" \\'d\\' e\\\\ f # x')",
    "fnmatch": "filter(['a.py', 'b.c'], '*.p[!z]')",
    "heapq": "nsmallest(3, [5, 1, 4, 2]), list(merge([1, 4], [2, 3], key=None)), list(merge([1], [2], reverse=True))",
    "difflib": "list(ndiff(['one two', 'x'], ['one twa', 'y'])), list(unified_diff('abcdef', 'acdxeg'))",
    "graphlib": "list(TopologicalSorter({1: {2}, 2: {1}}).static_order())",
    "fractions": "Fraction('3/7') ** 2 + Fraction(22, 7).limit_denominator(5)",
    "contextlib": "list(map(ExitStack().enter_context, [suppress(KeyError), nullcontext(1)])), nullcontext().x",
    "configparser": "RawConfigParser().read_string('[a]\\nx=1\\n y\\n[b]\\nz')",
    "getopt": "gnu_getopt(['-a', 'b', '--cc=1', 'x'], 'a:', ['cc=']), getopt(['-x'], '')",
    "statistics": "quantiles([1, 2, 3, 4, 5]), median_grouped([1, 2, 2, 3]), mode([])",
}


def test_programs_of_every_kind_of_statement_are_possible(workers: list[process.Process]) -> None:
    closed = [executed.program(program_maker.program(seed)) for seed in range(_PROGRAMS)]

    ended = _stepped(closed, workers)

    assert {stepped.how for stepped in ended} == {stepping.How.RETURNED, stepping.How.RAISED}
    for program, stepped in zip(closed, ended, strict=True):
        _check(program, stepped)


def test_the_standard_library_is_possible(workers: list[process.Process]) -> None:
    closed = [executed.program(_source(name), f"    return {call}\n") for name, call in _MODULES.items()]

    ended = _stepped(closed, workers)

    assert sum(len(stepped.frames) for stepped in ended) > 4_000
    for program, stepped in zip(closed, ended, strict=True):
        _check(program, stepped)


def test_the_tests_of_a_published_project_are_possible(
    workers: list[process.Process], source_archive: Callable[[str], Path]
) -> None:
    files = _files(source_archive("itsdangerous-2.2.0"))
    reader = plausibility.Reader(_whole(files))

    traces = _traced(files, workers)

    assert len(traces) > 20
    found = wrong = 0
    for traced in traces.values():
        _survives(grammar.steps_of(traced))
        for call in _calls(traced.head if traced.left_out else (*traced.head, *traced.tail)):
            checked = reader.check(executed.steps(call))
            assert checked.violation is None
            found += len(call)
            wrong += sum(_place(told) != _place(there) for told, there in zip(checked.frames, call, strict=True))
    # lines that read alike may be taken for one another
    assert wrong < 0.02 * found


def _stepped(closed: Sequence[programs.Program], workers: Sequence[process.Process]) -> list[stepping.Stepped]:
    texts = [stepping.Text(source=program.text) for program in closed]
    with tempfile.TemporaryDirectory() as folder, stepping.empty(Path(folder)) as space:
        return stepping.run(texts, space, workers, _LIMITS, together=20)


def _check(program: programs.Program, stepped: stepping.Stepped) -> None:
    steps = executed.steps(stepped.frames)
    _survives(steps)

    checked = plausibility.Reader(program).check(steps, ended=stepped.complete)

    assert checked.violation is None
    match checked.end:
        case plausibility.Returned():
            assert stepped.how is stepping.How.RETURNED
        case plausibility.Raised(exception=exception):
            assert stepped.how is stepping.How.RAISED
            # some classes have a `repr` that does not name them
            assert exception.partition(":")[0] in (stepped.exception or "")
        case None:
            # an exception may have been swallowed by a `with` that ends `main`
            assert not stepped.complete


def _survives(steps: tuple[imagined.Step, ...]) -> None:
    written = grammar.write(steps, ended=True)
    found = grammar.parse(written)
    assert found == imagined.Imagined(steps=steps, ended=True)
    assert grammar.write(found.steps, ended=True) == written
    text = grammar_text.write_text(steps, ended=True)
    assert grammar_text.write_text(grammar_text.parse_text(text).steps, ended=True) == text


def _source(name: str) -> str:
    return inspect.getsource(importlib.import_module(name))


def _files(archive: Path) -> dict[str, str]:
    """Return the Python files of an archive that has a folder `src`, which is left out of their paths."""
    with tarfile.open(archive) as opened:
        found = {member.name.partition("/")[2]: opened.extractfile(member) for member in opened if member.isfile()}
        return {
            path.removeprefix("src/"): source.read().decode()
            for path, source in found.items()
            if source is not None and path.startswith(("src/", "tests/")) and path.endswith(".py")
        }


def _whole(files: Mapping[str, str]) -> programs.Program:
    pieces = (
        programs.Piece(kind=programs.Kind.UNCHANGED, text=f"{text}\n", path=path, first=1)
        for path, text in files.items()
    )
    return programs.Program(pieces=tuple(pieces), shared=0)


def _traced(files: Mapping[str, str], workers: Sequence[process.Process]) -> dict[str, trace.Trace]:
    passing = [said.test for said in sandbox_runs.Run(workers)({}, files).values() if said.outcome == "pass"]
    tree = memory_tree.MemoryTree(files)
    with tempfile.TemporaryDirectory() as folder:
        spaces = sandbox_runs.FolderSpaces(Path(folder), tree)
        sandbox = engine.SandboxEngine(workers=workers, limits=_LIMITS, spaces=spaces)
        return dict(sandbox.trace(passing, tree, 60, lambda: False))


def _calls(frames: Sequence[trace.Frame]) -> Iterator[tuple[trace.Frame, ...]]:
    """Yield the frames of each call that was made from outside the tree: a fixture's, a test's."""
    depth, start = 0, 0
    for place, frame in enumerate(frames):
        depth += (frame.event is trace.Event.CALL) - (frame.event is trace.Event.RETURN)
        if not depth:
            yield tuple(frames[start : place + 1])
            start = place + 1
    if start < len(frames):
        yield tuple(frames[start:])


def _place(frame: trace.Frame) -> tuple[str, int, str]:
    return frame.path, frame.line, frame.scope
