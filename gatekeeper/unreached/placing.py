"""Where the file of a proposed test is to lie: beside the other tests, under a name that no file has."""

from collections import Counter
from collections.abc import Callable, Iterable

from gatekeeper.unreached import targets, writing


def path(target: targets.Target, taken: Iterable[str], is_test_file: Callable[[str], bool]) -> str:
    """Return the path of a new test file; `taken` are the paths of both trees, and of what was proposed before."""
    paths = list(taken)
    names = {one.rpartition("/")[2] for one in paths}
    stem = f"test_{writing.slug(target.function.name)}"
    folder = _folder(target, [one for one in paths if is_test_file(one)])
    if folder in paths:
        # a file or a link that is called so
        folder = ""
    numbered = (f"{stem}{f'_{number}' if number else ''}.py" for number in range(len(paths) + 1))
    name = next(name for name in numbered if name not in names)
    return f"{folder}/{name}" if folder else name


def _folder(target: targets.Target, tests: Iterable[str]) -> str:
    """Return the folder of most of the tests, of those in the function's own project where there are some."""
    folders = Counter(one.rpartition("/")[0] for one in tests)
    if not folders:
        return "tests"
    top = target.path.partition("/")[0]
    near = {folder: count for folder, count in folders.items() if folder.partition("/")[0] == top}
    # the shortest of those that hold as many
    return min(near or folders, key=lambda folder: (-folders[folder], len(folder), folder))
