"""What holds of all programs, on small projects made at random."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.simulation.program import program
from tests import program_cases

_FILES = ("a.py", "pkg/b.py", "pkg/c.py")
_NAMES = [f"f{number}" for number in range(6)]
_LINES = ["x = 1", "# a comment", "if x:\n        x += 1", 's = """a\n    b"""', "y = [\n        1,\n    ]"]

# a function by its file, and what it calls, and a line of its body
_function = st.tuples(st.sampled_from(_FILES), st.lists(st.sampled_from(_NAMES), max_size=3), st.sampled_from(_LINES))
_functions = st.fixed_dictionaries(dict.fromkeys(_NAMES, _function))
_members = st.lists(st.tuples(st.sampled_from("pqrs"), st.sampled_from(_NAMES)), max_size=4)
_tables = st.lists(st.tuples(st.sampled_from(_FILES), st.sampled_from(_NAMES)), max_size=2)
_tests = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4)


def _project(functions: dict, members: list, tables: list, tests: list, gap: str) -> dict[str, str]:  # type: ignore[type-arg]
    """Return files: functions that call others of any file, a class, tables that are computed, and tests."""
    found = {
        path: f"{''.join(f'from {_dotted(other)} import *{chr(10)}' for other in _FILES if other != path)}{gap}"
        for path in _FILES
    }
    for name, (path, calls, line) in functions.items():
        called = "".join(f"    {call}()\n" for call in calls if call > name)
        found[path] += f"def {name}():\n    x = 0\n    {line}\n{called}    return x\n{gap}"
    for number, (path, name) in enumerate(tables):
        found[path] += f"TABLE{number} = [{name}]\n{gap}def g{number}():\n    return TABLE{number}\n{gap}"
    found["a.py"] += "class Box:\n    size = 1\n\n" + "".join(
        f"    def {member}(self):\n        return {name}()\n\n" for member, name in members
    )
    found["pkg/__init__.py"] = ""
    found["test_it.py"] = "from a import *\nfrom pkg.b import *\nfrom pkg.c import *\n\n\n" + "\n\n".join(
        f"def test_{number}():\n    assert {name}() == 0 and Box().{'pqrs'[number]}\n    g0()\n"
        for number, name in enumerate(tests)
    )
    return found


def _dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


_projects = st.builds(_project, _functions, _members, _tables, _tests, st.sampled_from(["\n\n", "\n"]))


@settings(deadline=None)
@given(before=_projects, after=_projects, budget=st.sampled_from([150, 400, program_cases.LARGE]))
def test_any_two_projects_share_what_comes_before_the_first_difference(
    before: dict[str, str], after: dict[str, str], budget: int
) -> None:
    found = program_cases.close(before, after, "test_it.py", budget=budget)

    if budget == program_cases.LARGE:
        assert all(isinstance(item, program.Closed) for item in found)
        program_cases.check_group(found, before, after)
    for item in found:
        for side in (item.before, item.after) if isinstance(item, program.Closed) else ():
            if side:
                assert sum(program_cases.count([piece.text for piece in side.pieces])) <= budget


@settings(deadline=None)
@given(project=_projects, name=st.sampled_from(_NAMES))
def test_all_but_the_changed_function_and_what_needs_it_made_is_shared(project: dict[str, str], name: str) -> None:
    changed = {
        path: text.replace(f"def {name}():\n    x = 0\n", f"def {name}():\n    x = 9\n")
        for path, text in project.items()
    }

    found = program_cases.close(project, changed, "test_it.py")

    program_cases.check_group(found, project, changed)
    for item in found:
        assert isinstance(item, program.Closed)
        assert item.before is not None
        rest = [piece for piece in item.after.pieces if piece.kind is program.Kind.CHANGED and piece.path]
        assert all(f"def {name}()" in piece.text or "TABLE" in piece.text for piece in rest)


@settings(deadline=None)
@given(project=_projects)
def test_nothing_is_changed_where_the_trees_are_equal(project: dict[str, str]) -> None:
    for item in program_cases.close(project, dict(project), "test_it.py"):
        assert isinstance(item, program.Closed)
        assert item.before == item.after
        assert not any(piece.kind is program.Kind.CHANGED for piece in item.after.pieces)
        assert program_cases.outcome(item.after.text).partition(":")[0] in {
            "pass",
            "AssertionError",
            "AttributeError",
            "NameError",
        }
