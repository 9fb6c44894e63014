"""Functions that no test reaches -> tests of them that were run on both trees, and what that found."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Protocol

from gatekeeper.diffs import tree as trees
from gatekeeper.halting import calls
from gatekeeper.simulation import prediction
from gatekeeper.unreached import ghostwriting, observed, placing, proposed, targets, trials, writing, written

Outcome = prediction.Outcome

# functions of one review, and seconds for one of them
MOST, SECONDS = 3, 20.0
# seconds that hypothesis takes to be imported, to write and to run, and that must be left for it
_GHOSTLY = 60.0
# of the seconds for one function, those in which its calls are tried, and in which a model may write
_TRYING, _WRITING = 0.4, 60.0
# functions among which these are found: others are refused
_LOOKED_AT = 20
# answers of a model that are tried
_ANSWERS = 3
# tests of a file that are looked at
_TESTS = 20


class Side(StrEnum):
    """One of the trees that are compared."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a test file ended on one tree."""

    # by id without the path: each of its tests, as far as they were run
    tests: Mapping[str, proposed.Ended]
    # given where it could not be imported
    broken: proposed.Ended | None = None


class Executor(Protocol):
    """Something that runs code in the trees, sealed off."""

    # of the engine
    name: str

    def evaluate(self, side: Side, path: str, calls: Sequence[str], seconds: float) -> Sequence[observed.Seen]:
        """Return what each expression, in the names of the file at `path`, did; in their order."""
        ...

    def run(self, side: Side, path: str, text: str, seconds: float, *, hypothesis: bool = False) -> Ran:
        """Return how a file ends that is added to the tree at `path`; with `hypothesis` it may take much longer."""
        ...

    def ghostwritten(self, path: str, name: str, seconds: float) -> str | None:
        """Return what hypothesis's ghostwriter writes of a function after the change; None where it is not there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """What tests are proposed with."""

    before: trees.Tree
    after: trees.Tree
    executor: Executor
    # None: no model is asked
    writer: written.Writer | None
    # by which name a file is imported
    module: targets.Named
    is_test_file: Callable[[str], bool]
    # top-level modules of the trees
    own: frozenset[str]
    # seconds that are left
    left: Callable[[], float]
    # hears, for people, why nothing is proposed for a symbol
    told: Callable[[str], None]
    _taken: set[str] = field(default_factory=set)

    def propose(self, symbols: Sequence[str]) -> Iterator[proposed.ProposedTest]:
        """Yield a test for each of the first functions; for which there is none, and why, is told."""
        before, after = calls.Calls(self.before), calls.Calls(self.after)
        self._taken.update(self.before.entries, self.after.entries)
        found = targets.find(sorted(symbols, key=_private), before, after, self.module)
        looked_at = 0
        for one in itertools.islice(found, _LOOKED_AT):
            match one:
                case targets.Refused(symbol=symbol, why=why):
                    self._tell(symbol, why)
                case targets.Target() if looked_at < MOST:
                    looked_at += 1
                    yield from self._of(one, after, before)
                case targets.Target():
                    return

    def _tell(self, symbol: str, why: str) -> None:
        self.told(f"no test reaches {symbol}, and none is proposed: {why}")

    def _of(self, target: targets.Target, known: calls.Calls, before: calls.Calls) -> Iterator[proposed.ProposedTest]:
        if self.left() <= 0:
            self._tell(target.symbol, "there was no time left for it")
            return
        path = placing.path(target, self._taken, self.is_test_file)
        seen = self._observed(target, known, path)
        # what shows a difference says more than what a model expects
        if not (isinstance(seen, proposed.ProposedTest) and seen.after.outcome is not Outcome.PASS):
            wrote = self._written(target, known, before, path)
            seen = wrote if wrote is not None else seen
        if isinstance(seen, str):
            seen = self._ghostwritten(target, path) or seen
        match seen:
            case str():
                self._tell(target.symbol, seen)
            case proposed.ProposedTest():
                self._taken.add(path)
                yield seen

    def _observed(self, target: targets.Target, known: calls.Calls, path: str) -> proposed.ProposedTest | str:
        """Return the test that holds what calls were seen to do, or why there is none."""
        tried = trials.of(target, known)
        if not tried:
            return "no arguments for it can be made from its annotations"
        texts, seconds = [one.text for one in tried], min(self.left(), SECONDS) * _TRYING
        after = self._evaluated(Side.AFTER, target, texts, seconds)
        before = self._evaluated(Side.BEFORE, target, texts, seconds) if target.before is not None else None
        pins = observed.pins(tried, before, after, writing.raisable(target))
        if not pins:
            return _nothing(after if before is None else before)
        text = writing.text(target, pins)
        made = self._run(target, path, text, writing.found(target, pins), proposed.Source.OBSERVED)
        if isinstance(made, str):
            return made
        if any(pin.instead is not None for pin in pins) == made.after.outcome.broken:
            return made
        return "its calls do other things each time"

    def _evaluated(
        self, side: Side, target: targets.Target, texts: Sequence[str], seconds: float
    ) -> list[observed.Seen]:
        """Return what the calls did, without what nobody may see."""
        seen = self.executor.evaluate(side, target.path, texts, seconds)
        return [observed.shown(one, f"{target.function.name} {text}") for one, text in zip(seen, texts, strict=True)]

    def _written(
        self, target: targets.Target, known: calls.Calls, before: calls.Calls, path: str
    ) -> proposed.ProposedTest | None:
        """Return the test that the model wrote; None where there is none that shows anything."""
        if self.writer is None or self.left() <= 0:
            return None
        wanted = written.Wanted(target=target, after=_lines(target, known), before=_lines(target, before))
        why = ""
        for answer in self.writer.write(wanted, min(self.left(), _WRITING))[:_ANSWERS]:
            text = written.read(answer, target, self.own)
            if isinstance(text, written.Unusable):
                why = text.why
                continue
            made = self._run(target, path, text, "", proposed.Source.MODEL)
            if isinstance(made, proposed.ProposedTest):
                return made
            why = made
        if why:
            self.told(f"the test that the model wrote for {target.symbol} is not used: {why}")
        return None

    def _ghostwritten(self, target: targets.Target, path: str) -> proposed.ProposedTest | None:
        """Return the test that hypothesis's ghostwriter writes; None where it cannot, or that shows nothing."""
        if self.left() < _GHOSTLY:
            return None
        wrote = self.executor.ghostwritten(target.path, target.function.name, self.left())
        text = ghostwriting.read(wrote, target, self.own) if wrote is not None else None
        if not isinstance(text, str):
            return None
        made = self._run(target, path, text, "", proposed.Source.GHOSTWRITER)
        if isinstance(made, str):
            return None
        return replace(made, found=ghostwriting.found(made.before, made.after))

    def _run(
        self, target: targets.Target, path: str, text: str, found: str, source: proposed.Source
    ) -> proposed.ProposedTest | str:
        """Run a file on both trees; return it with what that found, or why it is not shown."""
        ghostly = source is proposed.Source.GHOSTWRITER
        run = partial(self.executor.run, path=path, text=text, hypothesis=ghostly)
        seconds = _GHOSTLY if ghostly else SECONDS
        after = run(Side.AFTER, seconds=min(self.left(), seconds))
        before = run(Side.BEFORE, seconds=min(self.left(), seconds)) if target.before is not None else None
        if before is not None and _worst(before).outcome is not Outcome.PASS:
            return "a test of it does not pass before the change"
        ended = _worst(after)
        if ended.outcome in {Outcome.UNKNOWN, Outcome.SKIP}:
            return "a test of it cannot be run in the sandbox"
        if before is None and not ghostly and not any(one.outcome is Outcome.PASS for one in after.tests.values()):
            return "no test of it passes"
        return proposed.ProposedTest(
            symbol=target.symbol,
            path=path,
            text=text,
            source=source,
            before=_worst(before) if before is not None else None,
            after=ended,
            found=found or _found(before, after),
            tried_by=self.executor.name,
        )


def _private(symbol: str) -> tuple[bool, str]:
    return symbol.rpartition("::")[2].rpartition(".")[2].startswith("_"), symbol


def _lines(target: targets.Target, known: calls.Calls) -> tuple[str, ...]:
    """Return the function's lines in one of the trees; none where it is not there."""
    module = known.module(target.path)
    functions = module.functions.get(target.function.name) if module is not None else None
    if module is None or not functions:
        return ()
    return tuple(line.text for line in module.listed(functions[-1]))


def _nothing(seen: Sequence[observed.Seen]) -> str:
    """Return why calls are worth no line."""
    lacking = [one for one in seen if one.how is observed.How.LACKING]
    if len(lacking) == len(seen):
        return f"its calls cannot be tried: {lacking[0].said}"
    if all(one.how is observed.How.UNLOADED for one in seen):
        return f"its module cannot be imported: {seen[0].said}"
    return "no call of it with small values returns what a test could hold"


def _worst(ran: Ran) -> proposed.Ended:
    """Return how a file ended as a whole: as the first of its tests that did not pass."""
    if ran.broken is not None:
        return ran.broken
    ends = list(ran.tests.values())[:_TESTS]
    unknown = [one for one in ends if one.outcome is Outcome.UNKNOWN]
    broken = [one for one in ends if one.outcome.broken]
    passed = [one for one in ends if one.outcome is Outcome.PASS]
    return next(iter([*unknown, *broken, *passed]), proposed.Ended(outcome=Outcome.UNKNOWN))


def _found(before: Ran | None, after: Ran) -> str:
    """Return what a model's tests found, as one sentence."""
    count = len(after.tests)
    tests = f"{count} test{'s' * (count != 1)}"
    broken = [(test, one) for test, one in after.tests.items() if one.outcome.broken]
    if after.broken is not None:
        return f"its module cannot be imported after the change: {after.broken.exception[:60]}; before it could"
    if not broken:
        passes = f"{tests} pass{'es' * (count == 1)}"
        return f"passes on both: {tests}" if before is not None else f"was not there before; {passes}"
    test, one = broken[0]
    ends = "does not end" if one.outcome is Outcome.HANG else "fails"
    said = f"{test} {ends}: {one.exception[:60]}".removesuffix(": ")
    if before is None:
        return f"was not there before; {len(broken)} of {tests} fail{'s' * (len(broken) == 1)}: {said}"
    return f"after the change {said}; before {'it' if count == 1 else f'all {tests}'} passed"
