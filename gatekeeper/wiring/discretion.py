"""What the service publishes of a review: without the addresses of the operator's own servers."""

import re
from collections.abc import Sequence
from dataclasses import replace

from gatekeeper import review
from gatekeeper.simulation import prediction

_INSTEAD = "the model server"


def without_addresses(done: review.Review, urls: Sequence[str]) -> review.Review:
    """Return the review with every address that begins with one of `urls` named by what is there."""
    if not urls:
        return done
    # with the path, up to what ends an address in a sentence
    named = re.compile(f"(?:{'|'.join(map(re.escape, sorted(urls, key=len, reverse=True)))})[^\\s,;()]*")

    def told(text: str) -> str:
        return named.sub(_INSTEAD, text)

    def said(one: prediction.Prediction) -> prediction.Prediction:
        return replace(one, reason=told(one.reason), attempts=tuple(map(said, one.attempts)))

    parts = tuple(replace(part, why=told(part.why)) for part in done.verdict.not_analysed)
    return replace(
        done,
        notes=tuple(map(told, done.notes)),
        predictions=tuple(map(said, done.predictions)),
        verdict=replace(done.verdict, reason=told(done.verdict.reason), not_analysed=parts),
        halting=tuple(replace(one, reason=told(one.reason)) for one in done.halting),
    )
