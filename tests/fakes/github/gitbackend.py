"""Git over HTTP: git's own CGI program behind the tokens."""

import base64
import binascii
import os
import subprocess

import flask
from flask.typing import ResponseReturnValue

from tests.fakes.github import access, apps, problems, state

blueprint = flask.Blueprint("git", __name__)


@blueprint.get("/<owner>/<repo>.git/info/refs")
def advertise(owner: str, repo: str) -> ResponseReturnValue:
    if flask.request.args.get("service") != "git-upload-pack":
        return "Pushing is not possible here.\n", 403
    return _answer(_repository(owner, repo), "/info/refs")


@blueprint.post("/<owner>/<repo>.git/git-upload-pack")
def upload(owner: str, repo: str) -> ResponseReturnValue:
    return _answer(_repository(owner, repo), "/git-upload-pack")


def _repository(owner: str, repo: str) -> state.Repository:
    """Return the repository if the request's token may read it; a refusal is plain text, as git shows it."""
    world = access.world()
    with world.lock:
        found = world.repository(f"{owner}/{repo}")
        header = flask.request.headers.get("Authorization")
        if header is None:
            if found is None or found.private:
                flask.abort(_refusal(401, "Authentication required"))
            return found
        try:
            token = access.identify(world, f"token {_password(header)}")
        except problems.Refusal:
            flask.abort(_refusal(401, "Invalid username or token."))
        assert isinstance(token, state.Token)
        if found is None or (found.private and not token.covers(found)):
            flask.abort(_refusal(404, "Repository not found."))
        if token.covers(found) and not apps.allows(token.permissions, "contents", "read"):
            flask.abort(_refusal(403, "Write access to repository not granted."))
        return found


def _password(header: str) -> str:
    scheme, _, value = header.partition(" ")
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise problems.bad_credentials() from None
    if scheme.lower() != "basic" or name != "x-access-token" or password.count(".") > 1:
        raise problems.bad_credentials()
    return password


def _refusal(status: int, text: str) -> flask.Response:
    headers = {"WWW-Authenticate": 'Basic realm="GitHub"'} if status == 401 else {}
    return flask.Response(f"{text}\n", status=status, headers=headers, content_type="text/plain")


def _answer(found: state.Repository, path: str) -> flask.Response:
    body = flask.request.get_data()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROJECT_ROOT": str(found.git.folder.parent),
        "PATH_INFO": f"/{found.git.folder.name}{path}",
        "REQUEST_METHOD": flask.request.method,
        "QUERY_STRING": flask.request.query_string.decode(),
        "CONTENT_TYPE": flask.request.content_type or "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": flask.request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": flask.request.headers.get("Git-Protocol", ""),
    }
    done = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=True)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200").split()[0])
    return flask.Response(content, status=status, headers=headers)
