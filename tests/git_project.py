"""A real git repository for tests to make commits in."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "someone",
    "GIT_AUTHOR_EMAIL": "someone@example.invalid",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "someone",
    "GIT_COMMITTER_EMAIL": "someone@example.invalid",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class Project:
    """A real git repository to make commits in, on the branch `main` at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--template=", "--initial-branch=main")

    def git(self, *words: str | bytes, given: bytes = b"") -> str:
        """Run git; return what it prints, without the last line's ending."""
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=_ENVIRONMENT, input=given, check=True, capture_output=True
        )
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "change") -> str:
        """Write the files (None: delete), commit them, and return the commit's id."""
        for path, content in files.items():
            target = self.folder / path
            if content is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, at: str = "HEAD") -> None:
        """Make the branch and switch to it."""
        self.git("checkout", "--quiet", "-b", name, at)

    def switch(self, name: str) -> None:
        """Switch to the branch."""
        self.git("checkout", "--quiet", name)

    def blob(self, content: bytes) -> str:
        """Store a blob and return its id."""
        return self.git("hash-object", "-w", "--stdin", given=content)

    def tree(self, *entries: tuple[str, bytes, str]) -> str:
        """Store a tree of (octal mode, name, id) as given, valid or not, and return its id."""
        raw = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
        return self.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)

    def commit_tree(self, tree: str, *parents: str) -> str:
        """Store a commit of the tree and return its id."""
        return self.git("commit-tree", tree, *(word for parent in parents for word in ("-p", parent)), "-m", "made")
