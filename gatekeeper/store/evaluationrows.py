"""An Evaluation as a row of its table, and back."""

from dataclasses import asdict
from typing import Any

from gatekeeper import evaluation, hosted, review
from gatekeeper.accuracy import earning
from gatekeeper.store import hostedmodels
from gatekeeper.verdicts import authority, publication

_Row = hostedmodels.Evaluation


def of_terms(held_to: evaluation.Terms) -> dict[str, Any]:
    """Return the columns of what verdicts are held to."""
    return {
        "authority": held_to.authority.value,
        "why_authority": held_to.why_authority,
        "fail_not_analysed": held_to.fail_not_analysed,
        "held_to": None if held_to.rules is None else _rules(held_to.rules, held_to),
    }


def _rules(rules: evaluation.Rules, held_to: evaluation.Terms) -> dict[str, Any]:
    return {
        "ceiling": rules.ceiling.value,
        "earn": rules.earn,
        "earning": asdict(rules.earning),
        "checks": list(rules.checks),
        "imagined": held_to.imagined.value,
        "basis": held_to.basis,
        "halting_at": held_to.halting_at,
    }


def to_evaluation(row: _Row) -> evaluation.Evaluation:
    """Return the evaluation of a row; what it is to publish only where the row's `draft` was read too."""
    return evaluation.Evaluation(
        asked=evaluation.Asked(
            id=row.id,
            place=hosted.Place(installation=row.installation, repository=row.repository, name=row.name),
            pull=row.pull,
            head=row.head,
            head_ref=row.head_ref,
            base=row.base,
            base_ref=row.base_ref,
        ),
        when=row.asked,
        state=evaluation.State(row.state),
        reason=row.reason,
        progress=row.progress,
        superseded_by=row.superseded_by,
        reviewed=_reviewed(row),
        terms=_held_to(row),
        conclusion=None if row.conclusion is None else publication.CheckConclusion(row.conclusion),
        open=row.open,
        held_until=row.held_until,
    )


def _held_to(row: _Row) -> evaluation.Terms | None:
    if row.authority is None:
        return None
    return evaluation.Terms(
        authority=authority.Authority(row.authority),
        why_authority=row.why_authority,
        fail_not_analysed=row.fail_not_analysed,
        imagined=authority.Authority((row.held_to or {}).get("imagined", authority.Authority.SHADOW.value)),
        basis=(row.held_to or {}).get("basis", review.EXECUTED),
        halting_at=(row.held_to or {}).get("halting_at"),
        rules=_to_rules(row.held_to),
    )


def _to_rules(stored: dict[str, Any] | None) -> evaluation.Rules | None:
    if stored is None:
        return None
    return evaluation.Rules(
        ceiling=authority.Authority(stored["ceiling"]),
        earn=stored["earn"],
        earning=earning.Terms(**stored["earning"]),
        checks=tuple(stored["checks"]),
    )


def _reviewed(row: _Row) -> evaluation.Reviewed | None:
    terms = _held_to(row)
    if row.review_id is None or terms is None or row.draft is None:
        return None
    return evaluation.Reviewed(
        review=row.review_id,
        terms=terms,
        annotations=tuple(
            publication.Annotation(**{**one, "level": publication.Level(one["level"])})
            for one in row.draft["annotations"]
        ),
        comments=_comments(row.draft["comments"]),
    )


def _comments(stored: dict[str, Any] | None) -> publication.PullReview | None:
    if stored is None:
        return None
    return publication.PullReview(
        head=stored["head"],
        body=stored["body"],
        comments=tuple(publication.Comment(**one) for one in stored["comments"]),
    )
