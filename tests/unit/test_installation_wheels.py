import stat
import zipfile
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.sandbox.installation import wheels


def _wheel(folder: Path, members: dict[str, str | bytes]) -> Path:
    path = folder / "x-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_modules_go_to_the_folder_and_scripts_headers_and_compiled_modules_do_not(tmp_path: Path) -> None:
    wheel = _wheel(
        tmp_path,
        {
            "x/__init__.py": "",
            "x/data.txt": "text",
            "x/_fast.cpython-314-x86_64-linux-gnu.so": b"\x7fELF",
            "single.py": "",
            "x-1.dist-info/METADATA": "Name: x",
            "x-1.data/scripts/x": "#!python",
            "x-1.data/headers/x.h": "",
            "x-1.data/purelib/y/__init__.py": "",
            "x-1.data/data/etc/passwd": "",
        },
    )

    found = wheels.unpack(wheel, tmp_path / "site")

    assert _files(tmp_path / "site") == {
        "x/__init__.py",
        "x/data.txt",
        "single.py",
        "x-1.dist-info/METADATA",
        "y/__init__.py",
    }
    assert found.modules == ("single", "x", "y")
    assert found.compiled == ("x._fast",)
    assert found.plugins == ()


def test_a_pytest_plugin_and_its_options_are_recognised(tmp_path: Path) -> None:
    wheel = _wheel(
        tmp_path,
        {
            "plugin.py": 'def pytest_addoption(parser):\n    parser.addoption("--mine", "--no-mine")\n',
            "x-1.dist-info/entry_points.txt": "[console_scripts]\nx = y:z\n[pytest11]\nmine = plugin\n",
        },
    )

    found = wheels.unpack(wheel, tmp_path / "site")

    assert found.plugins == ("mine",)
    assert found.options == ("--mine", "--no-mine")


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil.py", "x/../../evil.py", "x\\..\\evil.py", "x-1.data/purelib/../../evil.py"]
)
def test_a_member_that_leaves_the_folder_is_an_error_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    wheel = _wheel(tmp_path, {"fine.py": "", name: "evil"})

    with pytest.raises(errors.SandboxError, match="leaves its folder"):
        wheels.unpack(wheel, tmp_path / "site")
    assert _files(tmp_path) == {wheel.name}


def test_a_symbolic_link_is_an_error(tmp_path: Path) -> None:
    wheel = tmp_path / "x-1-py3-none-any.whl"
    link = zipfile.ZipInfo("x/link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(link, "/etc/passwd")

    with pytest.raises(errors.SandboxError, match="leaves its folder"):
        wheels.unpack(wheel, tmp_path / "site")


def test_what_is_no_archive_is_an_error_that_names_it(tmp_path: Path) -> None:
    wheel = tmp_path / "x-1-py3-none-any.whl"
    wheel.write_bytes(b"no archive")

    with pytest.raises(errors.SandboxError, match=r"x-1-py3-none-any\.whl cannot be unpacked"):
        wheels.unpack(wheel, tmp_path / "site")


def test_a_wheel_with_too_many_files_is_an_error(tmp_path: Path) -> None:
    wheel = _wheel(tmp_path, {f"x/m{number}.py": "" for number in range(20_001)})

    with pytest.raises(errors.SandboxError, match="too large"):
        wheels.unpack(wheel, tmp_path / "site")
