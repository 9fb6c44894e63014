"""`gatekeeper outcomes upload`, as CI calls it."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import server
from pathlib import Path
from urllib import parse

import pytest

from tests.acceptance.program import LIBRARY, WRONG, Program
from tests.git_project import Project

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]

JUNIT = """\
<testsuites><testsuite name="pytest">
<testcase classname="tests.test_sums" name="test_add[1]" time="0.1"><failure message="no">E</failure></testcase>
<testcase classname="tests.test_sums" name="test_add[2]" time="0.1"/>
<testcase classname="tests.test_sums" name="test_double" time="0.1"/>
</testsuite></testsuites>
"""


def _reviewed(program: Program, project: Project) -> str:
    project.commit(LIBRARY)
    project.git("checkout", "-q", "-b", "work")
    project.commit(WRONG)
    assert program.review(project).code == 1
    return project.git("rev-parse", "HEAD").strip()


def _labels(program: Program) -> list[tuple[str]]:
    with closing(sqlite3.connect(program.records)) as connection:
        return connection.execute("SELECT label FROM settlements").fetchall()


def test_a_report_is_compared_with_the_review_of_its_commit(program: Program, project: Project) -> None:
    sha = _reviewed(program, project)
    report = program.folder / "report.xml"
    report.write_text(JUNIT)

    done = program.run("outcomes", "upload", report, "--repo", project.folder, "--sha", sha, "--tested", "head")

    assert (done.code, done.err) == (0, "")
    assert "3 tests, 1 of them did not pass; 1 review compared with it" in done.out
    assert _labels(program) == [("broken",)]

    again = program.run("outcomes", "upload", report, "--repo", project.folder, "--sha", sha, "--tested", "head")
    assert "(handed in before)" in again.out


def test_what_comes_before_the_review_is_compared_once_there_is_one(program: Program, project: Project) -> None:
    project.commit(LIBRARY)
    project.git("checkout", "-q", "-b", "work")
    project.commit(WRONG)
    sha = project.git("rev-parse", "HEAD").strip()
    report = program.folder / "report.xml"
    report.write_text(JUNIT)

    first = program.run("outcomes", "upload", report, "--repo", project.folder, "--sha", sha, "--tested", "head")
    assert "no review of that commit is recorded yet" in first.out

    assert program.review(project).code == 1
    assert _labels(program) == [("broken",)]


@pytest.mark.parametrize(
    ("content", "sha", "word"),
    [
        ("<testsuite>", "a" * 40, "report"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>', "a" * 40, "report"),
        (JUNIT, "HEAD", "git rev-parse HEAD"),
    ],
)
def test_what_cannot_be_used_is_said_and_changes_nothing(program: Program, content: str, sha: str, word: str) -> None:
    report = program.folder / "report.xml"
    report.write_text(content)

    done = program.run("outcomes", "upload", report, "--repo", "octo/hello", "--sha", sha)

    assert done.explains(2, word)


def test_a_file_that_is_not_there_is_named(program: Program) -> None:
    done = program.run("outcomes", "upload", "missing.xml", "--repo", "octo/hello", "--sha", "a" * 40)

    assert done.explains(2, "missing.xml cannot be read")


def test_a_service_needs_a_token(program: Program) -> None:
    (program.folder / "report.xml").write_text(JUNIT)

    done = program.run(
        "outcomes", "upload", "report.xml", "--repo", "o/h", "--sha", "a" * 40, "--to", "https://gate.example.org"
    )

    assert done.explains(2, "GATEKEEPER_TOKEN is not set")


@contextmanager
def _answering(status: int, answer: dict[str, object]) -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """Give the address of what answers every request so, and the requests that came: path, token, body."""
    came: list[tuple[str, str, bytes]] = []

    class Answer(server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, self.headers["Authorization"], body))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{serving.server_port}", came
        finally:
            serving.shutdown()
            thread.join()


def _report(program: Program) -> Path:
    report = program.folder / "report.xml"
    report.write_text(JUNIT)
    return report


def test_a_report_is_sent_to_the_service(program: Program) -> None:
    taken = {"job": "upload/1", "known": False, "tests": 3, "broken": 1, "settled": ["r1", "r2"]}
    with _answering(200, taken) as (url, came):
        report = _report(program)
        words = ("--repo", "octo/hello", "--sha", "a" * 40, "--job", "test (3.11)", "--to", url)
        done = program.run("outcomes", "upload", report, *words, environment={"GATEKEEPER_TOKEN": "gk_secret"})

    assert (done.code, done.err) == (0, "")
    assert "2 reviews compared with it" in done.out
    ((path, token, body),) = came
    asked = parse.urlsplit(path)
    assert (asked.path, token, body.decode()) == ("/api/outcomes", "Bearer gk_secret", JUNIT)
    assert dict(parse.parse_qsl(asked.query)) == {
        "repository": "octo/hello",
        "sha": "a" * 40,
        "job": "test (3.11)",
        "tested": "merge",
        "attempt": "1",
    }


def test_what_the_service_refuses_is_said_with_its_reason(program: Program) -> None:
    with _answering(403, {"status": "error", "reason": "The token is not for this repository."}) as (url, _):
        report = _report(program)
        words = ("--repo", "octo/hello", "--sha", "a" * 40, "--to", url)
        done = program.run("outcomes", "upload", report, *words, environment={"GATEKEEPER_TOKEN": "gk_secret"})

    assert done.explains(2, "403", "The token is not for this repository.")
    assert "gk_secret" not in done.err
