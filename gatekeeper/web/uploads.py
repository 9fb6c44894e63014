"""Outcomes in: reports that any CI sends with a token, `POST /api/outcomes`."""

import re
from collections.abc import Callable, Collection

import flask
from werkzeug import exceptions

from gatekeeper import errors
from gatekeeper.outcomes import job
from gatekeeper.workflows import uploading

PATH = "/api/outcomes"
# bytes of one report
LARGEST = 20 * 1024 * 1024
# characters of a job's name
_LONGEST = 200
# of a commit, with SHA-1 or SHA-256
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ATTEMPT = re.compile(r"[1-9][0-9]{0,3}")

Take = Callable[[bytes, uploading.Upload], uploading.Taken]


def blueprint(take: Take, authorise: Callable[[flask.Request], Collection[str]]) -> flask.Blueprint:
    """Return what answers `POST /api/outcomes?repository=OWNER/NAME&sha=SHA` with a JUnit report as its body.

    Further parameters: `job` its name, `tested` merge or head, `attempt` counted from 1. `authorise` returns the names
    of the repositories that a request may send outcomes of, and raises HTTPException where it may send none. Answers
    200 with what became of it as JSON, or 400, 401, 403, 413, 422.
    """
    made = flask.Blueprint("uploads", __name__)

    @made.post(PATH)
    def upload() -> flask.Response:
        flask.request.max_content_length = LARGEST
        given = _given(authorise(flask.request))
        try:
            taken = take(flask.request.get_data(cache=False), given)
        except errors.ReportError as problem:
            raise exceptions.UnprocessableEntity(str(problem)) from problem
        return flask.jsonify(
            job=taken.job,
            known=taken.known,
            tests=taken.tests,
            broken=taken.broken,
            settled=list(taken.settled),
        )

    return made


def _given(allowed: Collection[str]) -> uploading.Upload:
    words = flask.request.args
    repository, sha = words.get("repository", ""), words.get("sha", "")
    if repository not in allowed:
        raise exceptions.Forbidden("The token is not for this repository: `repository` must be its owner/name.")
    if not _SHA.fullmatch(sha):
        raise exceptions.BadRequest("`sha` must be the whole SHA of a commit, in small letters.")
    attempt = words.get("attempt", "1")
    if not _ATTEMPT.fullmatch(attempt):
        raise exceptions.BadRequest("`attempt` must be a number from 1 on: a re-run is a new attempt.")
    tested = words.get("tested", job.Tested.MERGE.value)
    if tested not in {job.Tested.MERGE.value, job.Tested.HEAD.value, job.Tested.GROUP.value}:
        raise exceptions.BadRequest("`tested` must be merge (head merged into base), head, or group (a merge group).")
    name = words.get("job", uploading.NAME).strip()[:_LONGEST]
    return uploading.Upload(
        repository=repository,
        sha=sha,
        tested=job.Tested(tested),
        name=name or uploading.NAME,
        attempt=int(attempt),
    )
