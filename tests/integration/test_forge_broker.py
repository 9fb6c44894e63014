import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gatekeeper import errors
from gatekeeper.forge import broker, exchange, issuing, permissions, tokens, wire
from tests.fakes import github
from tests.integration import forge_setting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[forge_setting.Setting]:
    with forge_setting.stand(tmp_path) as setting:
        yield setting


def _say(socket_path: Path, request: bytes) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(socket_path))
        connection.sendall(request)
        with connection.makefile("rb") as answers:
            answer = json.loads(answers.readline())
    assert isinstance(answer, dict)
    return answer


def _ask(here: forge_setting.Setting, **changed: object) -> dict[str, object]:
    asked = {
        "ask": "token",
        "installation": here.installation.id,
        "repositories": [here.hello.id],
        "permissions": {"checks": "write"},
        "at_least": 600,
        "refused": "",
    }
    return _say(here.socket_path, exchange.line({**asked, **changed}))


def test_a_token_is_narrowed_to_its_repository_and_permissions(here: forge_setting.Setting) -> None:
    value = here.tokens.token(here.installation.id, here.hello.id, permissions.CHECKS)

    token = here.world.tokens[value]
    assert token.repositories == [here.hello]
    assert {name: level for name, level in token.permissions.items() if name != "metadata"} == {"checks": "write"}


def test_a_token_is_kept_until_ten_minutes_before_it_ends(here: forge_setting.Setting) -> None:
    first = here.tokens.token(here.installation.id, here.hello.id, permissions.CHECKS)
    here.world.clock.advance(minutes=49)
    kept = here.tokens.token(here.installation.id, here.hello.id, permissions.CHECKS)
    longer = here.tokens.token(here.installation.id, here.hello.id, permissions.CHECKS, at_least=1200)
    here.world.clock.advance(minutes=51)
    last = here.tokens.token(here.installation.id, here.hello.id, permissions.CHECKS)

    assert first == kept
    assert len({kept, longer, last}) == 3


def test_tokens_of_other_uses_are_others(here: forge_setting.Setting) -> None:
    uses = (permissions.CHECKS, permissions.COMMENTS, permissions.PULLS, permissions.FETCH)

    assert len({here.tokens.token(here.installation.id, here.hello.id, use) for use in uses}) == 4


def test_a_token_that_github_refuses_is_given_to_nobody_again(here: forge_setting.Setting) -> None:
    first = here.tokens.token(here.installation.id, here.hello.id, permissions.CHECKS)

    second = here.tokens.token(here.installation.id, here.hello.id, permissions.CHECKS, refused=first)

    # whoever had the same one gets what was made meanwhile
    assert here.tokens.token(here.installation.id, here.hello.id, permissions.CHECKS, refused=first) == second != first


def test_work_goes_on_when_its_token_ends_in_the_middle(here: forge_setting.Setting) -> None:
    pull = here.pull()
    here.forge.pulls.get(here.place, pull.number)
    here.world.tokens.clear()
    here.observed.clear()

    assert here.forge.pulls.get(here.place, pull.number).head == pull.head_sha
    assert [status for _, status in here.observed] == [401, 200]


def test_what_was_not_granted_is_named(here: forge_setting.Setting) -> None:
    with pytest.raises(errors.ForbiddenError, match="was not granted contents: write"):
        here.tokens.token(here.installation.id, here.hello.id, permissions.BRANCHES)


def test_another_repository_is_refused(here: forge_setting.Setting) -> None:
    private = here.world.create_repository("other/private", private=True)

    with pytest.raises(errors.RefusedError):
        here.tokens.token(here.installation.id, private.id, permissions.CHECKS)


def test_installations_are_listed_with_what_they_granted(here: forge_setting.Setting) -> None:
    here.world.suspend(here.installation)

    (installed,) = here.tokens.installations()

    assert (installed.id, installed.account, installed.suspended) == (here.installation.id, "octo", True)
    assert installed.permissions["checks"] == "write"


def test_repositories_of_an_installation_are_listed(here: forge_setting.Setting) -> None:
    more = [here.world.create_repository(f"octo/more{number}") for number in range(3)]
    here.world.add_to_installation(here.installation, *more)

    found = list(here.forge.app.repositories(here.installation.id))

    assert [place.repository for place in found] == [here.hello.id, *(one.id for one in more)]
    assert found[0] == here.place


def test_deliveries_of_which_no_attempt_succeeded_are_failed_ones(here: forge_setting.Setting) -> None:
    here.world.office.fate = lambda _: github.Fate.FAIL
    since = here.world.now() - timedelta(seconds=1)
    here.pull()
    first, *others = here.forge.app.failed_deliveries(since)
    here.world.clock.advance(minutes=5)
    here.forge.app.redeliver(first.id)
    reached = here.world.deliveries[-1]
    reached.status_code, reached.status = 202, "OK"

    assert reached.guid == first.guid
    assert len(others) >= 1
    assert list(here.forge.app.failed_deliveries(since)) == others
    assert list(here.forge.app.failed_deliveries(here.world.now() + timedelta(seconds=1))) == []


def test_the_socket_is_for_its_user_alone(here: forge_setting.Setting) -> None:
    assert stat.S_IMODE(here.socket_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(here.socket_path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "request_line",
    [
        b'{"ask":"key"}\n',
        b'{"ask":"jwt"}\n',
        b'{"ask":"app","more":1}\n',
        b'{"ask":"redeliver","id":"../../app"}\n',
        b'{"ask":"redeliver","id":true}\n',
        b'{"ask":"failed_deliveries","since":1e300}\n',
        b"[]\n",
        b"not json\n",
        b"[" * 60_000 + b"\n",
        b"\xff\xfe\n",
    ],
)
def test_what_the_broker_does_not_do_is_refused(here: forge_setting.Setting, request_line: bytes) -> None:
    assert _say(here.socket_path, request_line)["error"] == "refused"


@pytest.mark.parametrize(
    "changed",
    [
        {"permissions": {}},
        {"permissions": {"administration": "write"}},
        {"permissions": {"checks": "admin"}},
        {"permissions": {"checks": ["write"]}},
        {"permissions": {"metadata": "write"}},
        {"repositories": []},
        {"repositories": [0]},
        {"repositories": [True]},
        {"repositories": ["octo/hello"]},
        {"repositories": list(range(1, 600))},
        {"installation": -1},
        {"installation": "1/../../x"},
        {"refused": "x"},
        {"at_least": None},
    ],
)
def test_a_token_for_more_than_the_app_ever_needs_is_refused(
    here: forge_setting.Setting, changed: dict[str, object]
) -> None:
    made = len(here.world.tokens)

    assert _ask(here, **changed)["error"] == "refused"
    assert len(here.world.tokens) == made


def test_a_request_that_is_too_long_is_refused_and_the_broker_goes_on(here: forge_setting.Setting) -> None:
    answer = _say(here.socket_path, b'{"ask":"' + b"x" * exchange.LONGEST_REQUEST + b'"}\n')

    assert answer["error"] == "refused"
    assert here.tokens.app().slug == here.app.slug


def test_another_user_is_turned_away(here: forge_setting.Setting, tmp_path: Path) -> None:
    line = wire.Wire(here.api_url)
    issues = issuing.Issuer(line, issuing.Key(here.app.pem, str(here.app.id), lambda: here.world.now().timestamp()))
    path = tmp_path / "other/broker.sock"
    foreign = os.getuid() + 1

    with forge_setting.answering(path, issues, whose=lambda _: foreign), pytest.raises(errors.UnavailableError):
        tokens.Tokens(path).app()
    with forge_setting.answering(path, issues, whose=lambda _: foreign, allowed=frozenset({foreign})):
        assert tokens.Tokens(path).app().id == here.app.id


def test_the_system_tells_who_calls(tmp_path: Path) -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert broker.peer(one) in {os.getuid(), None}


def test_no_answer_has_the_key_or_a_credential_of_the_app(here: forge_setting.Setting) -> None:
    asked = ({"ask": "app"}, {"ask": "installations"}, {"ask": "failed_deliveries", "since": 0}, {"ask": "key"})
    said = "".join(json.dumps(_say(here.socket_path, exchange.line(request))) for request in asked)
    said += json.dumps(_ask(here))

    secret = "".join(here.app.pem.splitlines()[1:-1])
    assert "PRIVATE" not in said
    assert secret[:40] not in said
    # a JWT's header, as it is encoded
    assert "eyJ" not in said


def test_a_wrong_key_is_told_before_anything_is_answered(here: forge_setting.Setting, tmp_path: Path) -> None:
    other = here.app.id + 1

    with pytest.raises(errors.UsageError, match=f"does not take the private key for the App {other}"):
        _serve(tmp_path / "wrong/broker.sock", here, issuer=str(other))
    with pytest.raises(errors.UsageError, match="cannot be used"):
        _serve(tmp_path / "wrong/broker.sock", here, key="-----BEGIN RSA PRIVATE KEY-----\nx\n")


def test_a_second_broker_is_refused_and_a_dead_one_replaced(here: forge_setting.Setting, tmp_path: Path) -> None:
    with pytest.raises(errors.UsageError, match=r"answers on .* already"):
        _serve(here.socket_path, here)
    dead = tmp_path / "dead/broker.sock"
    dead.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(dead))
    issues = issuing.Issuer(wire.Wire(here.api_url), issuing.Key(here.app.pem, str(here.app.id), lambda: 0.0))
    with forge_setting.answering(dead, issues):
        assert dead.is_socket()
    assert not dead.exists()


def test_a_folder_that_others_may_write_to_is_refused(here: forge_setting.Setting, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)

    with pytest.raises(errors.UsageError, match="Others may write"):
        _serve(shared / "broker.sock", here)


def test_without_a_broker_the_message_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(errors.UnavailableError, match="gatekeeper broker"):
        tokens.Tokens(tmp_path / "broker.sock").app()


def test_a_broker_without_github_warns_and_answers(tmp_path: Path, here: forge_setting.Setting) -> None:
    path = tmp_path / "offline/broker.sock"
    program = (
        "import sys, pathlib\n"
        "from gatekeeper.forge import broker\n"
        "key = sys.stdin.read()\n"
        "warn = lambda said: print(said, flush=True)\n"
        "broker.serve(pathlib.Path(sys.argv[1]), key=key, issuer='7', api_url='http://127.0.0.1:9/api/v3', warn=warn)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(here.app.pem)
            process.stdin.close()
            assert "could not be asked for the App yet" in process.stdout.readline()
            _until_answered(path)
            with pytest.raises(errors.UnavailableError, match="could not be reached"):
                tokens.Tokens(path).app()
            secret = here.app.pem.splitlines()[1].encode()
            assert secret not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        finally:
            process.terminate()


def _until_answered(path: Path) -> None:
    waited = threading.Event()
    for _ in range(500):
        if path.is_socket():
            return
        waited.wait(0.02)
    raise AssertionError("the broker did not start")


def _serve(path: Path, here: forge_setting.Setting, *, key: str | None = None, issuer: str | None = None) -> None:
    broker.serve(
        path,
        key=here.app.pem if key is None else key,
        issuer=issuer or str(here.app.id),
        api_url=here.api_url,
        warn=lambda _: None,
        now=lambda: here.world.now().timestamp(),
    )
