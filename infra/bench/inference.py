"""Measure what the client of model servers adds to a request, against a server that does nothing.

    infra/bench/inference.py [--requests N]

The server is a process of its own and answers every `/generate` with the same 64 tokens and their log-probabilities.
Printed for prompts of several lengths: milliseconds of a request through the client, of the same bytes through a bare
connection, and their difference, the client's overhead; medians of requests one after another. Then N requests with 64
in flight, each answered after 50 ms: how many were answered, how many a second, and the client's processor time for
each. Ends with 1 where one was lost, or where the overhead of a prompt of 1,024 tokens is above 5 ms.
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from multiprocessing import connection

from gatekeeper.inference import api, client, generation, tokens, transport, wire

LENGTHS = (1_024, 16_384, 131_072)
IN_FLIGHT = 64
ANSWERED_AFTER = 0.05
MOST_MS = 5.0
VOCABULARY = 128_256
NEW = 64

_IDS = list(range(1000, 1000 + NEW))
_ANSWER = json.dumps(
    {
        "text": "word " * NEW,
        "output_ids": _IDS,
        "meta_info": {
            "id": "id",
            "finish_reason": {"type": "length", "length": NEW},
            "prompt_tokens": 1024,
            "completion_tokens": NEW,
            "cached_tokens": 1000,
            "output_token_logprobs": [[-0.123456789, id_, None] for id_ in _IDS],
        },
    }
).encode()
_REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(_ANSWER), _ANSWER)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_280, help="requests with 64 in flight (1280)")
    words = parser.parse_args()
    ours, its = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(its,), daemon=True)
    server.start()
    try:
        return asyncio.run(_measure(ours.recv(), words.requests))
    finally:
        server.terminate()
        server.join()


def _serve(told: connection.Connection) -> None:
    asyncio.run(_listen(told))


async def _listen(told: connection.Connection) -> None:
    # larger than the largest prompt
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, limit=1 << 22, backlog=256)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            # a request that is to wait says so by the first of its tokens
            if b'"input_ids":[2,' in body[:100]:
                await asyncio.sleep(ANSWERED_AFTER)
            writer.write(_REPLY)
    except asyncio.IncompleteReadError:
        writer.close()


async def _measure(port: int, requests: int) -> int:
    carrier = transport.Transport([f"http://127.0.0.1:{port}"], limits=transport.Limits(requests=IN_FLIGHT))
    server = api.Api(carrier)
    served = generation.Served(model="m", server="s", context=1 << 20, controls={})
    tokenizer = tokens.Tokenizer(server, tokens.Vocabulary(size=VOCABULARY, controls={}))
    model = client.Client(server, served, tokenizer, ids=client.numbered("bench"))
    try:
        overheads = {length: await _one_by_one(model, port, length) for length in LENGTHS}
        lost = await _in_flight(model, requests)
    finally:
        await carrier.aclose()
    return 1 if lost or overheads[LENGTHS[0]] > MOST_MS else 0


def _asked(length: int, first: int = 1) -> generation.Asked:
    prompt = (first, *(7 + place % 120_000 for place in range(length - 1)))
    return generation.Asked(prompt=prompt, sampling=generation.Sampling(temperature=0.6), most=NEW, logprobs=True)


async def _one_by_one(model: generation.Model, port: int, length: int) -> float:
    """Print, and return the overhead in milliseconds."""
    asked = _asked(length)
    content = wire.generate(asked, "id")
    request = b"POST /generate HTTP/1.1\r\nhost: here\r\ncontent-length: %d\r\n\r\n%s" % (len(content), content)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    through, bare = [], []
    # turn by turn, so that what else the machine does meets both
    for _ in range(max(20, min(300, 2_000_000 // length))):
        begun = time.perf_counter()
        await model.generate(asked)
        through.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        writer.write(request)
        await reader.readexactly(len(_REPLY))
        bare.append(time.perf_counter() - begun)
    writer.close()
    client_ms, bare_ms = statistics.median(through) * 1000, statistics.median(bare) * 1000
    print(
        f"prompt of {length:7,} tokens: {client_ms:6.2f} ms through the client, {bare_ms:6.2f} ms bare, "
        f"overhead {client_ms - bare_ms:6.2f} ms"
    )
    return client_ms - bare_ms


async def _in_flight(model: generation.Model, requests: int) -> int:
    """Print, and return how many were lost."""
    asked = _asked(LENGTHS[0], first=2)
    await asyncio.gather(*(model.generate(asked) for _ in range(IN_FLIGHT)))
    begun, worked = time.perf_counter(), time.process_time()
    answers = await asyncio.gather(*(model.generate(asked) for _ in range(requests)), return_exceptions=True)
    took, worked = time.perf_counter() - begun, time.process_time() - worked
    lost = sum(isinstance(answer, BaseException) for answer in answers)
    print(
        f"{requests:,} requests, {IN_FLIGHT} in flight, each answered after {ANSWERED_AFTER * 1000:.0f} ms: "
        f"{lost} lost, {requests / took:,.0f} a second ({IN_FLIGHT / ANSWERED_AFTER:,.0f} were possible), "
        f"{worked / requests * 1000:.2f} ms of processor time each"
    )
    return lost


if __name__ == "__main__":
    sys.exit(main())
