"""A file's summary in the making."""

from dataclasses import dataclass, field

from gatekeeper.impact import summary


@dataclass(slots=True, kw_only=True)
class Draft:
    """A unit in the making; several definitions of one name are one unit."""

    kind: str
    flags: set[str] = field(default_factory=set)
    fixture: str = ""
    bases: list[str] = field(default_factory=list)
    mentions: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class File:
    """The summary of a file in the making."""

    units: dict[str, Draft] = field(default_factory=lambda: {"": Draft(kind="m")})
    imports: list[summary.Import] = field(default_factory=list)
    kept: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def executed(self) -> set[str]:
        """What runs when the module is imported."""
        return self.units[""].mentions

    def unit(self, name: str, kind: str) -> Draft:
        """Return the draft of the unit `name`, made where there is none."""
        return self.units.setdefault(name, Draft(kind=kind))

    def kind(self, name: str) -> str:
        """Return the kind of the unit `name`, or ""."""
        return self.units[name].kind if name in self.units else ""
