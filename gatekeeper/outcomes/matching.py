"""Names in reports -> the predicted tests that they mean.

A report names a test by `classname` and `name`, as pytest does: dotted module and classes, and the function with its
parameters. They differ from the node id where CI ran in a folder inside of the repository, or around it: then one's
dotted name is the end of the other's. As a run has one root, ends are looked at only in jobs of which nothing fits as
it is. What fits several is counted, never guessed. What differs between two names of one test otherwise is how they
were written into the XML: control characters, line ends, pytest-xdist's group.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gatekeeper.outcomes import job, nodeids
from gatekeeper.simulation import prediction

# what pytest writes as `#x07` (`bin_xml_escape` in `_pytest/junitxml.py`)
_ESCAPED = re.compile("[^\t\n\r\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLANKS = re.compile(r"\s+")
# where parameters, a group or a subtest begin
_AFTER = re.compile(r"[\[@ (]")

_Dotted = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Reported tests beside the ids of predicted ones."""

    # id -> what was reported under one name: several results where several reports of a job have that name
    matched: Mapping[str, tuple[job.Reported, ...]]
    # reported names that fit more than one id, or ids that more than one name fits; never guessed
    ambiguous: tuple[job.Reported, ...]
    # the name of a predicted test but for its parameters
    unmatched: tuple[job.Reported, ...]
    # of tests that were not predicted
    unselected: tuple[job.Reported, ...]


def key(node_id: str) -> str:
    """Return the name of a test by pytest's node id: dotted module and classes, `::`, name with parameters.

    >>> key("tests/unit/test_a.py::TestB::test_c[1-x]")
    'tests.unit.test_a.TestB::test_c[1-x]'
    """
    parts = nodeids.split(node_id)
    return _key(parts.classname, parts.name)


def reported_key(reported: job.Reported) -> str:
    """Return the same of a reported test; shorter at its front where CI ran from a folder within the repository."""
    form = _forms(reported)[0]
    return _key(".".join(form.dotted), _without_group(form.name))


def suffixes(name: str) -> tuple[str, ...]:
    """Return a key and its shorter forms, longest first, as a report may have it whose run began further inside.

    >>> suffixes("tests.unit.test_a.TestB::test_c")
    ('tests.unit.test_a.TestB::test_c', 'unit.test_a.TestB::test_c', 'test_a.TestB::test_c')
    """
    dotted, colons, rest = name.partition("::")
    parts = dotted.split(".")
    # a class without its module names too much
    starts = [start for start in range(len(parts)) if any(not part[:1].isupper() for part in parts[start:])]
    return tuple(".".join(parts[start:]) + colons + rest for start in starts) or (name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """A predicted test, or a reported one in one of the ways to read its name."""

    id: str
    # module and classes
    dotted: _Dotted
    # how many of these are the module's at least; a shorter end does not name the module
    module: int
    name: str


@dataclass(slots=True)
class _Found:
    """What has been matched so far."""

    claims: defaultdict[str, list[job.Reported]] = field(default_factory=lambda: defaultdict(list))
    # of modules as a whole: they could not be imported, or were skipped
    modules: defaultdict[str, list[job.Reported]] = field(default_factory=lambda: defaultdict(list))
    ambiguous: list[job.Reported] = field(default_factory=list)
    unmatched: list[job.Reported] = field(default_factory=list)
    unselected: list[job.Reported] = field(default_factory=list)


class Index:
    """Ids to be matched, for the reports of several jobs."""

    def __init__(self, node_ids: Iterable[str]) -> None:
        """Index ids."""
        self._by_name: defaultdict[str, list[_Test]] = defaultdict(list)
        self._by_loose: defaultdict[str, list[_Test]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[_Test]] = defaultdict(list)
        # dotted module -> its tests, and last part of a dotted module -> those modules
        self._by_module: defaultdict[_Dotted, list[_Test]] = defaultdict(list)
        self._by_file: defaultdict[str, set[_Dotted]] = defaultdict(set)
        for node_id in sorted(set(node_ids)):
            self._add(node_id)

    def match(self, reported: Sequence[job.Reported]) -> Matching:
        """Return which of the ids each reported test of one job is."""
        read = [(one, _forms(one)) for one in reported]
        exact = any(self._tests(one, forms, exact=True) or self._modules(one, exact=True) for one, forms in read)
        found = _Found()
        for one, forms in read:
            self._place(one, forms, found, exact=exact)
        matched = self._agreed(found)
        for node_id, wholes in found.modules.items():
            matched.setdefault(node_id, tuple(wholes))
        return Matching(
            matched=matched,
            ambiguous=tuple(found.ambiguous),
            unmatched=tuple(found.unmatched),
            unselected=tuple(found.unselected),
        )

    def _add(self, node_id: str) -> None:
        parts = nodeids.split(node_id)
        module = tuple(nodeids.dotted(parts.path).split("."))
        name = _escaped(parts.name)
        test = _Test(id=node_id, dotted=_split(parts.classname), module=len(module), name=name)
        self._by_name[name].append(test)
        self._by_loose[_loose(name)].append(test)
        self._by_stem[_stem(name)].append(test)
        self._by_module[module].append(test)
        self._by_file[module[-1]].add(module)

    def _place(self, one: job.Reported, forms: Sequence["_Form"], found: _Found, *, exact: bool) -> None:
        tests = self._tests(one, forms, exact=exact)
        modules = [] if tests else self._modules(one, exact=exact)
        if len(tests) > 1 or len(modules) > 1:
            found.ambiguous.append(one)
        elif tests:
            found.claims[tests[0].id].append(one)
        elif modules:
            for test in self._by_module[modules[0]]:
                found.modules[test.id].append(one)
        elif self._is_stem(forms, exact=exact):
            found.unmatched.append(one)
        else:
            found.unselected.append(one)

    def _tests(self, one: job.Reported, forms: Sequence["_Form"], *, exact: bool) -> list[_Test]:
        """Return the tests that a reported name fits, by the strictest reading of it that fits any."""
        for form in forms:
            for tests in (
                self._by_name.get(_escaped(form.name), ()),
                self._by_loose.get(_loose(form.name), ()),
                self._by_loose.get(_loose(_without_group(form.name)), ()) if "@" in form.name else (),
            ):
                fitting = [test for test in tests if _fits(form.dotted, test.dotted, test.module, exact=exact)]
                if fitting:
                    return _by_file(one.file, fitting)
        return []

    def _modules(self, one: job.Reported, *, exact: bool) -> list[_Dotted]:
        """Return the modules that a report of a whole module may mean: pytest gives its dotted name and no class."""
        if one.classname or not (one.outcome.broken or one.outcome is prediction.Outcome.SKIP):
            return []
        dotted = _split(one.name)
        modules = self._by_file.get(dotted[-1], set()) if dotted else set()
        return sorted(module for module in modules if _fits(dotted, module, len(module), exact=exact))

    def _is_stem(self, forms: Sequence["_Form"], *, exact: bool) -> bool:
        return any(
            _fits(form.dotted, test.dotted, test.module, exact=exact)
            for form in forms
            for test in self._by_stem.get(_stem(_escaped(form.name)), [])
        )

    def _agreed(self, found: _Found) -> dict[str, tuple[job.Reported, ...]]:
        """Return the claims of which each id has one name alone."""
        agreed: dict[str, tuple[job.Reported, ...]] = {}
        for node_id, claims in found.claims.items():
            if len({(one.classname, one.name) for one in claims}) == 1:
                agreed[node_id] = tuple(claims)
            else:
                found.ambiguous.extend(claims)
        return agreed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """One way to read a reported name."""

    dotted: _Dotted
    name: str


def _forms(one: job.Reported) -> list[_Form]:
    """Return the ways to read a reported name, the likeliest first; at least one."""
    classname, name = one.classname, one.name
    if not classname and "::" in name.partition("[")[0]:
        parts = nodeids.split(name)
        return [_Form(dotted=_split(parts.classname), name=parts.name)]
    forms = [_Form(dotted=_split(classname), name=name)] if classname else []
    # of a module as a whole, the name is the module's
    if one.file and (classname or name != nodeids.dotted(one.file)):
        module = _split(nodeids.dotted(one.file))
        classes = _split(classname)
        # of `tests.test_a.TestB` in `tests/test_a.py` the module is there; of `TestB` it is not
        if module and module[-1] not in classes:
            forms.append(_Form(dotted=(*module, *classes), name=name))
    return forms or [_Form(dotted=(), name=name)]


def _fits(reported: _Dotted, test: _Dotted, module: int, *, exact: bool) -> bool:
    """Whether a reported dotted name is that of a test, or, unless `exact`, one is the end of the other."""
    if exact or len(reported) == len(test):
        return reported == test
    if len(reported) > len(test):
        # a file at the top of the repository has its like in too many folders
        return module > 1 and reported[-len(test) :] == test
    # what is left must name the module's file at least
    return len(reported) > len(test) - module and test[-len(reported) :] == reported


def _by_file(file: str | None, tests: list[_Test]) -> list[_Test]:
    """Return those of several tests that the reported file is of, if it is of one; else all."""
    if file is None or len(tests) == 1:
        return tests
    path = _split(nodeids.dotted(file))
    same = [test for test in tests if _fits(path, test.dotted[: test.module], test.module, exact=False)]
    return same if len(same) == 1 else tests


@functools.lru_cache(maxsize=4096)
def _split(dotted: str) -> _Dotted:
    """Return the parts of a dotted name, or of a path with classes; of installed files, those from the package on."""
    if "/" in dotted or "::" in dotted:
        dotted = nodeids.split(f"{dotted}::").classname
    parts = [part for part in dotted.split(".") if part not in {"", "()"}]
    if "site-packages" in parts:
        parts = parts[parts.index("site-packages") + 1 :]
    return tuple(parts)


def _key(dotted: str, name: str) -> str:
    return f"{dotted}::{_escaped(name)}" if dotted else _escaped(name)


def _escaped(name: str) -> str:
    """Return a name as pytest writes it into XML."""

    def escape(found: re.Match[str]) -> str:
        code = ord(found[0])
        return f"#x{code:02X}" if code <= 0xFF else f"#x{code:04X}"  # noqa: PLR2004 - as pytest does

    # nearly all names are such, and this is asked of every test of every job
    return name if name.isascii() and name.isprintable() else _ESCAPED.sub(escape, name)


def _loose(name: str) -> str:
    """Return a name without what writers of XML make different: blanks and line ends, letters that are not ASCII."""
    if name.isascii() and name.isprintable() and " " not in name:
        return name
    return _BLANKS.sub(" ", _escaped(name)).encode("ascii", "backslashreplace").decode("ascii").strip()


def _without_group(name: str) -> str:
    """Return a name without the group that pytest-xdist puts behind it with `--dist loadgroup`."""
    before, at, group = name.rpartition("@")
    return before if at and before and "]" not in group else name


def _stem(name: str) -> str:
    """Return a name without its parameters, group or subtest."""
    return _AFTER.split(name, maxsplit=1)[0]
