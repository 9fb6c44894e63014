"""Requirements as names, extras, specifiers and markers; everything else is refused.

The grammar is that of the dependency specifiers (https://packaging.python.org/specifications/dependency-specifiers/),
without direct references. It is matched here rather than by `packaging`, whose import alone would take longer than all
else on the way of a cached review.
"""

import re
from dataclasses import dataclass

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSE = r"(?:===|~=|==|!=|<=|>=|<|>)\s*[A-Za-z0-9_.*+!-]+"
_CLAUSES = rf"{_CLAUSE}(?:\s*,\s*{_CLAUSE})*\s*,?"
_REQUIREMENT = re.compile(
    rf"(?P<name>{_NAME})\s*(?:\[(?P<extras>[A-Za-z0-9._,\s-]*)\])?\s*"
    rf"(?:(?P<bare>{_CLAUSES})|\(\s*(?P<bracketed>{_CLAUSES})?\s*\))?\s*"
    r"(?:;(?P<marker>[^\n\r]*))?"
)
_OWN = re.compile(
    r"""(?:-e\s*|--editable[=\s]\s*)?["']?(?:\.|file:\.|\{toxinidir\})/?(?:\[(?P<extras>[\w\s,.-]*)\])?["']?"""
)
_MAXIMUM = 500


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Requirement:
    """One requirement."""

    # in the normalised form: lower case, single dashes
    name: str
    extras: tuple[str, ...] = ()
    # comma-separated clauses without blanks; empty: any version
    specifier: str = ""
    # an unevaluated environment marker; empty: always
    marker: str = ""

    def __str__(self) -> str:
        """Return the requirement as it is written in a requirements file."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}{self.specifier}{f' ; {self.marker}' if self.marker else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The project itself with some of its extras, as in `-e .[test]`."""

    extras: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A line that names something else than a release on the operator's index."""

    text: str
    why: str


def canonical(name: str) -> str:
    """Return the normalised name of a distribution."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_name(text: str) -> bool:
    """Whether the text can name a distribution."""
    return len(text) <= _MAXIMUM and re.fullmatch(_NAME, text) is not None


def parse(line: str) -> Requirement | Own | Refused:
    """Return what one line of a requirements list asks for."""
    line = line.strip()
    own = _OWN.fullmatch(line)
    if own:
        return Own(extras=_extras(own["extras"]))
    match = _REQUIREMENT.fullmatch(line) if len(line) <= _MAXIMUM else None
    if match is None:
        return Refused(text=line[:120], why=_why(line))
    specifier = re.sub(r"\s+", "", match["bare"] or match["bracketed"] or "").rstrip(",")
    return Requirement(
        name=canonical(match["name"]),
        extras=_extras(match["extras"]),
        specifier=specifier,
        marker=" ".join((match["marker"] or "").split()),
    )


def _extras(text: str | None) -> tuple[str, ...]:
    return tuple(sorted({canonical(extra) for extra in (text or "").split(",") if extra.strip()}, key=str))


def _why(line: str) -> str:
    if line.startswith(("-e", "--editable")):
        return "editable entries are not installed"
    if line.startswith("-"):
        return "options are not passed on"
    if "://" in line or " @ " in line or line.startswith("git+"):
        return "URLs and version control are not followed"
    if "/" in line or line.startswith("."):
        return "paths are not installed"
    return "not a requirement"
