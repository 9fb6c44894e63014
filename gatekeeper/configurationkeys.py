"""The keys of `.github/gatekeeper.yml`: what each means, its default, examples; and the JSON Schema made of them."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import pydantic

from gatekeeper.accuracy import earning
from gatekeeper.simulation import engine
from gatekeeper.verdicts import verdict

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_Share = Annotated[float, pydantic.Field(ge=0, le=1, allow_inf_nan=False)]
# what starts with `!` or `/` elsewhere means something that it does not mean here
_Pattern = Annotated[str, pydantic.Field(pattern=r"^[^!/]")]
_Name = Annotated[str, pydantic.Field(min_length=1)]


class _Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Labels(_Model):
    """Labels that decide whether a pull request is reviewed; upper and lower case are the same."""

    require: list[_Name] = pydantic.Field(default=[], examples=[["ready to test"]])
    """Labels that must all be there."""
    skip: list[_Name] = pydantic.Field(default=[], examples=[["no-gatekeeper"]])
    """Labels of which none may be there."""


class Comments(_Model):
    """What is written on a pull request's lines."""

    limit: Annotated[int, pydantic.Field(ge=0, le=50, examples=[5])] = 10
    """Most comments on lines in one review; the others stand in the summary."""


class Budget(_Model):
    """What one review may spend; tests that it does not reach are not analysed."""

    tests: Annotated[int, pydantic.Field(ge=1, examples=[500])] = engine.Budget().tests
    """Most tests that are pre-executed."""
    seconds: Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False, examples=[300])] = engine.Budget().seconds
    """Seconds of wall clock for the whole review."""
    tokens: Annotated[int, pydantic.Field(ge=1)] | None = pydantic.Field(default=None, examples=[2_000_000])
    """Most tokens that models read and write; null: as many as the seconds allow."""


class Cascade(_Model):
    """How the sandbox and a model share the work, where `engine` is cascade."""

    order: Literal["auto", "sandbox_first", "neural_first"] = pydantic.Field(default="auto", examples=["sandbox_first"])
    """Which is asked first; auto: the one that took less time for a test so far, and the sandbox as long as that is
    not known."""
    spot_checks: _Share = pydantic.Field(default=0.05, examples=[0.2])
    """Share of the tests that the model, asked first, expects to pass which the sandbox runs all the same."""


class Halting(_Model):
    """Functions of the change that may not halt."""

    block_at: _Share | None = pydantic.Field(default=None, examples=[0.9])
    """Probability of not halting from which on one such function fails the check, where `authority` is block, whatever
    the tests say; one that is proven not to halt always does then. null: they never fail it."""


class Ci(_Model):
    """The repository's own tests, against which the verdicts are scored."""

    checks: list[_Name] = pydantic.Field(default=[], examples=[["test (*)", "unit"]])
    """Patterns of the names of checks that run tests; empty: those in which a test report is seen."""


class Earning(_Model):
    """What authority is held to, where it has to be earned."""

    pulls: Annotated[int, pydantic.Field(ge=1, le=1000, examples=[50])] = earning.Terms().pulls
    """How many of the latest pull requests that would have been blocked are looked at."""
    advise: _Share = pydantic.Field(default=earning.Terms().advise, examples=[0.6])
    """What the lower bound of their precision must reach for `advise`."""
    block: _Share = pydantic.Field(default=earning.Terms().block, examples=[0.95])
    """The same for `block`."""
    margin: _Share = pydantic.Field(default=earning.Terms().margin, examples=[0.1])
    """How far below that it may come before a level that is held is lost."""
    held_back: _Share = pydantic.Field(default=0.05, examples=[0])
    """Share of the reviews that may block by what was earned which are published only after CI has ended, at most two
    hours later: what an author mends at once is never seen to fail, and the precision could not be measured."""


class File(_Model):
    """What a repository's maintainers decide, in `.github/gatekeeper.yml` of the base branch.

    Patterns are the shell's, of the whole path or name, and `*` matches `/` too.
    """

    model_config = pydantic.ConfigDict(title="Gatekeeper's configuration of a repository")

    authority: Literal["shadow", "advise", "block"] = pydantic.Field(default="shadow", examples=["advise"])
    """The most that a verdict may do. shadow: the check tells, and no comment is written. advise: comments are
    written, and nothing is held up. block: the check fails where a test would."""
    earn: bool = pydantic.Field(default=True, examples=[False])
    """Whether the measured precision decides how much of `authority` is used; false: all of it, at once."""
    earning: Earning = Earning()
    """What authority is held to, where it has to be earned."""
    on_not_analysed: Literal["neutral", "fail"] = pydantic.Field(default="neutral", examples=["fail"])
    """What the check concludes where there is no verdict; neutral lets a merge pass."""
    min_analysed: _Share = pydantic.Field(default=verdict.Policy().min_analysed, examples=[0.8])
    """Share of the affected tests that must have an outcome for a verdict that they would pass."""
    bar: _Share = pydantic.Field(default=verdict.Policy().bar, examples=[0.9])
    """Probability of failing from which on a test is held against the change."""
    ignore: list[_Pattern] = pydantic.Field(default=[], examples=[["docs/*", "*.md"]])
    """Patterns of paths whose changes do not count."""
    paths: Annotated[list[_Pattern], pydantic.Field(min_length=1)] = pydantic.Field(
        default=["*"], examples=[["src/*", "tests/*"]]
    )
    """Patterns of paths; a pull request that touches none of them is not reviewed."""
    branches: Annotated[list[_Pattern], pydantic.Field(min_length=1)] = pydantic.Field(
        default=["*"], examples=[["main", "release/*"]]
    )
    """Patterns of base branches; a pull request into another is not reviewed."""
    drafts: bool = pydantic.Field(default=False, examples=[True])
    """Whether drafts are reviewed."""
    labels: Labels = Labels()
    """Labels that decide whether a pull request is reviewed; upper and lower case are the same."""
    comments: Comments = Comments()
    """What is written on a pull request's lines."""
    dependencies: Literal["base", "head"] = pydantic.Field(default="base", examples=["head"])
    """Whose declared requirements are granted to the tests; head: also those that the pull request adds."""
    engine: Annotated[str, pydantic.Field(pattern=r"^[a-z][a-z0-9_-]*$")] = pydantic.Field(
        default="sandbox", examples=["cascade"]
    )
    """What predicts the outcomes. sandbox: runs the tests. cwm, reasoning: a model imagines them. cascade: the sandbox
    where it can run a test, the model where it cannot. All but sandbox need a model that the operator connects."""
    cascade: Cascade = Cascade()
    """How the sandbox and a model share the work, where `engine` is cascade."""
    budget: Budget = Budget()
    """What one review may spend; tests that it does not reach are not analysed."""
    halting: Halting = Halting()
    """Functions of the change that may not halt."""
    ci: Ci = Ci()
    """The repository's own tests, against which the verdicts are scored."""


def model_at(location: Iterable[int | str]) -> type[pydantic.BaseModel]:
    """Return the model of the keys that the mapping at `location` in the file has."""
    model: type[pydantic.BaseModel] = File
    for step in location:
        inner = model.model_fields[str(step)].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, pydantic.BaseModel)
        model = inner
    return model


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the file, for editors."""
    return {"$schema": _DIALECT, **File.model_json_schema()}
