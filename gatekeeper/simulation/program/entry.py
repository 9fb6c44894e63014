"""A test with one combination of parameters -> the text of `main()`, which sets it up as pytest does, and calls it.

`main` takes no arguments, and its `def` line carries the mark of the Code World Model's entry point.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatekeeper import errors
from gatekeeper.impact import scope
from gatekeeper.simulation.program import cases, fixtures, masks, needs, program, source, values

# fixtures of pytest itself that are objects that a model can follow
_MONKEYPATCH = "monkeypatch"
_REQUEST = "request"
_BUILTIN_WORDS = (
    "request tmp_path tmpdir tmp_path_factory tmpdir_factory capsys capfd capsysbinary capfdbinary capteesys caplog "
    "recwarn cache pytestconfig record_property record_xml_attribute record_testsuite_property doctest_namespace "
    "testdir pytester subtests"
)
_BUILTIN = frozenset(_BUILTIN_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A closed entry point."""

    text: str
    # what it calls itself
    units: tuple[source.Unit, ...]
    # what its expressions stand in need of
    loose: needs.Needs
    # (file, global name) that they look up
    roots: frozenset[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class _Writer:
    plan: cases.Plan
    case: cases.Case
    members: Mapping[str, tuple[source.Unit, scope.Function]]
    module_functions: Mapping[str, tuple[source.Unit, scope.Function]]
    # names of the program that a variable may not hide
    taken: frozenset[str]
    imports: dict[str, None] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    # the variable that holds the test's object; "" before it is made
    instance: str = ""
    # run after the test, the last first
    undone: list[str] = field(default_factory=list)
    # (name, how many definitions of it are passed over) -> variable or expression
    made: dict[tuple[str, int], str] = field(default_factory=dict)
    units: dict[source.Unit, None] = field(default_factory=dict)
    written: list[values.Value] = field(default_factory=list)


def write(
    plan: cases.Plan, case: cases.Case, members: Sequence[source.Unit], module: source.Module, resolver: needs.Resolver
) -> Entry:
    """Return `main()` for the test.

    `members` are those of the test's classes, the nearest first. Raises NotAnalysed where the test needs what cannot
    be imagined: files, captured output, a fixture that is not in the repository.
    """
    functions = [unit for unit in module.units if unit.sort is source.Sort.FUNCTION]
    writer = _Writer(
        plan=plan,
        case=case,
        members=_by_name(members),
        module_functions=_by_name(functions),
        taken=frozenset(module.binders),
    )
    _write(writer)
    found = needs.Needs()
    roots: set[tuple[str, str]] = set()
    for value in writer.written:
        more = resolver.of_expressions(value.path, _expressions(value.node))
        found.units.update(more.units)
        found.words |= more.words
        found.missing.update(more.missing)
        roots.update((value.path, name) for name in more.roots)
    imports = "".join(f"import {name}\n" for name in sorted(writer.imports))
    body = "".join(f"    {line}\n" for line in [*writer.lines, *reversed(writer.undone)])
    try:
        text = masks.text(f"{imports}{program.ENTRY_LINE}{body}")
    except (SyntaxError, ValueError):
        raise errors.NotAnalysed("its parameters cannot be written down as a call") from None
    return Entry(text=text, units=tuple(writer.units), loose=found, roots=frozenset(roots))


def _by_name(units: Sequence[source.Unit]) -> dict[str, tuple[source.Unit, scope.Function]]:
    found: dict[str, tuple[source.Unit, scope.Function]] = {}
    for unit in units:
        for node in unit.nodes:
            if isinstance(node, scope.Function):
                found.setdefault(node.name, (unit, node))
    return found


def _expressions(node: ast.expr) -> list[ast.AST]:
    return [item for part in node.elts for item in _expressions(part)] if isinstance(node, ast.Tuple) else [node]


def _write(writer: _Writer) -> None:
    test = writer.plan.test
    writer.units[test.unit] = None
    if test.classes:
        writer.units[test.block] = None
    _setup(writer)
    name = test.node.name
    if test.case:
        _unittest(writer)
    elif test.classes:
        writer.lines.append(_call(f"{_instance(writer)}.{name}", _arguments(writer, writer.plan.requested)))
    else:
        writer.lines.append(_call(name, _arguments(writer, writer.plan.requested)))


def _setup(writer: _Writer) -> None:
    """Write the setup of every fixture in order, and what xunit runs around modules, classes and tests in between."""
    waiting = [(rank, step) for rank, step in zip(fixtures.XUNIT_RANKS, (_module, _class, _each), strict=True)]
    for name in writer.plan.order:
        if name in writer.case.direct or name == _REQUEST:
            # a parameter is written where it is used
            continue
        while waiting and _comes_after(writer, name, waiting[0][0]):
            waiting.pop(0)[1](writer)
        _fixture(writer, name, 0)
    for _, step in waiting:
        step(writer)


def _comes_after(writer: _Writer, name: str, rank: int) -> bool:
    """Whether a fixture is set up after what xunit runs at `rank`: not if it is wider, or for all of a wider place."""
    chain = fixtures.definitions(writer.plan.visible, name)
    own = chain[0].rank if chain else fixtures.XUNIT_RANKS[-1]
    if own != rank or not chain or not chain[0].autouse:
        return own >= rank
    test = writer.plan.test
    in_module = rank == fixtures.XUNIT_RANKS[0] or not test.classes
    return chain[0].unit.path == test.path if in_module else chain[0].unit.owner is not None


def _instance(writer: _Writer) -> str:
    """Write the making of the test's object where it is not made; return its name."""
    test = writer.plan.test
    if not writer.instance:
        writer.instance = _free(writer, "instance")
        arguments = [f'"{test.node.name}"'] if test.case else []
        writer.lines.append(f"{writer.instance} = {_call(_class_name(writer), arguments)}")
    return writer.instance


def _class_name(writer: _Writer) -> str:
    return ".".join(node.name for node in writer.plan.test.around)


def _free(writer: _Writer, name: str) -> str:
    """Return the name of a variable that hides nothing."""
    while name in writer.taken or name in writer.made.values() or name == writer.instance:
        name += "_"
    return name


def _call(name: str, arguments: Sequence[str]) -> str:
    return f"{name}({', '.join(arguments)})"


def _module(writer: _Writer) -> None:
    case = writer.plan.test.case
    names = ("setUpModule", "tearDownModule") if case else ("setup_module", "teardown_module")
    _around(writer, *names, "sys.modules[__name__]")


def _around(writer: _Writer, setup: str, teardown: str, argument: str) -> None:
    """Write what the module runs before and after, where it has it; one argument is given where one is taken."""
    for name, lines in ((setup, writer.lines), (teardown, writer.undone)):
        if name in writer.module_functions:
            unit, node = writer.module_functions[name]
            writer.units[unit] = None
            takes = bool(node.args.posonlyargs or node.args.args)
            if takes and argument.startswith("sys."):
                writer.imports["sys"] = None
            lines.append(_call(name, [argument] if takes else []))


def _class(writer: _Writer) -> None:
    test = writer.plan.test
    if test.classes:
        names = ("setUpClass", "tearDownClass") if test.case else ("setup_class", "teardown_class")
        _on_class(writer, _class_name(writer), *names)


def _each(writer: _Writer) -> None:
    test = writer.plan.test
    if test.classes and not test.case:
        _method(writer, "setup_method", "teardown_method")
    elif not test.case:
        _around(writer, "setup_function", "teardown_function", test.node.name)


def _on_class(writer: _Writer, owner: str, setup: str, teardown: str) -> None:
    for name, lines in ((setup, writer.lines), (teardown, writer.undone)):
        if name in writer.members:
            unit, node = writer.members[name]
            writer.units[unit] = None
            bound = any(scope.dotted(item) == "classmethod" for item in node.decorator_list)
            lines.append(_call(f"{owner}.{name}", [] if bound or not node.args.args else [owner]))


def _method(writer: _Writer, setup: str, teardown: str) -> None:
    instance = _instance(writer)
    argument = f"{instance}.{writer.plan.test.node.name}"
    for name, lines in ((setup, writer.lines), (teardown, writer.undone)):
        if name in writer.members:
            unit, node = writer.members[name]
            writer.units[unit] = None
            lines.append(_call(f"{instance}.{name}", [argument] if len(node.args.args) > 1 else []))


def _unittest(writer: _Writer) -> None:
    """Write setup, test and teardown as `unittest.TestCase.run` has them; cleanups run last."""
    instance = _instance(writer)
    for name in ("setUp", "tearDown"):
        if name in writer.members:
            writer.units[writer.members[name][0]] = None
    writer.lines += [f"{instance}.setUp()"] if "setUp" in writer.members else []
    writer.lines.append(f"{instance}.{writer.plan.test.node.name}()")
    if any("addCleanup" in text or "enterContext" in text for text in _texts(writer)):
        writer.undone.append(f"{instance}.doCleanups()")
    writer.undone += [f"{instance}.tearDown()"] if "tearDown" in writer.members else []


def _texts(writer: _Writer) -> list[str]:
    return [writer.plan.test.unit.text, *(unit.text for unit, _ in writer.members.values())]


def _fixture(writer: _Writer, name: str, depth: int) -> str:
    """Write the setup of a fixture, less `depth` definitions that override it; return what holds its value."""
    if (name, depth) in writer.made:
        if not writer.made[name, depth]:
            raise errors.NotAnalysed(f"fixture `{name}` requests itself")
        return writer.made[name, depth]
    chain = fixtures.definitions(writer.plan.visible, name)
    if depth >= len(chain):
        return _builtin(writer, name, depth)
    fixture = chain[depth]
    if isinstance(fixture.node, ast.AsyncFunctionDef):
        raise errors.NotAnalysed(f"fixture `{name}` is asynchronous")
    if fixture.unit.sort is not source.Sort.FUNCTION:
        raise errors.NotAnalysed(f"fixture `{name}` is defined under a condition")
    writer.units[fixture.unit] = None
    writer.made[name, depth] = ""
    arguments = [_argument(writer, fixture, item, depth) for item in fixture.requested]
    owner = f"{_instance(writer)}." if fixture.unit.owner else ""
    variable = _free(writer, f"fixture_{name}")
    call = _call(f"{owner}{fixture.node.name}", arguments)
    if fixture.is_generator:
        generator = variable.replace("fixture_", "generator_", 1)
        writer.lines += [f"{generator} = {call}", f"{variable} = next({generator})"]
        writer.undone.append(f"next({generator}, None)")
    else:
        writer.lines.append(f"{variable} = {call}")
    writer.made[name, depth] = variable
    return variable


def _argument(writer: _Writer, fixture: fixtures.Fixture, name: str, depth: int) -> str:
    if name == _REQUEST:
        return f"request={_request(writer, fixture)}"
    if name in writer.case.direct:
        return f"{name}={_direct(writer, name)}"
    return f"{name}={_fixture(writer, name, depth + 1 if name == fixture.name else 0)}"


def _request(writer: _Writer, fixture: fixtures.Fixture) -> str:
    value = writer.case.indirect.get(fixture.name)
    if value is None or not fixture.reads_only_param:
        raise errors.NotAnalysed(f"fixture `{fixture.name}` uses pytest's `request`")
    writer.imports["types"] = None
    writer.written.append(value)
    return f"types.SimpleNamespace(param={value.text})"


def _builtin(writer: _Writer, name: str, depth: int) -> str:
    if name == _MONKEYPATCH:
        variable = _free(writer, name)
        writer.imports["pytest"] = None
        writer.lines.append(f"{variable} = pytest.MonkeyPatch()")
        writer.undone.append(f"{variable}.undo()")
        writer.made[name, depth] = variable
        return variable
    if name in _BUILTIN:
        raise errors.NotAnalysed(f"uses pytest's fixture `{name}`, which is not imagined")
    raise errors.NotAnalysed(f"uses fixture `{name}`, which is not in the repository")


def _arguments(writer: _Writer, names: Sequence[str]) -> list[str]:
    return [
        f"{name}={_direct(writer, name) if name in writer.case.direct else _fixture(writer, name, 0)}" for name in names
    ]


def _direct(writer: _Writer, name: str) -> str:
    value = writer.case.direct[name]
    writer.written.append(value)
    return value.text
