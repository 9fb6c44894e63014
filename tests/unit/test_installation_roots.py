import pytest

from gatekeeper.sandbox.installation import project
from tests.fakes.memory_tree import MemoryTree


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"mine/__init__.py": ""}, ("",), id="flat"),
        pytest.param({"pyproject.toml": "", "src/mine/__init__.py": ""}, ("src", ""), id="src without a word"),
        pytest.param({"src/__init__.py": "", "src/a.py": ""}, ("",), id="a package named src"),
        pytest.param(
            {"pyproject.toml": '[tool.setuptools.package-dir]\n"" = "lib"', "lib/mine.py": ""}, ("lib", ""), id="lib"
        ),
        pytest.param(
            {"pyproject.toml": '[tool.setuptools.packages.find]\nwhere = ["code"]', "code/mine.py": ""},
            ("code", ""),
            id="where",
        ),
        pytest.param(
            {"setup.cfg": "[options]\npackage_dir =\n    = lib\n", "lib/mine/__init__.py": ""},
            ("lib", ""),
            id="setup.cfg package_dir",
        ),
        pytest.param(
            {"setup.cfg": "[options.packages.find]\nwhere = lib\n", "lib/mine/__init__.py": ""},
            ("lib", ""),
            id="setup.cfg where",
        ),
        pytest.param(
            {"setup.py": "setup(package_dir={'mine': 'lib/mine'})", "lib/mine/__init__.py": ""},
            ("lib", ""),
            id="a package's own folder",
        ),
        pytest.param(
            {"setup.py": "setup(packages=find_packages(where='lib'))", "lib/mine/__init__.py": ""},
            ("lib", ""),
            id="find_packages",
        ),
        pytest.param(
            {
                "pyproject.toml": '[[tool.poetry.packages]]\ninclude = "mine"\nfrom = "lib"',
                "lib/mine/__init__.py": "",
            },
            ("lib", ""),
            id="poetry",
        ),
        pytest.param(
            {
                "pyproject.toml": '[tool.hatch.build.targets.wheel]\npackages = ["lib/mine"]',
                "lib/mine/__init__.py": "",
            },
            ("lib", ""),
            id="hatch",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.maturin]\npython-source = "python"', "python/mine/__init__.py": ""},
            ("python", ""),
            id="maturin",
        ),
        pytest.param(
            {"pytest.ini": "[pytest]\npythonpath = tools .", "tools/x.py": ""}, ("tools", ""), id="pytest's pythonpath"
        ),
        pytest.param(
            {"pyproject.toml": '[tool.setuptools.packages.find]\nwhere = ["../../etc"]', "a.py": ""},
            ("",),
            id="outside the tree",
        ),
    ],
)
def test_import_roots_are_those_of_an_editable_install(files: dict[str, str], expected: tuple[str, ...]) -> None:
    assert project.describe(MemoryTree(files)).import_roots == expected
