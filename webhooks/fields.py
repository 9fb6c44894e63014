"""What the fields of an event may hold, and where in a payload each is found; pydantic reads both from the annotations.

What identifies something is refused where it cannot be what GitHub sends; what is only shown is cut.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, AliasPath, AwareDatetime, BeforeValidator, Field, StringConstraints
from pydantic import ValidationInfo as Info
from pydantic.fields import FieldInfo

LONGEST_TEXT = 1_024
# of a comment: what GitHub takes
LONGEST_BODY = 65_536


def at(*path: str, otherwise: tuple[str, ...] | None = None) -> FieldInfo:
    """Return the annotation of a field that a payload has under `path`, or `otherwise` where it is not there."""
    where = AliasPath(*path)
    info: FieldInfo = Field(validation_alias=AliasChoices(where, AliasPath(*otherwise)) if otherwise else where)
    return info


def found(payload: object, *path: str) -> object:
    """Return what a payload has under `path`, or None."""
    for key in path:
        payload = payload.get(key) if isinstance(payload, Mapping) else None
    return payload


def equals(word: str) -> BeforeValidator:
    """Return what makes a field True where the payload has `word`, and False for every other word."""
    return BeforeValidator(lambda given: given == word if isinstance(given, str) else given)


def is_there() -> BeforeValidator:
    """Return what makes a field True where the payload has anything at its place."""
    return BeforeValidator(lambda given: given is not None)


def _cut(longest: int) -> AfterValidator:
    # PostgreSQL keeps no NUL
    return AfterValidator(lambda text: text[:longest].replace("\0", "\ufffd"))


def _names(given: object) -> object:
    return [found(one, "name") for one in given] if isinstance(given, list) else given


def _numbers_of_repository(given: object, info: Info) -> object:
    """Return the numbers of the pull requests that belong to the repository, whose id is the context.

    A trap: GitHub also lists pull requests that carry this repository's commits into another one, numbered there.
    """
    if not isinstance(given, list):
        return given
    # not `in` a set: the context comes from outside as it is
    return [found(one, "number") for one in given if found(one, "base", "repo", "id") in (info.context, None)]


Flag = Annotated[bool, Field(strict=True)]
# 0 is nothing's id; the upper end is a database's
Id = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
Sha = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]+$", max_length=LONGEST_TEXT)]
# `owner/name`, which goes into addresses and paths: the name is not all dots
FullName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+/[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*$", max_length=200)
]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\[\]-]+$", max_length=100)]
# of GitHub's own vocabulary, which grows
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=100)]
Text = Annotated[str, _cut(LONGEST_TEXT)]
# empty where GitHub has null
TextOrNone = Annotated[Text, BeforeValidator(lambda given: "" if given is None else given)]
Body = Annotated[str, _cut(LONGEST_BODY)]
Time = AwareDatetime
Names = Annotated[tuple[Text, ...], BeforeValidator(_names)]
Numbers = Annotated[tuple[Id, ...], BeforeValidator(_numbers_of_repository)]
Permissions = Annotated[Mapping[Word, Word], Field(max_length=500)]
InstallationAction = Literal["created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"]
PushAction = Literal["opened", "synchronize", "reopened", "ready_for_review", "edited"]
