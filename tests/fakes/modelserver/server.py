"""The server: its answers can be computed from the question, unless a fault is due."""

import contextlib
import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import server
from typing import Any

from tests.fakes.modelserver import tokenizer as tokenizers


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one request instead of an answer."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    # sent as they are; None: the right answer
    body: bytes | None = None
    # the connection is ended before any answer, or after half of it
    reset: bool = False
    cut: bool = False
    # nothing comes until the request is aborted, `released` is set, or the server is closed
    hangs: bool = False


@dataclass(slots=True, kw_only=True)
class Behaviour:
    """What a server is, and what is due to go wrong."""

    tokenizer: tokenizers.Tokenizer = field(default_factory=tokenizers.Tokenizer)
    model: dict[str, Any] = field(default_factory=lambda: {"model_type": "cwm", "architectures": ["CwmForCausalLM"]})
    server: dict[str, Any] = field(
        default_factory=lambda: {
            "version": "0.5.23",
            "max_req_input_len": 8000,
            "json_model_override_args": '{"is_hybrid_swa": true, "hybrid_layer_pattern": [0, 1, 1, 1]}',
            "internal_states": [{"memory_usage": {"token_capacity": 8006, "token_capacity_swa": 4000}}],
        }
    )
    names: tuple[str, ...] = ("small-cwm",)
    context: int | None = 8192
    # False: OpenAI's protocol alone
    is_sglang: bool = True
    # of the servers that it is the router of; it answers all the same
    workers: tuple[str, ...] = ()
    # gives one sample in a chat, however many are asked for
    single: bool = False
    key: str = ""
    # what a chat says
    said: str = '{"outcome": "pass", "exception": null, "line": null, "why": "it holds"}'
    # and instead, where its messages hold one of these texts
    instead: dict[str, str] = field(default_factory=dict)
    # a request that holds this text hangs, unless something else is due; "": none does
    silent: str = ""
    # for the next requests to these paths, in order
    faults: dict[str, deque[Fault]] = field(default_factory=dict)

    def due(self, path: str, *faults: Fault) -> None:
        self.faults.setdefault(path, deque()).extend(faults)


def roomy(**given: Any) -> Behaviour:
    """Return a server whose context holds whole programs, and what is given."""
    behaviour = Behaviour(context=32_768, **given)
    behaviour.server["max_req_input_len"] = 32_000
    return behaviour


class ModelServer(server.ThreadingHTTPServer):
    """Keeps what it was asked: (path, JSON) in order, and the most that it had at a time."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, behaviour: Behaviour, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.behaviour = behaviour
        self.asked: list[tuple[str, Any]] = []
        self.aborted: list[str] = []
        self.most_at_a_time = 0
        self.hanging = threading.Condition()
        self.released = False
        self.closed = False
        self._lock = threading.Lock()
        self._now = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave: that is what is tested."""

    def asked_of(self, path: str) -> list[Any]:
        return [content for asked, content in self.asked if asked == path]

    def lets_go(self, rid: str | None) -> bool:
        return self.closed or self.released or rid in self.aborted

    def release(self) -> None:
        with self.hanging:
            self.released = True
            self.hanging.notify_all()

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self._now += 1
            self.most_at_a_time = max(self.most_at_a_time, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1


@contextlib.contextmanager
def serve(behaviour: Behaviour | None = None, port: int = 0) -> Iterator[ModelServer]:
    """Serve for as long as the context lasts; then all connections end."""
    with ModelServer(behaviour or Behaviour(), port) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            served.shutdown()
            thread.join()
            with served.hanging:
                served.closed = True
                served.hanging.notify_all()


class _Handler(server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        self._answer(json.loads(content))

    def _answer(self, asked: Any) -> None:
        with self.server.counted():
            self.server.asked.append((self.path, asked))
            if self.server.closed:
                self.close_connection = True
                return
            behaviour = self.server.behaviour
            due = behaviour.faults.get(self.path)
            is_silent = bool(behaviour.silent) and behaviour.silent in json.dumps(asked)
            self._send(due.popleft() if due else Fault(hangs=is_silent), asked)

    def _send(self, fault: Fault, asked: Any) -> None:
        if fault.hangs:
            with self.server.hanging:
                self.server.hanging.wait_for(lambda: self.server.lets_go((asked or {}).get("rid")))
        if fault.reset or self.server.closed:
            self.close_connection = True
            return
        status, body = (fault.status, fault.body) if fault.body is not None else self._right(asked)
        self.send_response(status if fault.status == 200 else fault.status)
        for name, value in fault.headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if fault.cut:
            body, self.close_connection = body[: len(body) // 2], True
        self.wfile.write(body)

    def _right(self, asked: Any) -> tuple[int, bytes]:
        behaviour = self.server.behaviour
        if behaviour.key and self.headers["authorization"] != f"Bearer {behaviour.key}":
            return 401, b'{"error": "Unauthorized"}'
        answer = (_ROUTED if behaviour.workers else _ANSWERS).get(self.path)
        if answer is None or not (behaviour.is_sglang or self.path in _OPENAI):
            return 404, b'{"detail": "Not Found"}'
        return 200, json.dumps(answer(self.server, asked)).encode()


def _models(of: ModelServer, _: Any) -> Any:
    listed = [{"id": name, "object": "model", "owned_by": "somebody"} for name in of.behaviour.names]
    return {
        "data": [each | ({"max_model_len": of.behaviour.context} if of.behaviour.context else {}) for each in listed]
    }


def _tokenized(of: ModelServer, asked: Any) -> Any:
    assert asked["add_special_tokens"] is False
    return {"tokens": [of.behaviour.tokenizer.encode(text) for text in asked["prompt"]]}


def _detokenized(of: ModelServer, asked: Any) -> Any:
    skip = asked["skip_special_tokens"]
    return {"text": [of.behaviour.tokenizer.decode(ids, skip=skip) for ids in asked["tokens"]]}


def _generated(_: ModelServer, asked: Any) -> Any:
    """Count up from the prompt's last token."""
    prompt, sampling = asked["input_ids"], asked["sampling_params"]
    ids = [(prompt[-1] + place) % 256 for place in range(1, sampling["max_new_tokens"] + 1)]
    stops = [place for place, id_ in enumerate(ids) if id_ in sampling.get("stop_token_ids", ())]
    ids = ids[: stops[0] + 1] if stops else ids
    logprobs = {"output_token_logprobs": [[-0.5, id_, None] for id_ in ids]} if asked.get("return_logprob") else {}
    return {
        "text": "",
        "output_ids": ids,
        "meta_info": {
            "id": asked["rid"],
            "finish_reason": {"type": "stop", "matched": ids[-1]} if stops else {"type": "length", "length": len(ids)},
            "prompt_tokens": len(prompt),
            "completion_tokens": len(ids),
            "cached_tokens": 0,
            **logprobs,
        },
    }


def _chatted(of: ModelServer, asked: Any) -> Any:
    heard = "".join(message["content"] for message in asked["messages"])
    said = next((answer for text, answer in of.behaviour.instead.items() if text in heard), of.behaviour.said)
    choice = {"message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
    count = 1 if of.behaviour.single else asked["n"]
    usage = {"prompt_tokens": 10, "completion_tokens": 5 * count, "prompt_tokens_details": {"cached_tokens": 4}}
    return {"choices": [choice] * count, "usage": usage}


def _aborted(of: ModelServer, asked: Any) -> Any:
    with of.hanging:
        of.aborted.append(asked["rid"])
        of.hanging.notify_all()
    return {}


_ANSWERS = {
    "/model_info": lambda of, _: of.behaviour.model,
    "/server_info": lambda of, _: of.behaviour.server,
    "/v1/models": _models,
    "/v1/tokenize": _tokenized,
    "/v1/detokenize": _detokenized,
    "/generate": _generated,
    "/v1/chat/completions": _chatted,
    "/abort_request": _aborted,
}
_OPENAI = {"/v1/models", "/v1/chat/completions"}
_ROUTED = {
    **{path: answer for path, answer in _ANSWERS.items() if path.startswith(("/v1/", "/generate"))},
    "/get_model_info": lambda of, _: of.behaviour.model,
    "/get_server_info": lambda of, _: {"router_manager": True, "workers_count": len(of.behaviour.workers)},
    "/workers": lambda of, _: {"workers": [{"url": url, "is_healthy": True} for url in of.behaviour.workers]},
}
