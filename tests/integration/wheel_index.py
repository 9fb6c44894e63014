"""A package index made of files: wheels in a folder, which the real pip resolves from."""

import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest


class WheelIndex:
    """A folder of wheels, and the environment that makes pip use nothing else."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self._folder = folder
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    def add(
        self,
        name: str,
        version: str = "1.0",
        *,
        tag: str = "py3-none-any",
        requires: Iterable[str] = (),
        files: Mapping[str, str] | None = None,
    ) -> Path:
        """Put a wheel with one module of the distribution's name, and `files`, into the index."""
        stem = f"{name.replace('-', '_')}-{version}"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        metadata += "".join(f"Requires-Dist: {line}\n" for line in requires)
        members = {
            f"{name.replace('-', '_')}.py": f"VERSION = {version!r}\n",
            f"{stem}.dist-info/METADATA": metadata,
            f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
            f"{stem}.dist-info/RECORD": "",
            **(files or {}),
        }
        wheel = self._folder / f"{stem}-{tag}.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in members.items():
                archive.writestr(path, text)
        return wheel

    def empty(self) -> None:
        """Take every wheel away."""
        for wheel in self._folder.iterdir():
            wheel.unlink()
