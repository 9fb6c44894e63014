"""The sealed interpreter as a WebAssembly component: built once, compiled once, cached by digest."""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from gatekeeper import errors

GUEST = Path(__file__).parent / "guest"
# pure-Python distributions that the guest's pytest consists of
DISTRIBUTIONS = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
TOOLS = ("componentize-py", "wasmtime")

# componentize-py has no `python -m`
ENTRY = "import sys, componentize_py; sys.exit(componentize_py.script())"

Progress = Callable[[str], None]


def digest() -> str:
    """Return the digest of everything that the component is made of: 16 hex digits."""
    found = hashlib.sha256()
    for file in sorted(GUEST.iterdir()):
        if file.is_file():
            found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    for name in DISTRIBUTIONS + TOOLS:
        found.update(f"{name}=={importlib.metadata.version(name)}\n".encode())
    return found.hexdigest()[:16]


def ensure(cache: Path, progress: Progress) -> Path:
    """Return the compiled component, built first where the cache has none for today's inputs.

    Building takes about 20 s on two cores and happens once for each version of the inputs. The compiled file is native
    code, so it is loaded only from a folder and a file that nobody else may write. Raises SandboxError.
    """
    folder = cache / "sandbox"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        compiled = folder / f"{digest()}.cwasm"
        _refuse_foreign(folder)
        if not compiled.exists():
            with _locked(folder / "lock"):
                if not compiled.exists():
                    _build(compiled, progress)
        _refuse_foreign(compiled)
    except OSError as error:
        raise errors.SandboxError(
            f"the sandbox cannot be kept in {folder}: {error}; free space or set GATEKEEPER_CACHE"
        ) from error
    return compiled


def _refuse_foreign(path: Path) -> None:
    found = path.stat()
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise errors.SandboxError(
            f"{path} can be written by others, and it holds native code that would be run; remove it and try again"
        )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(compiled: Path, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(dir=compiled.parent) as scratch:
        component = Path(scratch) / "sandbox.wasm"
        progress("building the sandbox (once, about 20 s)")
        _componentize(component, Path(scratch))
        progress("compiling the sandbox to native code (once, about 10 s)")
        _compile(component, Path(scratch) / "sandbox.cwasm")
        (Path(scratch) / "sandbox.cwasm").replace(compiled)
    for old in compiled.parent.glob("*.cwasm"):
        if old != compiled:
            old.unlink(missing_ok=True)


def _componentize(component: Path, scratch: Path) -> None:
    """Run componentize-py on the guest and on its packages, which are linked into a folder of their own."""
    packages = scratch / "packages"
    (scratch / "empty").mkdir()
    for name in DISTRIBUTIONS:
        _copy_distribution(name, packages)
    words = ["-d", str(GUEST / "sandbox.wit"), "-w", "sandbox", "componentize", "app", "-o", str(component)]
    # an empty VIRTUAL_ENV keeps this environment's own packages out
    environment = {
        "VIRTUAL_ENV": str(scratch / "empty"),
        "PATH": os.defpath,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
    }
    done = subprocess.run(
        [sys.executable, "-c", ENTRY, *words, "-p", str(GUEST), "-p", str(packages)],
        env=environment, cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise errors.SandboxError(f"the sandbox could not be built: {(done.stderr or done.stdout)[-2000:]}")


def _copy_distribution(name: str, into: Path) -> None:
    """Copy the installed files of a distribution: links would lead out of what componentize-py may see."""
    found = importlib.metadata.distribution(name)
    for file in found.files or ():
        if ".." not in file.parts and file.suffix != ".pyc":
            (into / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(found.locate_file(file)), into / file)


def _compile(component: Path, compiled: Path) -> None:
    from wasmtime.component import Component  # heavy, and needed for a build alone

    from gatekeeper.sandbox import instance

    compiled.write_bytes(Component.from_file(instance.engine(), str(component)).serialize())
    compiled.chmod(0o600)
