"""Reviews as one self-contained page: no script, no other host, light and dark."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from gatekeeper import offers, review
from gatekeeper.repair import candidate, cause, fate
from gatekeeper.report import culprits, difflines, evidence, growth, steps, words
from gatekeeper.report import offered as saying
from gatekeeper.report.visible import visible
from gatekeeper.simulation import prediction, trace
from gatekeeper.verdicts import findings, verdict

_TEMPLATES = Path(__file__).parent / "templates"
# lines of one review's diff that are shown before only hunks with findings are
_LINES = 2_000
_NOTHING: Mapping[str, offers.Offers] = {}

Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A changed file as the page shows it."""

    part: difflines.Part
    hunks: tuple[difflines.Hunk, ...]
    # lines of the hunks that are not shown
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A finding, its number in the review, what it is due to, and whether the diff shows its line."""

    number: int
    finding: findings.Finding
    outcomes: tuple[prediction.Prediction, ...]
    line: difflines.Line | None
    # None: not known
    cause: cause.Cause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A review with what the page derives from it."""

    # of its part of the page, unique on it
    id: str
    done: review.Review
    offered: offers.Offers
    # what became of the fixes, in their order; empty where nobody looks
    fates: tuple[fate.Fate, ...]
    listed: review.Listed
    cards: tuple[Card, ...]
    files: tuple[File, ...]

    def at(self, path: str | None, line: int | None) -> list[Card]:
        """Return the findings to show under a line of the after side."""
        place = prediction.Location(path=path, line=line) if path and line else None
        return [card for card in self.cards if place and card.finding.at == place]

    @property
    def lacks_tests(self) -> bool:
        """Whether the proposed tests are what matters most."""
        return saying.lacks_tests(self.done, self.offered)

    def fate(self, fix: candidate.FixCandidate) -> fate.Fate | None:
        """Return what became of a fix; None where nobody looked."""
        known = zip(self.offered.fixes, self.fates, strict=False)
        return next((became for one, became in known if one is fix), None)

    def passing(self) -> list[prediction.Prediction]:
        """Return the tests that would pass."""
        return [said for said in self.done.predictions if said.outcome is prediction.Outcome.PASS]

    def other(self) -> list[prediction.Prediction]:
        """Return the tests of which there is more to say."""
        return [said for said in self.done.predictions if said.outcome is not prediction.Outcome.PASS]

    def traced(self) -> list[prediction.Prediction]:
        """Return the predictions that carry a trace."""
        return [said for said in self.done.predictions if said.trace]


def style() -> str:
    """Return the style sheet of the report's parts."""
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")


def render(reviews: Sequence[review.Review], offered: Mapping[str, offers.Offers] = _NOTHING) -> str:
    """Return the page about `reviews`, in the order given; encodable as UTF-8 whatever they hold.

    `offered`: id of a review -> what is offered beyond its verdict.
    """
    sheet = style()
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return (
        environment()
        .get_template("page.html")
        .render(
            reviews=[
                told(done, offered.get(done.id, offers.Offers()), name=f"r{number}")
                for number, done in enumerate(reviews, 1)
            ],
            # both are ours, and must reach the page byte for byte
            style=Markup(sheet),  # noqa: S704
            policy=Markup(f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"),  # noqa: S704
        )
    )


@cache
def environment(*folders: Path) -> jinja2.Environment:
    """Return what renders the templates in `folders` and the report's own: all text escaped, unknown names refused."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader((*folders, _TEMPLATES)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(seconds=words.seconds, conclusion=words.conclusion, judged=words.judged)
    environment.filters.update(
        counts=words.counts,
        doubtful=words.doubtful,
        settled=words.settled,
        imagined=words.imagined,
        disagreements=words.disagreements,
        by_reason=words.by_reason,
        said=words.of,
        steps=_steps,
        slow=words.slow,
        plots=growth.plots,
        evidence=evidence.said,
    )
    environment.filters.update(
        marked=culprits.marked,
        location=culprits.location,
        source=saying.source,
        effect=saying.effect,
        tried=saying.tried,
        mends=saying.mends,
        undoing=saying.undoing,
        became=saying.became,
        author=saying.author,
        ended=saying.ended,
    )
    environment.tests["step"] = lambda value: isinstance(value, steps.Step)
    environment.globals["fails"] = verdict.fails
    return environment


def _harmless(value: object) -> str:
    return value if isinstance(value, Markup) else visible(str(value))


def _steps(run: trace.Trace) -> list[steps.Step | int]:
    return list(steps.steps(run))


def told(done: review.Review, offered: offers.Offers, *, fates: Sequence[fate.Fate] = (), name: str = "review") -> Told:
    """Return `done` with its findings beside the lines of its diff, of which at most a bounded number is shown.

    `name`: of its part of the page, for what leads there.
    """
    found = findings.find(done.predictions, done.selection, done.policy)
    places = {(finding.at.path, finding.at.line) for finding in found if finding.at}
    files = tuple(_files(done, places))
    lines = dict(_shown(files))
    by_test = {said.test: said for said in done.predictions}
    cards = tuple(
        Card(
            number=number,
            finding=finding,
            outcomes=tuple(by_test[test] for test in finding.tests),
            line=lines.get((finding.at.path, finding.at.line)) if finding.at else None,
            cause=offered.cause(finding.fingerprint),
        )
        for number, finding in enumerate(found, 1)
    )
    return Told(
        id=name,
        done=done,
        offered=offered,
        fates=tuple(fates),
        listed=review.listed(done),
        cards=cards,
        files=files,
    )


def _files(done: review.Review, places: set[Place]) -> Iterator[File]:
    room = _LINES
    for part in difflines.parts(done.diff):
        kept = []
        for hunk in part.hunks:
            found = any((part.change.after, line.after) in places for line in hunk.lines)
            if found or len(hunk.lines) <= room:
                kept.append(hunk)
                room -= len(hunk.lines)
        every, shown = (sum(len(hunk.lines) for hunk in hunks) for hunks in (part.hunks, kept))
        yield File(part=part, hunks=tuple(kept), left_out=every - shown)


def _shown(files: Sequence[File]) -> Iterator[tuple[Place, difflines.Line]]:
    for file in files:
        for hunk in file.hunks:
            for line in hunk.lines:
                if line.after is not None and file.part.change.after is not None:
                    yield (file.part.change.after, line.after), line
