"""Annotations of check runs, as GitHub takes and shows them."""

from collections import Counter
from collections.abc import Sequence

from gatekeeper.forge import reading
from gatekeeper.verdicts import publication


def written(annotation: publication.Annotation) -> dict[str, object]:
    """Return the annotation as a request has it."""
    shape: dict[str, object] = {
        "path": annotation.path,
        "start_line": annotation.start_line,
        "end_line": annotation.end_line,
        "annotation_level": annotation.level.value,
        "message": annotation.message,
    }
    return {**shape, "title": annotation.title} if annotation.title else shape


def read(data: object) -> publication.Annotation | None:
    """Return the annotation that GitHub shows; None for one that this service would not make.

    Raises UnavailableError where it cannot be read.
    """
    level = reading.text(data, "annotation_level")
    if level not in set(publication.Level):
        return None
    return publication.Annotation(
        path=reading.text(data, "path"),
        start_line=reading.number(data, "start_line"),
        end_line=reading.number(data, "end_line"),
        level=publication.Level(level),
        title=reading.text(data, "title") if reading.has(data, "title") else "",
        message=reading.text(data, "message") if reading.has(data, "message") else "",
    )


def fits(there: Sequence[publication.Annotation | None], wanted: Sequence[publication.Annotation]) -> bool:
    """Return whether what is there is among what is wanted, so that adding the rest is enough."""
    return None not in there and not _counted(there) - _counted(wanted)


def missing(
    there: Sequence[publication.Annotation | None], wanted: Sequence[publication.Annotation]
) -> list[publication.Annotation]:
    """Return the wanted annotations that are not there, each as often as it is missing."""
    had = _counted(there)
    left = []
    for annotation in wanted:
        if had[_key(annotation)] > 0:
            had[_key(annotation)] -= 1
        else:
            left.append(annotation)
    return left


def _counted(listed: Sequence[publication.Annotation | None]) -> Counter[tuple[object, ...]]:
    return Counter(_key(annotation) for annotation in listed if annotation is not None)


def _key(annotation: publication.Annotation) -> tuple[object, ...]:
    # GitHub may change line ends and the white space around a text
    texts = (" ".join(annotation.title.split()), "\n".join(annotation.message.strip().splitlines()))
    return (annotation.path, annotation.start_line, annotation.end_line, annotation.level, *texts)
