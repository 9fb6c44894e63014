"""Samples of CRUXEval as its public file lists them: a function, its arguments and what it returned.

Format: JSON Lines with `code`, `input`, `output` and `id` (facebookresearch/cruxeval, data/cruxeval.jsonl). None of
the code is run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydantic

from gatekeeper import errors
from gatekeeper.simulation.program import program as programs

# bytes of a file; the public one has half a million
_LARGEST = 100_000_000
_FUNCTION = "f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One function with one call."""

    id: str
    # defines `f`
    code: str
    # the arguments as they stand between the brackets of the call
    input: str
    # `repr` of what the call returned
    output: str

    @property
    def call(self) -> str:
        """The expression whose value is asked for."""
        return f"{_FUNCTION}({self.input})"


class _Listed(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True)

    id: str
    code: str
    input: str
    output: str


def read(path: Path) -> list[Sample]:
    """Return the samples in the file's order. Raises UsageError where it cannot be read or is of another form."""
    found = list(_samples(path))
    if not found:
        raise errors.UsageError(f"{path} lists no samples: give CRUXEval's data/cruxeval.jsonl, or a part of it")
    return found


def spread(listed: Sequence[Sample], limit: int | None) -> list[Sample]:
    """Return `limit` of the samples, evenly spaced over the file."""
    number = len(listed) if limit is None else min(limit, len(listed))
    return [listed[place * len(listed) // number] for place in range(number)]


def program(sample: Sample) -> programs.Program:
    """Return the closed program whose `main()` returns the value that is asked for."""
    code = sample.code.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    main = f"\n\n{programs.ENTRY_LINE}    return {sample.call}\n"
    return programs.Program(
        pieces=(
            programs.Piece(kind=programs.Kind.UNCHANGED, text=f"{code}\n", path="f.py", first=1),
            programs.Piece(kind=programs.Kind.MAIN, text=main),
        ),
        shared=1,
    )


def _samples(path: Path) -> Iterator[Sample]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            told = _Listed.model_validate_json(line)
        except pydantic.ValidationError as problem:
            first = problem.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise errors.UsageError(
                f"{path}:{number} is no sample of CRUXEval: {where}: {first['msg']}: each line is a JSON object with "
                "the strings code, input, output and id"
            ) from problem
        yield Sample(id=told.id, code=told.code, input=told.input, output=told.output)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise errors.UsageError(f"{path} is larger than {_LARGEST:,} bytes: split it")
        return path.read_bytes().decode()
    except OSError as problem:
        raise errors.UsageError(f"{path} cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise errors.UsageError(f"{path} is not text in UTF-8: give CRUXEval's data/cruxeval.jsonl") from problem
