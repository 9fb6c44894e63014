"""The tests that a diff can affect, each with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedTest:
    """One test function, or one test module as a whole, that the diff can affect."""

    # the test module, relative to the tree's root
    path: str
    # `test_name` or `Class::test_name`; empty: whatever pytest collects from the module
    name: str
    # one sentence for people: how the change reaches the test
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is to be pre-executed, and what need not be.

    Conservative by construction: in a selected module only the names under `unaffected` may be left out, so that
    whatever the analysis did not see in the module is run.
    """

    # by path, then by order in the module
    affected: tuple[AffectedTest, ...]
    # selected module -> names of tests in it that the diff cannot affect
    unaffected: Mapping[str, frozenset[str]]
    # test functions seen in the after tree, parametrisations counted once
    total: int
    # those of them in modules without an affected test
    elsewhere: int = 0
    # changed symbols (`path::qualified.name`) that no test reaches
    unreached: tuple[str, ...] = ()
    # modules of the after tree that no longer parse: path -> the parser's message with its line
    unparsable: Mapping[str, str]
    # what executable content the diff touches at all; False: nothing executable changed
    executable: bool = True

    @property
    def modules(self) -> tuple[str, ...]:
        """Paths of the modules with at least one affected test, sorted."""
        return tuple(sorted({test.path for test in self.affected}))
