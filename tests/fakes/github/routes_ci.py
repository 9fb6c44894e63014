"""Routes of GitHub Actions and of commit statuses, and the storage that downloads lead to."""

import gzip
from datetime import timedelta

import flask
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, ci_payloads, ci_state, paging, problems, routes_repository, state

blueprint = flask.Blueprint("ci", __name__)
# stands for hosts of its own, which take signed addresses and no credentials
storage = flask.Blueprint("storage", __name__)
_LIFETIME = timedelta(minutes=1)


@blueprint.get("/repos/<owner>/<repo>/actions/runs")
def list_runs(owner: str, repo: str) -> ResponseReturnValue:
    found = _with_actions(owner, repo)
    wanted = flask.request.args.get
    here = access.world()
    runs = [
        run
        for run in sorted(here.workflow_runs.values(), key=lambda run: -run.id)
        if run.repository is found
        and wanted("head_sha") in (None, run.head_sha)
        and wanted("event") in (None, run.event)
        and wanted("status") in (None, run.status, run.conclusion)
    ]
    return paging.answer(runs, _run_shown, "workflow_runs")


@blueprint.get("/repos/<owner>/<repo>/actions/runs/<int:run_id>")
def show_run(owner: str, repo: str, run_id: int) -> ResponseReturnValue:
    return flask.jsonify(_run_shown(_run(_with_actions(owner, repo), run_id)))


@blueprint.get("/repos/<owner>/<repo>/actions/runs/<int:run_id>/jobs")
def list_jobs(owner: str, repo: str, run_id: int) -> ResponseReturnValue:
    run = _run(_with_actions(owner, repo), run_id)
    every = flask.request.args.get("filter") == "all"
    jobs = [job for job in run.jobs if every or job.attempt == run.attempt]
    return paging.answer(jobs, lambda one: ci_payloads.job(access.world(), one), "jobs")


@blueprint.get("/repos/<owner>/<repo>/actions/runs/<int:run_id>/artifacts")
def list_artifacts(owner: str, repo: str, run_id: int) -> ResponseReturnValue:
    run = _run(_with_actions(owner, repo), run_id)
    name = flask.request.args.get("name")
    found = [one for one in reversed(run.artifacts) if name in (None, one.name)]
    return paging.answer(found, lambda one: ci_payloads.artifact(access.world(), one), "artifacts")


@blueprint.get("/repos/<owner>/<repo>/actions/artifacts/<int:artifact_id>/<archive_format>")
def download_artifact(owner: str, repo: str, artifact_id: int, archive_format: str) -> ResponseReturnValue:
    found = _with_actions(owner, repo)
    every = [one for run in access.world().workflow_runs.values() for one in run.artifacts]
    one = next((one for one in every if one.id == artifact_id and one.run.repository is found), None)
    if one is None or archive_format != "zip":
        raise problems.not_found()
    if one.expired:
        raise problems.Refusal(410, "Artifact has expired")
    return _elsewhere(one.content, "application/zip")


@blueprint.get("/repos/<owner>/<repo>/actions/jobs/<int:job_id>/logs")
def download_log(owner: str, repo: str, job_id: int) -> ResponseReturnValue:
    found = _with_actions(owner, repo)
    every = [job for run in access.world().workflow_runs.values() if run.repository is found for job in run.jobs]
    job = next((job for job in every if job.id == job_id), None)
    if job is None or job.log is None:
        raise problems.not_found()
    return _elsewhere(job.log, "text/plain")


@blueprint.get("/repos/<owner>/<repo>/commits/<path:ref>/statuses")
def list_statuses(owner: str, repo: str, ref: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, statuses="read")
    here, sha = access.world(), routes_repository.commit(found, ref)
    told = [one for one in reversed(here.statuses) if one.repository is found and one.sha == sha]
    return paging.answer(told, lambda one: ci_payloads.status(here, one))


@storage.get("/storage/<key>")
def download(key: str) -> ResponseReturnValue:
    """Give what the address opens, or the part of it that is asked for."""
    if "Authorization" in flask.request.headers:
        return flask.Response("Only one way to authenticate", 400)
    here = access.world()
    signed = here.storage.signed.get(key)
    if signed is None or signed.expires <= here.now():
        return flask.Response("Signature not valid", 403)
    content = gzip.compress(signed.content) if here.storage.packs else signed.content
    response = flask.Response(content if here.storage.announces else iter((content,)), content_type=signed.kind)
    if here.storage.packs or here.storage.says:
        response.content_encoding = here.storage.says or "gzip"
    if here.storage.announces and here.storage.parts:
        response.make_conditional(flask.request, accept_ranges=True, complete_length=len(content))
    return response


@storage.get("/elsewhere/<key>")
def move(key: str) -> ResponseReturnValue:
    """Lead on, as no storage of GitHub does."""
    return flask.redirect(f"{access.world().base_url}/storage/{key}")


def _with_actions(owner: str, repo: str) -> state.Repository:
    found = access.repository(owner, repo, actions="read")
    if found in access.world().without_actions:
        raise problems.not_found()
    return found


def _run(found: state.Repository, number: int) -> ci_state.WorkflowRun:
    run = access.world().workflow_runs.get(number)
    if run is None or run.repository is not found:
        raise problems.not_found()
    return run


def _run_shown(one: ci_state.WorkflowRun) -> state.Json:
    shown = ci_payloads.run(access.world(), one)
    return {**shown, "pull_requests": []} if flask.request.args.get("exclude_pull_requests") == "true" else shown


def _elsewhere(content: bytes, kind: str) -> ResponseReturnValue:
    here = access.world()
    key = f"{here.next_id()}"
    here.storage.signed[key] = ci_state.Signed(content=content, kind=kind, expires=here.now() + _LIFETIME)
    address = here.storage.url or f"{here.base_url}/storage"
    return flask.Response(status=302, headers={"Location": f"{address}/{key}"})
