import ast

import pytest
from packaging import version as packaging_version

from gatekeeper.sandbox.installation import own, project, versions
from tests.fakes.memory_tree import MemoryTree


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject.toml": '[project]\nversion = "1.2"'}, "1.2"),
        ({"pyproject.toml": '[tool.poetry]\nname = "m"\nversion = "1.2-beta1"'}, "1.2b1"),
        ({"setup.cfg": "[metadata]\nversion = 1.2"}, "1.2"),
        ({"setup.cfg": "[metadata]\nversion = attr: m.V", "m/__init__.py": "V = (1, 2)"}, "1.2"),
        ({"setup.cfg": "[metadata]\nversion = file: VERSION", "VERSION": "1.2\n"}, "1.2"),
        ({"setup.cfg": "[metadata]\nversion = file: ../VERSION"}, ""),
        (
            {
                "pyproject.toml": '[tool.setuptools.dynamic]\nversion = {attr = "m.__version__"}',
                "src/m/__init__.py": '__version__ = "1.2"',
            },
            "1.2",
        ),
        (
            {"pyproject.toml": '[tool.hatch.version]\npath = "m/about.py"', "m/about.py": '__version__ = "1.2.dev"'},
            "1.2.dev0",
        ),
        ({"pyproject.toml": '[tool.flit.metadata]\nmodule = "m"', "m.py": "__version__ = '1.2'"}, "1.2"),
        ({"setup.py": "V = '1.2'\nsetup(name='m', version=V)"}, "1.2"),
        ({"setup.py": "setup(name='m', version=read())", "m/__init__.py": "__version__ = '1.2'"}, "1.2"),
        ({"pyproject.toml": '[project]\nname = "m"', "PKG-INFO": "Name: m\nVersion: 1.2\n"}, "1.2"),
        ({"pyproject.toml": '[project]\nname = "m"\nversion = "1\\nEvil: header"'}, ""),
    ],
)
def test_a_version_is_read_from_where_the_build_would_take_it(files: dict[str, str], expected: str) -> None:
    assert project.describe(MemoryTree(files)).projects[0].version == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("v1.2.3", "1.2.3"),
        ("1.2", "1.2"),
        ("release-1.2", "1.2"),
        ("mine/v2.0", "2.0"),
        ("rel_2_0_1", "2.0.1"),
        ("v1.2.0rc1", "1.2.0rc1"),
        ("nightly", ""),
        ("", ""),
    ],
)
def test_a_tag_gives_a_version(tag: str, expected: str) -> None:
    assert versions.from_tag(tag) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1.2.dev", True), ("1!2.0.post1+local.7", True), ("1.2 or so", False), ("", False)]
)
def test_what_counts_as_a_version_is_what_packaging_reads(text: str, *, expected: bool) -> None:
    assert versions.is_version(text) is expected
    if expected:
        assert versions.normalised(text) == str(packaging_version.Version(text))


@pytest.mark.parametrize(
    "table",
    [
        '[tool.setuptools_scm]\nversion_file = "src/m/_version.py"',
        '[tool.setuptools_scm]\nwrite_to = "src/m/_version.py"',
        '[tool.hatch.build.hooks.vcs]\nversion-file = "src/m/_version.py"',
    ],
)
def test_the_version_file_of_the_build_is_written_with_the_tags_version(table: str) -> None:
    described = project.describe(MemoryTree({"pyproject.toml": f'[project]\nname = "m"\n{table}', "src/m/a.py": ""}))

    (path, source) = next(iter(own.generated(described, "1.2.3").items()))

    assert path == "src/m/_version.py"
    names = {}
    for node in ast.parse(source).body:
        assert isinstance(node, ast.Assign)
        names.update(
            {target.id: ast.literal_eval(node.value) for target in node.targets if isinstance(target, ast.Name)}
        )
    assert names["__version__"] == names["version"] == "1.2.3"
    assert names["__version_tuple__"] == (1, 2, 3)


def test_a_template_of_the_tree_is_filled_in_and_never_formatted() -> None:
    table = (
        '[tool.setuptools_scm]\nversion_file = "v.py"\nversion_file_template = "v = {version!r} # {x.__class__} {0}"'
    )
    described = project.describe(MemoryTree({"pyproject.toml": table}))

    assert own.generated(described, "1.2") == {"v.py": b"v = '1.2' # {x.__class__} {0}"}


@pytest.mark.parametrize("path", ["m/_version.py", "../outside.py"])
def test_a_version_file_that_is_there_or_outside_the_tree_is_not_written(path: str) -> None:
    files = {"pyproject.toml": f'[tool.setuptools_scm]\nversion_file = "{path}"', "m/_version.py": "mine = 1"}

    assert own.generated(project.describe(MemoryTree(files)), "1.2") == {}
