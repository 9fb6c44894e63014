"""Both trees of a pull request, installed; what is resolved is recorded instead of asked for."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from gatekeeper.sandbox.installation import install, requirement, resolution, resolver
from tests.fakes.memory_tree import MemoryTree


class Recorder(resolver.Resolver):
    """Grants a module of its own name for every requirement, and remembers what was wanted."""

    def __init__(self, *, plugins: Iterable[str] = (), lacking: Iterable[str] = ()) -> None:
        super().__init__(Path("nowhere"), offline=True, provided={}, progress=print)
        self.wanted: list[list[str]] = []
        self._plugins = set(plugins)
        self._lacking = tuple(lacking)

    def resolve(
        self, wanted: Iterable[requirement.Requirement], own: frozenset[str] = frozenset()
    ) -> resolution.Resolution:
        wanted = tuple(wanted)
        self.wanted.append([str(item) for item in wanted])
        granted = (self._granted(item.name) for item in wanted if item.name not in own)
        return resolution.Resolution(site=Path("site"), granted=tuple(granted), unavailable={}, notes=())

    def _granted(self, name: str) -> resolution.Granted:
        plugin = name in self._plugins
        return resolution.Granted(
            name=name,
            version="1",
            file=f"{name}-1-py3-none-any.whl",
            sha256="0" * 64,
            modules=(name.replace("-", "_"),),
            compiled=(f"{name}._fast",) if name == "wrapt" else (),
            plugins=(name,) if plugin else (),
            options=(f"--{name}",) if plugin else (),
            lacking=self._lacking if plugin else (),
        )


def _files(*requires: str, **more: str) -> MemoryTree:
    listed = ", ".join(f'"{line}"' for line in requires)
    return MemoryTree({"pyproject.toml": f'[project]\nname = "mine"\ndependencies = [{listed}]\n', **more})


def _install(
    before: MemoryTree, after: MemoryTree, recorder: Recorder, *, head: bool = False
) -> tuple[install.Installation, install.Installation]:
    pair = install.install(before, after, recorder, head_dependencies=head, version="v1.2")
    return pair.before, pair.after


def test_what_head_adds_is_not_granted_and_its_import_is_unavailable_with_the_reason() -> None:
    recorder = Recorder()

    _, after = _install(_files("six"), _files("six", "pyyaml>=6", "attrs"), recorder)

    assert recorder.wanted == [["six"], ["six"]]
    assert after.notes == (
        "added by the pull request, and base's configuration does not grant what it adds: pyyaml, attrs",
    )
    assert after.unavailable["yaml"] == after.unavailable["pyyaml"] == after.unavailable["attrs"] == after.notes[0]


def test_what_head_changes_is_granted_as_base_has_it() -> None:
    recorder = Recorder()

    _, after = _install(_files("six<2", "attrs"), _files("six>=2", "attrs>22"), recorder)

    assert recorder.wanted == [["six<2", "attrs"], ["six<2", "attrs"]]
    (note,) = after.notes
    assert note.endswith("base's requirement is met instead: six>=2 (pyproject.toml), attrs>22 (pyproject.toml)")


def test_what_head_removes_is_not_there_for_after() -> None:
    recorder = Recorder()

    _install(_files("six", "attrs"), _files("attrs"), recorder)

    assert recorder.wanted == [["six", "attrs"], ["attrs"]]


def test_with_head_dependencies_each_tree_gets_its_own() -> None:
    recorder = Recorder()

    _, after = _install(_files("six<2"), _files("six>=2", "pyyaml"), recorder, head=True)

    assert recorder.wanted == [["six<2"], ["six>=2", "pyyaml"]]
    assert after.unavailable == {}


def test_trees_that_are_the_same_are_installed_once() -> None:
    recorder = Recorder()
    files = _files("six")

    before, after = _install(files, files, recorder)

    assert before is after
    assert len(recorder.wanted) == 1


def test_an_import_that_nothing_declares_and_a_compiled_module_are_unavailable() -> None:
    files = _files(
        "wrapt",
        **{
            "tests/test_a.py": "import numpy\nimport six\n",
            "mine/_speed.pyx": "",
            "mine/pure.pyx": "",
            "mine/pure.py": "",
            "setup.py": "setup(ext_modules=[Extension('mine._c', ['c.c'])])",
        },
    )

    _, after = _install(files, files, Recorder())

    assert after.unavailable == {
        "numpy": "it is not among the declared requirements",
        "six": "it is not among the declared requirements",
        "mine._speed": "mine._speed is compiled from Cython",
        "mine._c": "mine._c is compiled from C",
        "wrapt._fast": "wrapt is granted without its compiled modules",
    }


def test_an_optional_requirement_that_no_test_imports_is_told_from_an_undeclared_one() -> None:
    files = MemoryTree(
        {
            "pyproject.toml": '[project]\nname = "mine"\n[project.optional-dependencies]\nyaml = ["pyyaml"]\n',
            "mine.py": "import yaml\n",
        }
    )

    _, after = _install(files, files, Recorder())

    assert after.unavailable == {"yaml": "pyyaml is declared, but not for tests with Python 3.14 on Linux"}


@pytest.mark.parametrize(
    ("name", "option"), [("pytest-benchmark", "--benchmark-disable"), ("hypothesis", "--hypothesis-seed=0")]
)
def test_granted_plugins_are_made_to_give_the_same_twice(name: str, option: str) -> None:
    files = _files(name)

    _, after = _install(files, files, Recorder(plugins=[name]))

    assert after.pytest_args == (option,)


def test_a_plugin_that_lacks_something_is_kept_from_loading() -> None:
    files = _files("hypothesis", **{"pytest.ini": "[pytest]\naddopts = --hypothesis --doctest-modules\n"})

    _, after = _install(files, files, Recorder(plugins=["hypothesis"], lacking=["native"]))

    assert after.pytest_args[-2:] == ("-p", "no:hypothesis")
    assert "addopts=--doctest-modules" in after.pytest_args
    assert "the plugin hypothesis is off: native is not there" in after.notes


def test_options_of_granted_plugins_stay() -> None:
    files = _files("pytest-env", **{"pytest.ini": "[pytest]\naddopts = --pytest-env\n"})

    _, after = _install(files, files, Recorder(plugins=["pytest-env"]))

    assert not any(word.startswith("addopts=") for word in after.pytest_args)
    assert after.pytest_config == "pytest.ini"


def test_an_empty_tree_is_an_installation_too() -> None:
    files = MemoryTree({})

    _, after = _install(files, files, Recorder())

    assert (after.import_roots, after.generated, after.dist_info, after.pytest_args) == (("",), {}, {}, ())
