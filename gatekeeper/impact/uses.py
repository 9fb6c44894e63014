"""Which words the files of a tree hold, and what mentions them there."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from gatekeeper.impact import summary

Node = tuple[str, str]

# (index of the unit, or ~index of what is kept; what the word is looked up on; whether the mention ends with the word)
Use = tuple[int, str, int]


class Uses:
    """The mentions of a tree by word; a file's are decoded when it is first asked for one."""

    def __init__(self, files: Mapping[str, summary.Summary]) -> None:
        self._files = files
        self._details: dict[str, summary.Details] = {}
        # word -> files that hold it
        self.index: dict[str, list[str]] = {}
        for path, file in files.items():
            for word in file.words:
                self.index.setdefault(word, []).append(path)

    def of(self, path: str, word: str) -> Iterator[Use]:
        """Return an iterator over the mentions of `word` in the file."""
        opened = self._details.get(path)
        if opened is None:
            opened = self._details[path] = self._files[path].opened()
        values = iter(opened.uses.get(word, ()))
        return zip(values, values, values)  # type: ignore[arg-type]  # noqa: B905 - in threes

    def keeper(self, path: str, number: int) -> str:
        """Return what keeps the things of a use whose index is ~`number`."""
        return self._details[path].keepers[number]

    def unit(self, path: str, index: int) -> summary.Unit:
        """Return the unit of a use; what is kept is kept when the module is imported."""
        return self._files[path].units[max(index, 0)]

    @cached_property
    def signed(self) -> dict[str, list[tuple[Node, str]]]:
        """The mentions without a name, by their sign: who holds them, and the whole mention."""
        return {
            sign: [
                ((file, self.unit(file, index).name), form.rpartition("|")[2])
                for file in self.index.get(sign, ())
                for index, form, _ in self.of(file, sign)
                if index >= 0
            ]
            for sign in "!*%$?"
        }

    @cached_property
    def computed_readers(self) -> list[Node]:
        """The units that read attributes under computed names of objects that are not known."""
        return [node for node, form in self.signed["?"] if form == "?"]

    @cached_property
    def readers(self) -> frozenset[Node]:
        """The units that read attributes under computed names."""
        return frozenset(node for node, _ in self.signed["?"])
