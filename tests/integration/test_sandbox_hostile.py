"""What a pull request's tests try inside must not reach the host, nor cost their neighbours' outcomes."""

import os
import time

import pytest

from gatekeeper.simulation import prediction
from tests.integration import sandbox_runs

Outcome = prediction.Outcome

INNOCENT = "def test_neighbour():\n    assert 1 + 1 == 2\n"


def outcomes(run: sandbox_runs.Run, body: str, **limits: float) -> dict[str, prediction.Prediction]:
    """Return predictions by test name for a change that adds `body`, between two innocent tests."""
    before = {"test_first.py": INNOCENT, "test_last.py": INNOCENT, "test_it.py": "def test_it():\n    pass\n"}
    said = run(before, {**before, "test_it.py": body}, **limits)
    assert said["test_first.py::test_neighbour"].outcome is Outcome.PASS
    assert said["test_last.py::test_neighbour"].outcome is Outcome.PASS
    return {test.partition("::")[2]: one for test, one in said.items() if test.startswith("test_it.py::")}


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/repo/../../etc/passwd", "../../../../etc/passwd", "/proc/self/environ", "/root", "/host"]
)
def test_a_file_above_the_grant_cannot_be_read(run: sandbox_runs.Run, path: str) -> None:
    body = f"import os\ndef test_it():\n    os.stat({path!r})\n    open({path!r}).read()\n"
    said = outcomes(run, body)
    assert said["test_it"].outcome is not Outcome.PASS


def test_the_root_holds_only_what_was_granted(run: sandbox_runs.Run) -> None:
    body = (
        "import os\n"
        "def test_it():\n"
        "    hidden = ('/etc', '/usr', '/home', '/root', '/var', '/proc', '/sys', '/boot')\n"
        "    seen = [path for path in hidden if os.path.exists(path)]\n"
        "    assert seen == []\n"
    )
    assert outcomes(run, body)["test_it"].outcome is Outcome.PASS


def test_a_link_made_inside_does_not_lead_out(run: sandbox_runs.Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("host") / "secret"
    secret.write_text("a host's secret")
    body = (
        "import os\n"
        "def test_it():\n"
        f"    for target in ({str(secret)!r}, '../../../../../../..{secret}'):\n"
        "        try:\n"
        "            os.symlink(target, '/tmp/link')\n"
        "        except OSError:\n"
        "            continue\n"
        "        try:\n"
        "            text = open('/tmp/link').read()\n"
        "        except OSError:\n"
        "            text = ''\n"
        "        os.unlink('/tmp/link')\n"
        "        assert text == ''\n"
    )
    assert outcomes(run, body)["test_it"].outcome is Outcome.PASS


def test_the_tree_cannot_be_written(run: sandbox_runs.Run) -> None:
    said = outcomes(run, "def test_it():\n    open('test_first.py', 'w').write('x')\n")
    assert said["test_it"].outcome is Outcome.UNKNOWN
    assert "read-only" in said["test_it"].reason


def test_the_environment_is_the_sandboxs_own(run: sandbox_runs.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEKEEPER_DATABASE_PASSWORD", "hunter2")
    body = (
        "import os\n"
        "def test_it():\n"
        "    assert not any('hunter2' in value for value in os.environ.values())\n"
        "    names = {name for name in os.environ if not name.startswith('PYTEST_')}\n"
        "    assert names <= {'HOME', 'TMPDIR', 'USER', 'LANG', 'TZ'}\n"
    )
    assert outcomes(run, body)["test_it"].outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("body", "lacks"),
    [
        ("import socket\ndef test_it():\n    socket.create_connection(('127.0.0.1', 80))\n", "sockets"),
        ("import socket\ndef test_it():\n    socket.socket().connect(('127.0.0.1', 80))\n", "sockets"),
        ("import subprocess\ndef test_it():\n    subprocess.run(['id'], check=True)\n", "subprocesses"),
        ("import os\ndef test_it():\n    os.system('id')\n", "subprocesses"),
        ("import os\ndef test_it():\n    os.fork()\n", "os.fork"),
        ("import os\ndef test_it():\n    os.kill(1, 9)\n", "os.kill"),
        ("import ctypes\ndef test_it():\n    ctypes.CDLL(None)\n", "ctypes.CDLL"),
        ("import threading\ndef test_it():\n    threading.Thread(target=print).start()\n", "threads"),
        ("import multiprocessing\ndef test_it():\n    multiprocessing.Pool(2).map(abs, [1])\n", "sandbox lacks"),
        ("import numpy\ndef test_it():\n    pass\n", "numpy"),
    ],
)
def test_what_the_sandbox_lacks_is_unknown_with_that_reason(run: sandbox_runs.Run, body: str, lacks: str) -> None:
    said = outcomes(run, body)["test_it"]
    assert said.outcome is Outcome.UNKNOWN
    assert lacks in said.reason


@pytest.mark.parametrize(
    "body",
    [
        "def test_it():\n    while True:\n        pass\n",
        "def test_it():\n    x = 7 ** (10 ** 8)\n    assert x\n",
        "import re\ndef test_it():\n    re.match(r'(a+)+$', 'a' * 40 + 'b')\n",
        "def test_it():\n    sum(iter(int, 1))\n",
    ],
    ids=["loop", "power", "regular expression", "endless iterator in C"],
)
def test_what_does_not_end_is_a_hang_at_its_line(run: sandbox_runs.Run, body: str) -> None:
    said = outcomes(run, body, fuel=3)["test_it"]
    assert said.outcome is Outcome.HANG
    assert said.at is not None
    assert said.at.path == "test_it.py"
    line = body.splitlines()[said.at.line - 1]
    assert any(word in line for word in ("while", "pass", "**", "re.match", "iter"))


def test_sleeping_is_ended_by_the_wall_clock(run: sandbox_runs.Run) -> None:
    began = time.monotonic()
    said = outcomes(run, "import time\ndef test_it():\n    time.sleep(3600)\n", seconds=2)["test_it"]
    assert said.outcome is Outcome.HANG
    assert time.monotonic() - began < 60


def test_a_memory_bomb_meets_its_limit(run: sandbox_runs.Run) -> None:
    said = outcomes(run, "def test_it():\n    x = []\n    while True:\n        x.append(bytearray(10 ** 7))\n")[
        "test_it"
    ]
    assert said.outcome is Outcome.UNKNOWN
    assert "memory" in said.reason


def test_a_full_scratch_folder_meets_its_limit(run: sandbox_runs.Run) -> None:
    body = (
        "def test_it():\n"
        "    for number in range(10 ** 6):\n"
        "        with open(f'/tmp/{number}', 'wb') as file:\n"
        "            file.write(bytes(10 ** 6))\n"
    )
    said = outcomes(run, body, disk=50)["test_it"]
    assert said.outcome is Outcome.UNKNOWN


def test_endless_output_ends_the_test_alone(run: sandbox_runs.Run) -> None:
    body = "import sys\ndef test_it():\n    while True:\n        sys.__stdout__.write('x' * 4000)\n"
    assert outcomes(run, body, fuel=10)["test_it"].outcome is Outcome.HANG


def test_leaving_the_interpreter_is_an_error_of_that_test(run: sandbox_runs.Run) -> None:
    said = outcomes(run, "import os\ndef test_it():\n    os._exit(0)\n")["test_it"]
    assert said.outcome is Outcome.ERROR


def test_endless_recursion_in_c_does_not_take_the_host_down(run: sandbox_runs.Run) -> None:
    body = (
        "import sys\n"
        "def test_it():\n"
        "    sys.setrecursionlimit(10 ** 9)\n"
        "    class Deep:\n"
        "        def __repr__(self):\n"
        "            return repr(self)\n"
        "    repr(Deep())\n"
    )
    assert outcomes(run, body)["test_it"].outcome.broken


def test_forged_reports_are_not_believed(run: sandbox_runs.Run) -> None:
    body = (
        "import json, wit_world\n"
        "def test_it():\n"
        "    wit_world.report(json.dumps({'event': 'start', 'id': 'test_forged.py::test_forged'}))\n"
        "    wit_world.report(json.dumps({'event': 'result', 'id': 'test_forged.py::test_forged', 'outcome': 1}))\n"
        "    assert False\n"
    )
    said = outcomes(run, body)
    assert said["test_it"].outcome is Outcome.FAIL


@pytest.mark.parametrize("event", ["[]", "{}", "nonsense", '{"event": "result"}', '{"event": "collected", "ids": 7}'])
def test_reports_that_make_no_sense_end_the_session_alone(run: sandbox_runs.Run, event: str) -> None:
    body = f"import wit_world\ndef test_it():\n    wit_world.report({event!r})\n    assert False\n"
    assert outcomes(run, body)["test_it"].outcome is not Outcome.PASS


def test_nothing_is_left_behind(run: sandbox_runs.Run) -> None:
    outcomes(run, "import os\ndef test_it():\n    os.symlink('/nowhere', '/tmp/dangling')\n")
    assert not os.path.lexists("/tmp/dangling")
    assert run.left_behind() == []
