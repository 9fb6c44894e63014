"""pip as a subprocess: what the operator's index has, and wheels from it by hash.

The index, its credentials and certificates are what the operator's own pip configuration says. pip runs away from the
tree, isolated from Python's environment variables, and never builds: wheels only.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib import parse

from gatekeeper.sandbox.installation import requirement, solving

_PYTHON = ("--python-version", "3.14", "--only-binary", ":all:")
# an ordinary machine of CI
_LINUX = (
    *("--implementation", "cp", "--abi", "cp314", "--abi", "abi3", "--abi", "none"),
    *(
        word
        for tag in ("2_39", "2_34", "2_31", "2_28", "2_27", "2_26", "2_24")
        for word in ("--platform", f"manylinux_{tag}_x86_64")
    ),
    *("--platform", "manylinux2014_x86_64", "--platform", "linux_x86_64", "--platform", "any"),
)
# no machine in particular
_ANY = ("--implementation", "cp", "--abi", "none", "--platform", "any")

_BROKEN = re.compile(
    r"connection broken by|Could not fetch URL|NameResolutionError|ConnectionError|ReadTimeout|ProxyError|SSLError"
    r"|Network is unreachable|connection error|HTTP error (?:401|403|407|429|5\d\d)|Remote end closed"
)


class Pip:
    """The operator's pip, with a bound on its time."""

    def __init__(self, *, provided: Mapping[str, str], seconds: float = 120.0) -> None:
        """Keep to `provided`, the sandbox's own distributions and versions, and to `seconds` for all questions."""
        self._provided = provided
        self._end = time.monotonic() + seconds

    def resolve(self, lines: Sequence[str]) -> solving.Answer:
        """Return the releases that an ordinary Linux machine with the guest's Python would install."""
        with tempfile.TemporaryDirectory(prefix="gatekeeper-pip-") as folder:
            constraints = Path(folder, "constraints.txt")
            constraints.write_text("".join(f"{name}=={version}\n" for name, version in self._provided.items()))
            return self._report(Path(folder), lines, [*_LINUX, "--constraint", str(constraints)])

    def pure(self, line: str) -> solving.Release | None:
        """Return the newest release that meets the requirement and has a wheel for any machine; None for none."""
        with tempfile.TemporaryDirectory(prefix="gatekeeper-pip-") as folder:
            answer = self._report(Path(folder), [line], [*_ANY, "--no-deps"])
        return next((found for found in answer if found.pure), None) if isinstance(answer, tuple) else None

    def _report(self, folder: Path, lines: Sequence[str], options: Sequence[str]) -> solving.Answer:
        listed, report = folder / "requirements.txt", folder / "report.json"
        listed.write_text("".join(f"{line}\n" for line in lines))
        target = str(folder / "target")
        options = [*options, *_PYTHON, "--target", target, "--dry-run", "--ignore-installed", "--report", str(report)]
        done = self._run(folder, "install", [*options, "--requirement", str(listed)])
        if isinstance(done, solving.Unreachable):
            return done
        if done.returncode:
            return _refusal(done.stdout + done.stderr)
        return tuple(_release(item) for item in json.loads(report.read_text("utf-8"))["install"])

    def download(self, releases: Sequence[solving.Release], folder: Path) -> bool:
        """Put the releases' wheels, all pure or all not, into the folder, checked by hash; False: none is there."""
        kinds = _ANY if all(release.pure for release in releases) else _LINUX
        with tempfile.TemporaryDirectory(prefix="gatekeeper-pip-") as scratch:
            listed = Path(scratch, "requirements.txt")
            lines = (f"{item.name}=={item.version} --hash=sha256:{item.sha256}\n" for item in releases)
            listed.write_text("".join(lines))
            options = [*kinds, *_PYTHON, "--no-deps", "--require-hashes", "--dest", str(folder)]
            done = self._run(Path(scratch), "download", [*options, "--requirement", str(listed)])
        return not isinstance(done, solving.Unreachable) and done.returncode == 0

    def _run(
        self, folder: Path, command: str, options: Sequence[str]
    ) -> subprocess.CompletedProcess[str] | solving.Unreachable:
        words = [sys.executable, "-I", "-m", "pip", command, "--no-input", "--disable-pip-version-check"]
        words += ["--no-color", "--progress-bar", "off", "--retries", "1", "--timeout", "20", *options]
        left = max(0.1, self._end - time.monotonic())
        try:
            return subprocess.run(
                words, cwd=folder, capture_output=True, text=True, errors="replace", timeout=left, check=False
            )
        except subprocess.TimeoutExpired:
            return solving.Unreachable(message="the package index did not answer in time", slow=True)
        except OSError as error:
            return solving.Unreachable(message=f"pip cannot be started: {error}")


def _refusal(output: str) -> solving.Impossible | solving.Unreachable:
    if "No module named pip" in output:
        return solving.Unreachable(message="pip is not installed beside Gatekeeper")
    if _BROKEN.search(output):
        return solving.Unreachable(message="the package index cannot be reached")
    return solving.Impossible(message=output)


def _release(item: dict[str, dict[str, object]]) -> solving.Release:
    """One entry of pip's installation report (https://pip.pypa.io/en/stable/reference/installation-report/)."""
    metadata, download = item["metadata"], item["download_info"]
    archive = download["archive_info"]
    assert isinstance(archive, dict)
    requires = metadata.get("requires_dist", [])
    assert isinstance(requires, list)
    return solving.Release(
        name=requirement.canonical(str(metadata["name"])),
        version=str(metadata["version"]),
        file=parse.unquote(str(download["url"]).partition("#")[0]).rpartition("/")[2],
        sha256=str(archive["hashes"]["sha256"]),
        requires=tuple(map(str, requires)),
    )
