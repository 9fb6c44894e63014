"""Lines of the judged tree as links to GitHub, where they are the same lines at head."""

import urllib.parse
from dataclasses import dataclass

from gatekeeper import review
from gatekeeper.report.github import markdown
from gatekeeper.simulation import prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How to link to what a review names."""

    # address of the repository's page; None: nothing is linked
    repository_url: str | None
    done: review.Review

    def shown(self, at: prediction.Location | None) -> str:
        """Return `path:line` as code, linked where that leads to the very line or at least to its file."""
        if at is None:
            return "no line of the repository"
        label = markdown.code(str(at))
        url = self._url(at)
        return markdown.link(label, url) if url else label

    def _url(self, at: prediction.Location) -> str | None:
        if self.repository_url is None or not at.path.isprintable():
            return None
        file = f"{self.repository_url}/blob/{self.done.subject.head}/{urllib.parse.quote(at.path)}"
        if _is_head(self.done.subject):
            return f"{file}#L{at.line}"
        return file if any(change.after == at.path for change in self.done.diff.files) else None


def _is_head(subject: review.Subject) -> bool:
    """Whether the judged tree is head's."""
    return subject.judged is review.Judged.HEAD or subject.base == subject.merge_base
