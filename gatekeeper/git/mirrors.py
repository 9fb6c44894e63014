"""Bare mirrors of hosted repositories, one for each, kept between reviews."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib import parse

import pygit2

from gatekeeper import errors
from gatekeeper.git import failures, fetching, locks, program, tidying

_MIB = 1024 * 1024
# nothing that came is of use
_HOPELESS = {errors.FetchFailure.TOO_LARGE, errors.FetchFailure.BROKEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A mirror after a fetch."""

    # the bare repository
    folder: Path
    # hex id of the commit that each ref asked for led to; the ref itself may be moved on by another fetch
    commits: Mapping[str, str]


class Mirrors:
    """The mirrors in a folder, shared by the threads and processes of a machine.

    Of each mirror `N.git` there is a lock `N.use`, shared by readers and held alone by who deletes or repacks, and a
    lock `N.write`, held by who fetches. The time of `N.use` tells when the mirror was last used.
    """

    def __init__(
        self, folder: Path, *, size_limit: int, timeout: float, environ: Mapping[str, str] = os.environ
    ) -> None:
        """Keep mirrors in `folder`, each of at most `size_limit` bytes; a fetch may take `timeout` seconds.

        `environ`: PATH, proxies and certificates are taken from it.
        """
        self._folder = folder
        self._size_limit = size_limit
        self._timeout = timeout
        self._environ = environ

    @contextlib.contextmanager
    def fetched(
        self, repository_id: int, url: str, token: str | None, refs: Sequence[str], *, cancelled: Callable[[], bool]
    ) -> Iterator[Fetched]:
        """Bring the mirror up to date with `refs` and yield it; while it is held nothing in it is deleted.

        `refs`: full names such as `refs/heads/main` and `refs/pull/7/head`, or full commit ids; they may be compared
        with the first. `cancelled` is asked ten times a second. Raises FetchError, whose `failure` tells the kind;
        RepositoryError where what the repository holds is malformed.
        """
        source = fetching.Source(url=_checked(url), token=_token(token))
        for ref in refs:
            if not fetching.is_ref(ref):
                raise errors.FetchError(f"{ref!r} is not a full name of a ref", errors.FetchFailure.MISSING)
        watch = _Watch(url, self._place(repository_id), self._timeout, self._size_limit, cancelled)
        with contextlib.ExitStack() as held:
            held.enter_context(self._using(repository_id, watch.check_time))
            was_there = self._place(repository_id).is_dir()
            try:
                done = self._fetch(repository_id, source, refs, watch)
            except (errors.FetchError, errors.RepositoryError) as problem:
                held.close()
                if not self._begins_anew(repository_id, problem, watch, was_there=was_there):
                    raise
                held.enter_context(self._using(repository_id, watch.check_time))
                done = self._fetch(repository_id, source, refs, watch)
            yield done

    def discard(self, repository_id: int) -> bool:
        """Delete the mirror, unless somebody uses it; return whether it is gone. For one that cannot be read."""
        try:
            self._delete(repository_id, None)
        except locks.TakenError:
            return False
        return True

    def prune(self, *, unused_since: float, total: int) -> list[int]:
        """Delete the mirrors last used before `unused_since` (seconds since the epoch), and then, oldest first, as many
        as it takes for the rest to have at most `total` bytes. Those in use stay. Returns the repositories' numbers.
        """  # noqa: D205 - one sentence
        for leftover in self._folder.glob("*.dying"):
            shutil.rmtree(leftover, ignore_errors=True)
        known = sorted(self._known())
        sizes = {number: fetching.size(self._place(number)) for _, number in known}
        left = sum(sizes.values())
        gone = []
        for used, number in known:
            if (used < unused_since or left > total) and self.discard(number):
                gone.append(number)
                left -= sizes[number]
        return gone

    def numbers(self) -> list[int]:
        """Return the numbers of the repositories that have a mirror."""
        return [number for _, number in self._known()]

    def collect(self, repository_id: int, *, older_than: float, cancelled: Callable[[], bool]) -> bool:
        """Forget the refs of pull requests whose newest commit is older (seconds since the epoch), and make one pack of
        many; return False where the mirror is in use or absent, and nothing was done. Raises FetchError.
        """  # noqa: D205 - one sentence
        place = self._place(repository_id)
        watch = _Watch(f"number {repository_id}", place, self._timeout, self._size_limit, cancelled)
        try:
            with self._alone(repository_id, None) as lock:
                if not place.is_dir():
                    return False
                tidying.tidy(place, older_than, lambda words: self._run(place, words, lock, watch))
        except locks.TakenError:
            return False
        return True

    def _fetch(self, repository_id: int, source: fetching.Source, refs: Sequence[str], watch: "_Watch") -> Fetched:
        place = self._place(repository_id)
        with locks.held(self._lock(repository_id, "write"), alone=True, wait=watch.check_time) as lock:
            try:
                was_there = fetching.make(place)
                tidying.mend(place)
                visit = fetching.Fetching(place, source, self._environ, lock, watch.check)
                commits = visit.commits(refs)
                visit.complete(list(commits.values()))
                if not was_there:
                    self._run(place, ("pack-refs", "--all"), lock, watch)
            except (KeyError, OSError, pygit2.GitError) as problem:
                raise _broken(source.url, problem) from problem
            finally:
                tidying.mend(place)
        return Fetched(folder=place, commits=commits)

    def _run(self, place: Path, words: Sequence[str], lock: int, watch: "_Watch") -> None:
        ended = program.run(
            ["--git-dir", str(place), *words],
            program.alone(self._environ),
            descriptors=[lock],
            check=watch.check_time,
        )
        if ended.code != 0:
            raise failures.error(watch.name, ended.said, None)

    def _begins_anew(
        self, repository_id: int, problem: errors.GatekeeperError, watch: "_Watch", *, was_there: bool
    ) -> bool:
        """Delete the mirror where that may help; return whether to fetch once more."""
        place = self._place(repository_id)
        why = problem.failure if isinstance(problem, errors.FetchError) else errors.FetchFailure.BROKEN
        if not was_there:
            # what came before the network failed is of use the next time
            if why in _HOPELESS or not any((place / "objects/pack").glob("*.pack")):
                self.discard(repository_id)
            return False
        # a mirror that is nearly full holds what nobody needs any more; a smaller one is not to blame
        is_stuffed = fetching.size(place) >= self._size_limit / 2
        if why is errors.FetchFailure.BROKEN or (why is errors.FetchFailure.TOO_LARGE and is_stuffed):
            self._delete(repository_id, watch.check_time)
            return True
        return False

    def _delete(self, repository_id: int, wait: Callable[[], None] | None) -> None:
        place = self._place(repository_id)
        with self._alone(repository_id, wait):
            dying = place.with_suffix(".dying")
            shutil.rmtree(dying, ignore_errors=True)
            # at once, so that nobody ever finds a half of it
            if place.is_dir():
                place.rename(dying)
            shutil.rmtree(dying, ignore_errors=True)
            for kind in ("write", "use"):
                self._lock(repository_id, kind).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _using(self, repository_id: int, wait: Callable[[], None]) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with locks.held(self._lock(repository_id, "use"), alone=False, wait=wait) as lock:
            os.utime(lock)
            yield

    @contextlib.contextmanager
    def _alone(self, repository_id: int, wait: Callable[[], None] | None) -> Iterator[int]:
        with (
            locks.held(self._lock(repository_id, "use"), alone=True, wait=wait),
            locks.held(self._lock(repository_id, "write"), alone=True, wait=wait) as lock,
        ):
            yield lock

    def _known(self) -> Iterator[tuple[float, int]]:
        """Yield when each mirror was last used, and its repository's number."""
        for path in self._folder.glob("*.use"):
            with contextlib.suppress(FileNotFoundError, ValueError):
                yield path.stat().st_mtime, int(path.stem)

    def _place(self, repository_id: int) -> Path:
        return self._folder / f"{repository_id}.git"

    def _lock(self, repository_id: int, kind: str) -> Path:
        return self._folder / f"{repository_id}.{kind}"


class _Watch:
    """What ends a fetch early."""

    def __init__(self, name: str, place: Path, timeout: float, size_limit: int, cancelled: Callable[[], bool]) -> None:
        self.name = name
        self._place = place
        self._timeout = timeout
        self._until = time.monotonic() + timeout
        self._size_limit = size_limit
        self._cancelled = cancelled

    def check_time(self) -> None:
        if self._cancelled():
            raise errors.FetchError(f"the fetch of {self.name} was cancelled", errors.FetchFailure.CANCELLED)
        if time.monotonic() > self._until:
            raise errors.FetchError(
                f"the repository {self.name} took more than {self._timeout:,.0f} s to fetch: try again, or raise "
                "GATEKEEPER_FETCH_SECONDS",
                errors.FetchFailure.UNAVAILABLE,
            )

    def check(self) -> None:
        self.check_time()
        if fetching.size(self._place) > self._size_limit:
            raise errors.FetchError(
                f"the repository {self.name} is larger than {self._size_limit / _MIB:,.0f} MiB: raise "
                "GATEKEEPER_MIRROR_SIZE",
                errors.FetchFailure.TOO_LARGE,
            )


def _checked(url: str) -> str:
    parts = parse.urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or not url.isprintable():
        raise errors.UsageError(f"{url!r} is not an http or https address without a user: check GATEKEEPER_GITHUB_API")
    return url


def _token(token: str | None) -> str | None:
    if token is not None and not (token.isascii() and token.isprintable() and token and " " not in token):
        raise errors.UsageError("the token for git is empty or has characters that no token has")
    return token


def _broken(url: str, problem: Exception) -> errors.FetchError:
    return errors.FetchError(
        f"the copy of {url} cannot be kept ({type(problem).__name__}: {problem}): check the disk's free space and the "
        "permissions of the cache folder",
        errors.FetchFailure.BROKEN,
    )
