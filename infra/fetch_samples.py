"""Fetches the source archives that tests read, as listed with their digests in infra/locks/samples.txt.

Each is kept as .cache/samples/NAME-VERSION.tar.gz, and fetched only where it is not there with that digest.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "infra/locks/samples.txt"
CACHE = ROOT / ".cache/samples"


def main() -> int:
    """Fetch what is absent; return how many could not be fetched."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return sum(not _kept(*line.split()) for line in LOCK.read_text().splitlines() if not line.startswith("#"))


def _kept(requirement: str, digest: str) -> bool:
    target = CACHE / f"{requirement.replace('==', '-')}.tar.gz"
    if target.is_file() and _digest(target) == digest:
        return True
    print(f"Fetching the source archive of {requirement}")
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        words = ["download", "-qq", "--no-input", "--no-deps", "--no-binary", ":all:", "--dest", folder, requirement]
        subprocess.run([sys.executable, "-m", "pip", *words], check=False)
        found = next(Path(folder).glob("*.tar.gz"), None)
        if found is None:
            print(f"SKIPPED: {requirement} cannot be fetched, so the tests that read it are skipped")
            return False
        if _digest(found) != digest:
            print(f"SKIPPED: {requirement} is not the archive listed in {LOCK.relative_to(ROOT)}")
            return False
        found.replace(target)
    return True


def _digest(file: Path) -> str:
    return f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


if __name__ == "__main__":
    sys.exit(main())
