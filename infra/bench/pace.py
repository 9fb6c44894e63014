"""Time reviews of a project's own commits against its whole suite under native pytest, in one run.

    infra/bench/pace.py CLONE --tests TESTS [--src FOLDER] [--requirement REQ]... REVISION...

CLONE is a git clone of a pure-Python project. Each REVISION is reviewed against its first parent; the suite is run
natively on the first REVISION's tree before, between and after the reviews, and its median counts. Printed are, for
each review, the tests selected, the seconds to the verdict, and the ratio of the two times. An empty review is timed
too: the fixed cost, which the ratio leaves out. The word `all` in place of a REVISION stands for a change of pytest's
configuration, which affects every test.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

import trees

from gatekeeper import errors, settings
from gatekeeper.wiring.bench import native, reviewing

ALL = "all"
RUNS = 3


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path)
    parser.add_argument("revisions", nargs="+", metavar="REVISION")
    parser.add_argument("--tests", required=True, help="the folder of tests, relative to the clone")
    parser.add_argument("--src", default=".", help="the folder that has to be on the import path")
    parser.add_argument("--requirement", action="append", default=[], help="what the tests import beside pytest")
    words = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="gatekeeper-pace-") as folder:
            _time(words, Path(folder))
    except errors.GatekeeperError as error:
        print(f"pace: {error}", file=sys.stderr)
        return 2
    return 0


def _time(words: argparse.Namespace, folder: Path) -> None:
    chosen = settings.read(os.environ)
    opened = trees.clone(words.clone, folder / "clone.git")
    clone = folder / "clone.git"
    changes = [_change(opened, clone, revision) for revision in words.revisions]
    reviewer = reviewing.Reviewer(chosen, folder / "records.sqlite")
    python = native.environment([native.guest_pytest(), *words.requirement], chosen.cache)
    tree = trees.checkout(clone, changes[0][2], folder / "tree")
    # resolves requirements and builds the sandbox, where that has not been done
    reviewer.review(clone, *changes[0][1:])
    fixed = statistics.median(reviewer.review(clone, changes[0][2], changes[0][2]).seconds for _ in range(RUNS))
    suite, reviews = [native.suite(python, tree, [words.tests], words.src)], []
    for name, base, head in changes:
        reviews.append((name, reviewer.review(clone, base, head)))
        if len(suite) < RUNS:
            suite.append(native.suite(python, tree, [words.tests], words.src))
    whole = statistics.median(suite)
    print(f"native suite {whole:.1f} s ({', '.join(f'{one:.1f}' for one in suite)}); empty review {fixed:.2f} s")
    for name, review in reviews:
        ratio = (review.seconds - fixed) / whole
        print(f"{name}: {review.selected} of {review.of} selected, {review.seconds:.1f} s, ratio {ratio:.2f}")


def _change(opened: trees.pygit2.Repository, clone: Path, revision: str) -> tuple[str, str, str]:
    """Return name, base and head of one review."""
    if revision != ALL:
        head = trees.git(clone, "rev-parse", revision)
        return trees.git(clone, "log", "-1", "--format=%h %s", head)[:60], f"{head}^", head
    base = trees.git(clone, "rev-parse", "HEAD")
    index = trees.index_of(opened, base)
    trees.put(opened, index, {"pytest.ini": b"[pytest]\n"})
    return "a change of pytest's configuration", base, trees.commit(opened, index, base, "Change configuration")


if __name__ == "__main__":
    sys.exit(main())
