"""SGLang servers that tests start and stop, through the script that people start them with."""

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

SCRIPTS = Path(__file__).resolve().parents[2] / "infra/cwm"
STARTING_SECONDS = 480.0
STOPPING_SECONDS = 60.0


class NotStartedError(Exception):
    """A server did not start; the message has the end of what it said."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server, or several behind a router."""

    url: str
    process: subprocess.Popen[bytes]
    # what it said
    log: Path
    # from the start to the first answer
    started_seconds: float

    def generate(self, prompt: Sequence[int], *, new_tokens: int = 1, **options: Any) -> dict[str, Any]:
        """Continue a prompt of token ids greedily, past any stop token; return SGLang's answer."""
        sampling = {"max_new_tokens": new_tokens, "temperature": 0, "ignore_eos": True}
        asked = {"input_ids": list(prompt), "sampling_params": sampling, **options}
        answer = httpx.post(f"{self.url}/generate", json=asked, timeout=120)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def logprobs(self, prompt: Sequence[int]) -> list[float]:
        """List the logarithm of the probability of each of a prompt's tokens, from the second on."""
        said = self.generate(prompt, return_logprob=True, logprob_start_len=0)
        return [logprob for logprob, *_ in said["meta_info"]["input_token_logprobs"][1:]]

    def memory(self) -> dict[str, Any]:
        """Return what the server says of its key-value pools: GiB, and places in each."""
        answer = httpx.get(f"{self.url}/server_info", timeout=60)
        answer.raise_for_status()
        usage: dict[str, Any] = answer.json()["internal_states"][0]["memory_usage"]
        return usage

    def stop(self) -> None:
        """Ask it to stop, wait, and end by force what is left of it."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOPPING_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it and all its processes at once, as a machine that fails does."""
        # one that was told to stop before it was up leaves processes behind
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(
    checkpoint: Path, log: Path, *options: str, replicas: int = 1, environment: dict[str, str] | None = None
) -> Server:
    """Start `infra/cwm/serve --cpu` with SGLang's `options`, and wait until it answers.

    Raises:
        NotStartedError: it ended, or did not answer in time.

    """
    port = free_port()
    words = [str(SCRIPTS / "serve"), "--cpu", str(checkpoint), "--port", str(port), "--replicas", str(replicas)]
    begun = time.monotonic()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*words, "--", *options],
            stdout=file,
            stderr=subprocess.STDOUT,
            # on a busy machine a tiny model waits longer for a second thread than that one computes
            env={"OMP_NUM_THREADS": "1", **os.environ, **(environment or {})},
            start_new_session=True,
        )
    server = Server(url=f"http://127.0.0.1:{port}", process=process, log=log, started_seconds=0)
    if _answers(server, begun + STARTING_SECONDS):
        return dataclasses.replace(server, started_seconds=time.monotonic() - begun)
    server.stop()
    said = log.read_text(errors="replace")[-4000:]
    raise NotStartedError(f"The server on {checkpoint} did not start. The end of {log}:\n{said}")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _answers(server: Server, deadline: float) -> bool:
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            # a router is healthy before it has found its servers
            if httpx.get(f"{server.url}/v1/models", timeout=5).json()["data"]:
                return True
        except (httpx.TransportError, ValueError, KeyError):
            pass
        time.sleep(0.2)
    return False
