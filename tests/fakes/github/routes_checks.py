"""Routes of check runs and suites."""

import flask
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, check_payloads, paging, problems, routes_repository, state

blueprint = flask.Blueprint("checks", __name__)


@blueprint.post("/repos/<owner>/<repo>/check-runs")
def create(owner: str, repo: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, checks="write")
    here = access.world()
    run = here.checks.create(access.token().installation.app, found, flask.request.get_json())
    return check_payloads.run(here, run), 201


@blueprint.patch("/repos/<owner>/<repo>/check-runs/<int:check_run_id>")
def update(owner: str, repo: str, check_run_id: int) -> ResponseReturnValue:
    run = _run(access.repository(owner, repo, checks="write"), check_run_id)
    here = access.world()
    here.checks.update(access.token().installation.app, run, flask.request.get_json())
    return check_payloads.run(here, run)


@blueprint.get("/repos/<owner>/<repo>/check-runs/<int:check_run_id>")
def show(owner: str, repo: str, check_run_id: int) -> ResponseReturnValue:
    run = _run(access.repository(owner, repo, checks="read"), check_run_id)
    return check_payloads.run(access.world(), run)


@blueprint.get("/repos/<owner>/<repo>/check-runs/<int:check_run_id>/annotations")
def list_annotations(owner: str, repo: str, check_run_id: int) -> ResponseReturnValue:
    run = _run(access.repository(owner, repo, checks="read"), check_run_id)
    return paging.answer(run.annotations, lambda one: check_payloads.annotation(access.world(), run, one))


@blueprint.get("/repos/<owner>/<repo>/commits/<path:ref>/check-runs")
def list_runs(owner: str, repo: str, ref: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, checks="read")
    sha = routes_repository.commit(found, ref)
    runs = [run for suite in access.world().suites(found, sha) for run in _listed(suite)]
    return _answer(runs)


@blueprint.get("/repos/<owner>/<repo>/check-suites/<int:check_suite_id>")
def show_suite(owner: str, repo: str, check_suite_id: int) -> ResponseReturnValue:
    suite = _suite(access.repository(owner, repo, checks="read"), check_suite_id)
    return check_payloads.full_suite(access.world(), suite)


@blueprint.get("/repos/<owner>/<repo>/check-suites/<int:check_suite_id>/check-runs")
def list_runs_of_suite(owner: str, repo: str, check_suite_id: int) -> ResponseReturnValue:
    return _answer(_listed(_suite(access.repository(owner, repo, checks="read"), check_suite_id)))


@blueprint.get("/repos/<owner>/<repo>/commits/<path:ref>/check-suites")
def list_suites(owner: str, repo: str, ref: str) -> ResponseReturnValue:
    found = access.repository(owner, repo, checks="read")
    suites = access.world().suites(found, routes_repository.commit(found, ref))
    app = flask.request.args.get("app_id", type=int)
    suites = [suite for suite in suites if app in (None, suite.app.id)]
    return paging.answer(suites, lambda one: check_payloads.full_suite(access.world(), one), "check_suites")


def _answer(runs: list[state.Run]) -> flask.Response:
    arguments = flask.request.args
    app, name, status = arguments.get("app_id", type=int), arguments.get("check_name"), arguments.get("status")
    chosen = [
        run
        for run in runs
        if app in (None, run.suite.app.id) and name in (None, run.name) and status in (None, run.status)
    ]
    chosen.sort(key=lambda run: -run.id)
    return paging.answer(chosen, lambda one: check_payloads.run(access.world(), one), "check_runs")


def _listed(suite: state.Suite) -> list[state.Run]:
    runs = [run for run in suite.runs if access.world().listed(run.shows)]
    return runs if flask.request.args.get("filter") == "all" else check_payloads.latest(runs)


def _run(found: state.Repository, number: int) -> state.Run:
    run = access.world().runs.get(number)
    if run is None or run.suite.repository is not found:
        raise problems.not_found()
    return run


def _suite(found: state.Repository, number: int) -> state.Suite:
    for suite in found.suites:
        if suite.id == number:
            return suite
    raise problems.not_found()
