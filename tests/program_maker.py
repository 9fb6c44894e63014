"""Random programs that end, made of every kind of statement that changes where control goes."""

import random

_HEAD = """\
import contextlib


class Opened:
    def __init__(self, swallows):
        self.swallows = swallows

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        return self.swallows


@contextlib.contextmanager
def managed():
    try:
        yield 1
    finally:
        pass


def counted(n):
    for i in range(n):
        got = yield i
    return n


class Limited:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if not self.n:
            raise StopIteration
        self.n -= 1
        return self.n


"""
_SIMPLE = (
    "a = b + 1",
    "b, a = a, b",
    "pass",
    "assert a < 3, b",
    "a = (\n{0}    b +\n{0}    1\n{0})",
    "b = [\n{0}    x + a\n{0}    for x in range(2)\n{0}    if x\n{0}][0]",
    "a = sum(x for x in counted(2))",
    "b = (lambda c: c + 1)(a)",
    "a = b if a else 2",
    "{1}",
    "b = {1}",
    "a = len([\n{0}    {1},\n{0}    b,\n{0}])",
    "a = 1; b = 2",
    "global unused",
    "c: int",
    "def inner(x=a):\n{0}    nonlocal_ = x\n{0}    return nonlocal_\n{0}b = inner()",
    "list(Limited(2))",
    "b = next(counted(0), 5)",
)
_LEAVING = (
    "return a",
    "return",
    "raise KeyError",
    "raise ValueError(a)",
    "return (\n{0}    {1}\n{0})",
    "return [x for x in Limited(a)]",
)
_LOOPING = ("break", "continue")
_CAUGHT = ("KeyError", "ValueError as error", "(KeyError, AssertionError)", "Exception")
_OPENED = (
    "Opened(a)",
    "Opened(False) as opened",
    "managed()",
    "Opened(True), managed() as m",
    "(\n{0}    Opened(False),\n{0}    Opened(b),\n{0})",
)
_ITERATED = ("range(2)", "counted(2)", "Limited(2)", "[a, b]", "[\n{0}    y\n{0}    for y in range(2)\n{0}]")


def program(seed: int) -> str:
    """Return a program whose `test()` ends after at most some thousand lines."""
    return _Maker(random.Random(seed)).program()


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._callees: list[str] = []
        self._yields = False

    def program(self) -> str:
        functions = []
        for name in ("three", "two", "one"):
            self._yields = self._chance.random() < 0.2
            body = self._block(1, depth=3, looping=False)
            functions.append(f"def {name}(a=1, b=2):\n{body}")
            self._callees.append(f"list({name}(a))" if self._yields else f"{name}(b)")
        self._yields = False
        return _HEAD + "\n\n".join([*functions, f"def test(a=1, b=2):\n{self._block(1, depth=3, looping=False)}"])

    def _block(self, level: int, *, depth: int, looping: bool) -> str:
        count = self._chance.choice([1, 2, 2, 3])
        return "".join(self._statement(level, depth=depth, looping=looping) for _ in range(count))

    def _statement(self, level: int, *, depth: int, looping: bool) -> str:
        indent = "    " * level
        kind = self._chance.choice("ssssslifwtumM" if depth else "sssl")
        match kind:
            case "l" if looping and self._chance.random() < 0.5:
                text = self._chance.choice(_LOOPING)
            case "l" if self._chance.random() < 0.4:
                text = self._chance.choice(_LEAVING)
            case "s" | "l":
                text = "b = yield a" if self._yields and self._chance.random() < 0.4 else self._chance.choice(_SIMPLE)
            case _:
                return self._compound(kind, level, depth - 1, looping=looping)
        return f"{indent}{text.format(indent, self._call())}\n"

    def _compound(self, kind: str, level: int, depth: int, *, looping: bool) -> str:  # noqa: PLR0911 - an arm each
        indent = "    " * level

        def block(*, loop: bool = looping, deeper: int = 1) -> str:
            return self._block(level + deeper, depth=depth, looping=loop)

        def maybe(header: str, chance: float = 0.4, *, loop: bool = looping) -> str:
            return f"{indent}{header}\n{block(loop=loop)}" if self._chance.random() < chance else ""

        match kind:
            case "i":
                return f"{indent}if a < b:\n{block()}{maybe('elif b:')}{maybe('else:')}"
            case "f":
                iterated = self._chance.choice(_ITERATED).format(indent)
                return f"{indent}for a in {iterated}:\n{block(loop=True)}{maybe('else:')}"
            case "w":
                count, body = f"n{level}", block(loop=True)
                stop = f"{indent}    {count} += 1\n{indent}    if {count} > 2:\n{indent}        break\n"
                return (
                    f"{indent}{count} = 0\n{indent}while {self._chance.choice(['True', 'a', 'a and b'])}:\n{stop}{body}"
                )
            case "t":
                handlers = "".join(maybe(f"except {caught}:", 0.5) for caught in _CAUGHT) or maybe("except:", 1)
                return f"{indent}try:\n{block()}{handlers}{maybe('else:')}{maybe('finally:')}"
            case "u":
                return f"{indent}try:\n{block()}{indent}finally:\n{block(loop=False)}"
            case "m":
                opened = self._chance.choice(_OPENED).format(indent)
                return f"{indent}with {opened}:\n{block()}"
            case _:
                cases = [f"{indent}    case {one}:\n{block(deeper=2)}" for one in ("1", "2 if b", "[x, *_]", "_")]
                kept = self._chance.sample(range(4), 2)
                return f"{indent}match a:\n{''.join(cases[place] for place in sorted(kept))}"

    def _call(self) -> str:
        return self._chance.choice(self._callees) if self._callees else "a"
