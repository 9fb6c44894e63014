"""The bytes of one Python file -> its Summary."""

import ast
import json
import warnings
from collections.abc import Iterable

from gatekeeper.impact import doctests, drafts, garbage, importing, mentions, parameters, scope, summary

# decorators that neither call what they are given while the module is imported nor hand it to anything else
_HARMLESS_WORDS = (
    "property staticmethod classmethod setter getter deleter abstractmethod abstractproperty cached_property "
    "lru_cache cache wraps overload override final no_type_check runtime_checkable contextmanager "
    "asynccontextmanager total_ordering dataclass fixture yield_fixture parametrize usefixtures skip skipif xfail "
    "skipIf skipUnless expectedFailure unique deprecated coroutine given settings example define frozen attrs"
)
_HARMLESS = frozenset(_HARMLESS_WORDS.split())


def summarise(source: bytes) -> summary.Summary:
    """Return what the file defines and mentions; for one that does not parse, a summary with its error alone."""
    try:
        with warnings.catch_warnings():
            # an invalid escape in a string is the project's affair
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _unparsable(error)
    file = drafts.File()
    try:
        _body(mentions.without_docstring(tree.body), file)
    except RecursionError as error:
        return _unparsable(error)
    if b">>>" in source:
        file.unit(summary.DOCTESTS, "d").mentions |= doctests.mentions_of(tree)
    return _finished(file)


def encoded(source: bytes) -> bytes:
    """Return the encoded summary of `source`: one call for a worker process."""
    with garbage.unsearched():
        return summary.encode(summarise(source))


def _unparsable(error: Exception) -> summary.Summary:
    line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
    message = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
    return summary.Summary(error=f"{message}{line}", units=[], imports=[], words=[], details=b"[{},[]]")


def _finished(file: drafts.File) -> summary.Summary:
    uses: dict[str, list[int | str]] = {}
    for index, draft in enumerate(file.units.values()):
        _add_uses(uses, index, sorted(draft.mentions))
    for index, (_, given) in enumerate(file.kept):
        _add_uses(uses, ~index, given)
    words = {*uses, *(name for item in file.imports for name in (item.name, item.alias) if name)}
    return summary.Summary(
        error=None,
        units=[
            summary.Unit(name, draft.kind, "".join(sorted(draft.flags)), draft.fixture, draft.bases)
            for name, draft in file.units.items()
        ],
        imports=list(dict.fromkeys(file.imports)),
        words=sorted(words),
        details=json.dumps([uses, [keeper for keeper, _ in file.kept]], separators=(",", ":")).encode(),
    )


def _add_uses(uses: dict[str, list[int | str]], index: int, found: Iterable[str]) -> None:
    for mention in found:
        for word, base, ends in summary.uses_of(mention):
            uses.setdefault(word, []).extend((index, base, ends))


def _body(statements: Iterable[ast.stmt], file: drafts.File) -> None:
    for statement in statements:
        _statement(statement, file)


def _statement(node: ast.stmt, file: drafts.File) -> None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            _function(node, "", file)
        case ast.ClassDef():
            _class(node, "", file)
        case ast.Import() | ast.ImportFrom():
            file.imports += _imports(node, "")
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            _assignment(node, file)
        case ast.Expr(value=ast.Call() as call):
            file.executed.update(importing.executed(call))
            _keep(call, mentions.of_nodes([*call.args, *call.keywords]).mentions, file)
        case ast.If(test=test) if _is_main(test):
            # runs as a program only: another process, which `$` stands for
            return
        case ast.If(test=test) if scope.dotted(test).endswith("TYPE_CHECKING"):
            _body_for_checkers(node, file)
        case _:
            _compound(node, file)


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and scope.dotted(test.left) == "__name__"


def _body_for_checkers(node: ast.If, file: drafts.File) -> None:
    for statement in node.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            # bound for annotations, and imported by nothing that runs
            file.imports += _imports(statement, summary.CHECKERS)
    _body(node.orelse, file)


def _compound(node: ast.stmt, file: drafts.File) -> None:
    """Record `if`, `for`, `with`, `try`, `match` and simple statements: what they evaluate, bind and contain."""
    inner: list[ast.stmt] = []
    own: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            inner.append(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            inner += child.body
            own += [part for part in ast.iter_child_nodes(child) if not isinstance(part, ast.stmt)]
        else:
            own.append(child)
    found = mentions.of_nodes(own)
    file.executed.update(found.mentions)
    for name in found.bound:
        file.unit(name, "v").mentions |= found.mentions
    _body(inner, file)


def _bound_names(nodes: Iterable[ast.AST]) -> set[str]:
    names = (item for node in nodes for item in ast.walk(node) if isinstance(item, ast.Name))
    return {item.id for item in names if isinstance(item.ctx, ast.Store)}


def _assignment(node: ast.Assign | ast.AnnAssign | ast.AugAssign, file: drafts.File) -> None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = _bound_names(targets)
    if names == {"__all__"}:
        return
    annotation = [node.annotation] if isinstance(node, ast.AnnAssign) else []
    value = [node.value] if node.value else []
    found = mentions.of_nodes([*value, *annotation]).mentions
    for name in names:
        file.unit(name, "v").mentions |= found
    for item in value:
        file.executed.update(importing.executed(item))
    if names == {"pytest_plugins"}:
        file.imports += [summary.Import(0, item[1:], "", "", summary.PLUGINS) for item in found if item[0] in ".'"]
    for target in targets:
        if isinstance(target, ast.Attribute | ast.Subscript):
            keeper = scope.dotted(target.value)
            if file.kind(keeper) not in {"f", "c"}:
                file.executed.update(mentions.of_nodes([target]).mentions)
            file.kept.append(("=" + keeper, sorted(found)))


def _keep(call: ast.AST, given: set[str], file: drafts.File) -> None:
    """Record that a call may keep what it is given, in the object whose method it is or where the function does."""
    keeper = scope.dotted(call.func if isinstance(call, ast.Call) else call)
    file.kept.append((keeper.rpartition(".")[0] or keeper, sorted(given)))


def _function(node: scope.Function, owner: str, file: drafts.File) -> None:
    name = f"{owner}{node.name}"
    found, made = mentions.of_function(node, method=bool(owner))
    draft = file.unit(name, "f")
    draft.mentions |= found.mentions
    if made:
        file.unit(name + summary.LATER, "f").mentions |= made.mentions
    parts = [found, made] if made else [found]
    if any(part.keeps for part in parts):
        draft.flags.add("r")
    if any(part.gives_itself for part in parts):
        draft.flags.add("s")
    # asked of what a module calls while it is imported: functions, and classes that are made
    if not owner or node.name in {"__init__", "__new__"}:
        draft.flags.update(parameters.use(node))
    for item in (item for part in parts for item in part.imports):
        file.imports += _imports(item, name)
    file.executed.update(*(importing.executed(item) for item in _defaults(node.args)))
    _decorators(node, name, draft, file)
    # whether it is a test is the configuration's affair, and seen later
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    draft.mentions.update("@" + item.arg for item in arguments if item.arg not in {"self", "cls"})


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(item for item in arguments.kw_defaults if item)]


def _decorators(node: scope.Function | ast.ClassDef, name: str, draft: drafts.Draft, file: drafts.File) -> None:
    for item in node.decorator_list:
        file.executed.update(importing.executed(item, decorator=True))
        path = scope.dotted(item.func if isinstance(item, ast.Call) else item)
        last = path.rpartition(".")[2]
        if last in {"fixture", "yield_fixture"}:
            _fixture(item, node.name, draft)
        if last in _HARMLESS or ".mark." in path:
            continue
        _keep(item, {name}, file)
        if path and not isinstance(item, ast.Call):
            file.executed.add(f"<@{path}|{name}")
        if isinstance(item, ast.Call):
            # `@receiver(signal)` keeps the function in its argument
            for given in mentions.of_nodes([*item.args, *item.keywords]).mentions:
                if given[0].isalpha() or given[0] == "_":
                    file.kept.append((given, [name]))


def _fixture(decorator: ast.expr, name: str, draft: drafts.Draft) -> None:
    draft.fixture = name
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else []:
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
            draft.fixture = str(keyword.value.value)
        if keyword.arg == "autouse" and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value):
            draft.flags.add("a")


def _class(node: ast.ClassDef, owner: str, file: drafts.File) -> None:
    name = f"{owner}{node.name}"
    draft = file.unit(name, "c")
    bases = [scope.dotted(item.value if isinstance(item, ast.Subscript) else item) for item in node.bases]
    draft.bases += bases
    file.executed.update("^" + item for item in bases if item)
    for keyword in node.keywords:
        draft.flags.add("k")
        file.executed.update(mentions.of_nodes([keyword.value]).mentions)
    decorators, rest = mentions.decorating(node)
    draft.mentions |= decorators | mentions.of_nodes([*node.bases, *node.keywords, *rest]).mentions
    _decorators(node, name, draft, file)
    for statement in mentions.without_docstring(node.body):
        _class_statement(statement, name, draft, file)


def _class_statement(node: ast.stmt, name: str, draft: drafts.Draft, file: drafts.File) -> None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            _function(node, name + ".", file)
        case ast.ClassDef():
            _class(node, name + ".", file)
        case ast.Import() | ast.ImportFrom():
            file.imports += _imports(node, "")
        case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    _class_statement(child, name, draft, file)
                elif not isinstance(child, ast.expr_context):
                    _class_attribute(child, name, draft, file)
        case _:
            _class_attribute(node, name, draft, file)


def _class_attribute(node: ast.AST, name: str, draft: drafts.Draft, file: drafts.File) -> None:
    found = mentions.of_nodes([node])
    draft.mentions |= found.mentions
    for item in found.imports:
        file.imports += _imports(item, "")
    value = getattr(node, "value", None)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr):
        file.executed.update(importing.executed(value) if value else ())
        for target in found.bound:
            file.unit(f"{name}.{target}", "v").mentions |= found.mentions
    else:
        file.executed.update(found.mentions)


def _imports(node: ast.Import | ast.ImportFrom, unit: str) -> list[summary.Import]:
    if isinstance(node, ast.Import):
        return [summary.Import(0, item.name, "", item.asname or "", unit) for item in node.names]
    module = node.module or ""
    return [summary.Import(node.level, module, item.name, item.asname or item.name, unit) for item in node.names]
