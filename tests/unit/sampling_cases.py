"""A change with a fault, and the question what mends it."""

from collections.abc import Mapping

import pygit2

from gatekeeper.diffs import parse
from gatekeeper.repair import culprit, proposal, proposer, units
from gatekeeper.simulation import prediction
from tests.fakes import memory_tree

TEST = "tests/test_shop.py::test_total"
BASE = '''\
"""Sums."""

RATE = 20


class Shop:
    """Sells."""

    def total(self, prices):
        """Return the sum.

        With tax.
        """
        # the author's own words
        result = 0
        for price in prices:
            result += price
        return result + result * RATE // 100


def twice(number):
    return 2 * number
'''
HEAD = BASE.replace("            result += price\n", "            result = price  # as they come\n")
TESTS = """\
from shop import Shop


def test_total():
    assert Shop().total([100, 200]) == 360
"""


def asked(
    head: Mapping[str, str] | str = HEAD,
    base: Mapping[str, str] | str = BASE,
    *,
    lines: tuple[units.Unit, ...] | None = None,
    at: tuple[str, int] | None = ("shop.py", 17),
    said: prediction.Prediction | None = None,
) -> proposer.Asked:
    """Return the question; by default every changed line is known to be at fault."""
    before, after = ({"shop.py": side} if isinstance(side, str) else dict(side) for side in (base, head))
    trees = [memory_tree.MemoryTree({"tests/test_shop.py": TESTS, **side}) for side in (before, after)]
    of = units.Change(
        diff=parse.parse(_diff(before, after)),
        before=trees[0],
        after=trees[1],
        head=trees[1],
        is_test=lambda path: path.startswith("tests/"),
    )
    found = units.read(of).units if lines is None else lines
    said = said or prediction.Prediction(
        test=TEST,
        outcome=prediction.Outcome.FAIL,
        p_fail=1.0,
        reason="",
        exception="AssertionError: assert 240 == 360",
        engine="sandbox",
        model="",
        version="",
    )
    place = prediction.Location(path=at[0], line=at[1]) if at else None
    return proposer.Asked(
        fault=proposal.Fault(fingerprint="f", at=place, frames=(), tests=(said.test,)),
        said=said,
        culprit=culprit.Culprit(
            fingerprint="f", test=said.test, blocks=found, lines=found, exact=True, runs=2, why="without it, it passes"
        ),
        of=of,
    )


def _diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the unified diff of files that are on both sides."""
    found = ""
    for path in sorted(before):
        # what a patch is made of must live as long as it does
        old, new = before[path].encode(), after[path].encode()
        if old != new:
            found += (pygit2.Patch.create_from(old, new, path, path).data or b"").decode()
    return found
