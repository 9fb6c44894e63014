"""Requirements -> the releases that an ordinary machine with the guest's Python would have; a pure algorithm.

What the operator's index answers comes through a port, so that the order of questions can be tested without one.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging import markers, requirements

from gatekeeper.sandbox.installation import needs, requirement

# questions for one resolution; each costs about a second
_QUESTIONS = 40
_ROUNDS = 4

# what markers see: CI's ordinary machine, with the guest's Python
ENVIRONMENT: dict[str, str] = {
    "implementation_name": "cpython",
    "implementation_version": "3.14.0",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.14.0",
    "python_version": "3.14",
    "sys_platform": "linux",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One file of one release on the index."""

    # normalised
    name: str
    version: str
    # the wheel's file name
    file: str
    # hex
    sha256: str
    # what it requires in turn, with markers
    requires: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the release as people write it."""
        return f"{self.name} {self.version}"

    @property
    def pure(self) -> bool:
        """Whether the wheel is for any machine."""
        return self.file.endswith("-none-any.whl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """The index has nothing that meets the requirements; the message is pip's."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """The index did not answer."""

    message: str
    # True: it was given up after a long time
    slow: bool = False


Answer = tuple[Release, ...] | Impossible | Unreachable
Ask = Callable[[Sequence[str]], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What was resolved."""

    releases: tuple[Release, ...]
    # distribution -> why it is not there
    unavailable: Mapping[str, str]
    notes: tuple[str, ...]
    # the index could not be asked
    unreachable: Unreachable | None = None


def solve(wanted: Iterable[requirement.Requirement], ask: Ask) -> Solution:
    """Return the releases for the requirements, leaving out as few as it takes for the rest to hold together."""
    return _Solver(wanted, ask).solve()


class _Solver:
    """The state of one resolution: what is still asked for, and what was given up and why."""

    def __init__(self, wanted: Iterable[requirement.Requirement], ask: Ask) -> None:
        self._ask = ask
        self._asked = 0
        self._unavailable: dict[str, str] = {}
        self._notes: list[str] = []
        self._lines: dict[str, list[str]] = {}
        for item in wanted:
            self._add(item)

    def _add(self, item: requirement.Requirement) -> None:
        try:
            applies = not item.marker or markers.Marker(item.marker).evaluate({**ENVIRONMENT, "extra": ""})
            plain = requirement.Requirement(name=item.name, extras=item.extras, specifier=item.specifier)
            requirements.Requirement(str(plain))
        except (markers.InvalidMarker, markers.UndefinedEnvironmentName, requirements.InvalidRequirement):
            self._notes.append(f"{item} is left out: it is not a valid requirement")
            return
        if applies:
            self._lines.setdefault(item.name, []).append(str(plain))

    def solve(self) -> Solution:
        answer: Answer = ()
        for _ in range(_ROUNDS):
            answer = self._hold_together()
            if not isinstance(answer, tuple):
                break
            kept, missing = closure(answer, self._flat(self._lines))
            if not missing:
                return self._solution(kept)
            for line in missing:
                self._lines.setdefault(requirement.canonical(requirements.Requirement(line).name), []).append(line)
            answer = kept
        if isinstance(answer, tuple):
            return self._solution(answer)
        why = answer.message if isinstance(answer, Unreachable) else _cause(answer.message)
        self._unavailable |= dict.fromkeys(self._lines, why)
        return Solution(
            releases=(),
            unavailable=self._unavailable,
            notes=tuple(self._notes),
            unreachable=answer if isinstance(answer, Unreachable) else None,
        )

    def _solution(self, releases: tuple[Release, ...]) -> Solution:
        return Solution(releases=releases, unavailable=self._unavailable, notes=tuple(self._notes))

    def _hold_together(self) -> Answer:
        """Ask until an answer comes, loosening or leaving out one culprit after each refusal."""
        while self._lines:
            answer = self._question(self._lines)
            if not isinstance(answer, Impossible) or self._asked >= _QUESTIONS:
                return answer
            for name in _blamed(answer.message, self._lines) or self._failing(self._lines) or [*self._lines][-1:]:
                self._give_way(name, answer.message)
        return ()

    def _question(self, lines: Mapping[str, list[str]]) -> Answer:
        self._asked += 1
        if self._asked > _QUESTIONS:
            return Impossible(message="ERROR: too many requirements cannot be met together")
        return self._ask(self._flat(lines))

    @staticmethod
    def _flat(lines: Mapping[str, list[str]]) -> list[str]:
        return [line for listed in lines.values() for line in listed]

    def _give_way(self, name: str, message: str) -> None:
        """Ask for any version where some were ruled out, for none where nothing was."""
        loose = [re.split(r"[<>=!~]", line)[0] for line in self._lines[name]][:1]
        if loose == self._lines[name]:
            del self._lines[name]
            self._unavailable[name] = f"{name} cannot be installed for Python 3.14: {_cause(message)}"
        else:
            self._notes.append(f"{', '.join(self._lines[name])} cannot be met for Python 3.14: any version is taken")
            self._lines[name] = loose

    def _failing(self, lines: Mapping[str, list[str]]) -> list[str]:
        """Return the names that cannot be met by themselves, found by halving."""
        names = [*lines]
        if len(names) <= 1:
            return names
        middle = len(names) // 2
        failing = []
        for half in (names[:middle], names[middle:]):
            part = {name: lines[name] for name in half}
            if isinstance(self._question(part), Impossible):
                failing += self._failing(part)
        return failing


def _blamed(message: str, lines: Mapping[str, list[str]]) -> list[str]:
    """Return the asked-for name that pip's message names as impossible: of several in conflict, the least sure."""
    for pattern in (r"No matching distribution found for ([\w.-]+)", r"Cannot install (.+?) because these package"):
        match = re.search(pattern, message)
        if match:
            words = re.findall(r"[A-Za-z0-9][\w.-]*", match[1])
            named = {requirement.canonical(word) for word in words}
            return [name for name in lines if name in named][-1:]
    return []


def _cause(message: str) -> str:
    if re.search(r"\(from versions: none\)", message):
        return "the index has no wheel of it"
    conflict = re.search(r"The conflict is caused by:\s*(.+?)(?:\n\s*\n|$)", message, re.DOTALL)
    if conflict:
        return "; ".join(line.strip() for line in conflict[1].splitlines() if line.strip())[:300]
    errors = [line.removeprefix("ERROR: ").strip() for line in message.splitlines() if line.startswith("ERROR: ")]
    return (errors[-1] if errors else message.strip() or "pip gave no reason")[:300]


def closure(answer: Sequence[Release], roots: Sequence[str]) -> tuple[tuple[Release, ...], tuple[str, ...]]:
    """Return the releases that the roots need under the guest's markers, and the requirements that nothing answers.

    pip evaluates the markers of what it resolves for the Python that it runs on, not for the one that it is asked for.
    """
    releases = {release.name: release for release in answer}
    pending = [requirements.Requirement(line) for line in roots]
    seen: dict[str, set[str]] = {}
    missing: dict[str, None] = {}
    while pending:
        item = pending.pop()
        name = requirement.canonical(item.name)
        extras = {requirement.canonical(extra) for extra in item.extras}
        known = seen.get(name)
        if name in needs.PROVIDED or (known is not None and extras <= known):
            continue
        seen[name] = extras | (known or set())
        if name in releases:
            pending += _required(releases[name], {"", *extras})
        else:
            missing[_plain(item)] = None
    return tuple(release for release in answer if release.name in seen), tuple(missing)


def up_to(release: Release, roots: Iterable[requirement.Requirement], resolved: Iterable[Release]) -> str:
    """Return the requirement for the release or an older one with its first number, as all others allow."""
    first = re.match(r"(?:\d+!)?\d+", release.version)
    clauses = {f"<={release.version}", f">={first[0]}" if first else f"=={release.version}"}
    clauses |= {root.specifier for root in roots if root.name == release.name and root.specifier and not root.marker}
    for other in resolved:
        needed = (item for item in _required(other, {""}) if requirement.canonical(item.name) == release.name)
        clauses |= {str(item.specifier) for item in needed if item.specifier}
    return f"{release.name}{','.join(sorted(clauses))}"


def _required(release: Release, extras: Iterable[str]) -> list[requirements.Requirement]:
    items = [requirements.Requirement(line) for line in release.requires]
    return [
        item
        for item in items
        if item.marker is None or any(item.marker.evaluate({**ENVIRONMENT, "extra": extra}) for extra in extras)
    ]


def _plain(item: requirements.Requirement) -> str:
    extras = f"[{','.join(sorted(item.extras))}]" if item.extras else ""
    return f"{item.name}{extras}{item.specifier}"
