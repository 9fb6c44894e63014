"""No step that CPython takes in its own standard library is called impossible."""

import argparse
import ast
import asyncio
import configparser
import contextlib
import csv
import dataclasses
import difflib
import email
import email.policy
import enum
import fractions
import inspect
import io
import ipaddress
import json.decoder
import json.scanner
import logging
import pickle
import pprint
import shlex
import statistics
import string
import sys
import sysconfig
import tarfile
import textwrap
import tokenize
import tomllib
import traceback
import unittest
import urllib.parse
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from xml.dom import minidom

import pytest

from gatekeeper.simulation import flow

_LIBRARY = sysconfig.get_paths()["stdlib"]
# calls of one function that are followed
_CALLS = 30
Event = tuple[str, int]


def _texts() -> None:
    textwrap.wrap("hello world this is a text " * 8, 20)
    textwrap.dedent("  a\n    b\n")
    list(difflib.ndiff(["one two", "x"], ["one twa", "y"]))
    difflib.get_close_matches("appel", ["ape", "apple", "peach"])
    string.Template("$a ${b} $$").safe_substitute(a=1)
    shlex.split("a \"b c\" 'd' e\\ f # x")
    pprint.pformat({"a": [1] * 50, "b": {"c": (1, 2, 3) * 20}})
    urllib.parse.urljoin("http://a/b/c", "../d?x#y")
    urllib.parse.parse_qs("a=1&b=%20&c")
    csv.Sniffer().has_header("a;b\n1;2\n")
    parser = configparser.ConfigParser()
    parser.read_string("[a]\nx=1\ny=%(x)s\n  more\n[b]\nz=${a}")
    assert parser.get("a", "y") == "1\nmore"
    with contextlib.suppress(configparser.NoOptionError):
        parser.get("a", "nope")


def _json() -> None:
    decoder = json.decoder.JSONDecoder()
    decoder.parse_string = json.decoder.py_scanstring  # type: ignore[attr-defined]
    decoder.parse_object = json.decoder.JSONObject  # type: ignore[attr-defined]
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    decoder.decode('{"a": [1, 2.5e3, "x\\n\\u00e9", null, true], "b": {}}')
    for bad in ('{"a" 1}', "[1,", '"\\x"', "{,}"):
        with contextlib.suppress(ValueError):
            decoder.decode(bad)
    tomllib.loads('a=1\n[b]\nc=[1,2,"x\\n"]\nd=2020-01-01T00:00:00Z\ne={f=1.5}\n[[g]]\n')
    for bad in ("a=", "[a]\n[a]", "a=1 b", 'x="\n'):
        with contextlib.suppress(tomllib.TOMLDecodeError):
            tomllib.loads(bad)


def _code() -> None:
    ast.unparse(ast.parse(inspect.getsource(contextlib)))
    list(tokenize.generate_tokens(io.StringIO(inspect.getsource(ast.walk)).readline))
    inspect.signature(argparse.ArgumentParser)
    made = dataclasses.make_dataclass("Made", [("a", int), ("b", list, dataclasses.field(default_factory=list))])
    dataclasses.asdict(made(1, [made(2)]))
    enum.Flag("Flags", "A B C")
    parser = argparse.ArgumentParser(prog="x")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--a", action="append")
    group.add_argument("--c", action="count")
    parser.add_argument("b", nargs="?")
    parser.parse_args(["--a", "1", "--a=2", "v"])
    parser.format_help()
    with contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SystemExit):
        parser.parse_args(["--bogus"])
    try:
        ast.literal_eval("x")
    except ValueError as error:
        traceback.format_exception(error)


def _data() -> None:
    fractions.Fraction(22, 7).limit_denominator(5)
    statistics.stdev([1, 2, 3.5, 4])
    statistics.quantiles([1, 2, 3, 4, 5])
    pickled = io.BytesIO()
    pickle._Pickler(pickled, 4).dump({"a": [1, 2.0, "x", (1, 2), {3}, b"z", None]})
    pickled.seek(0)
    pickle._Unpickler(pickled).load()
    list(ipaddress.summarize_address_range(ipaddress.IPv4Address("10.0.0.1"), ipaddress.IPv4Address("10.0.0.9")))
    minidom.parseString('<a b="c"><d>t</d><!--x--></a>').toprettyxml()


def _files() -> None:
    with zipfile.ZipFile(io.BytesIO(), "w") as packed:
        packed.writestr("a/b.txt", "x" * 99)
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("x" * 120), io.BytesIO())
    content.seek(0)
    with tarfile.open(fileobj=content) as archive:
        archive.getnames()
    mail = "From: a <a@b.c>\nSubject: hi\n there\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\nhello\n--B--\n"
    message = email.message_from_string(mail, policy=email.policy.default)
    message.as_string()


def _tests() -> None:
    class Tests(unittest.TestCase):
        def test_fails(self) -> None:
            with self.assertRaises(KeyError):  # noqa: PT027 - what is exercised
                dict[str, int]()["a"]
            self.assertEqual([1, 2], [1, 3])  # noqa: PT009 - as above

        def test_parts(self) -> None:
            for part in range(2):
                with self.subTest(part=part):
                    self.assertTrue(part)  # noqa: PT009 - as above

    loaded = unittest.defaultTestLoader.loadTestsFromTestCase(Tests)
    unittest.TextTestRunner(stream=io.StringIO()).run(loaded)
    logger = logging.Logger("x")  # noqa: LOG001 - none that stays
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    logger.error("a %s", 1)


def _tasks() -> None:
    async def one(number: int) -> int:
        async with asyncio.Lock():
            await asyncio.sleep(0)
        return number

    async def main() -> None:
        await asyncio.gather(*[one(number) for number in range(3)])
        queue = asyncio.Queue[int](1)
        await queue.put(1)
        await queue.get()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)
        with contextlib.suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(one(2))
                raise KeyError

    asyncio.run(main())


@pytest.mark.parametrize("exercise", [_texts, _json, _code, _data, _files, _tests, _tasks])
def test_the_standard_library_takes_no_impossible_step(exercise: Callable[[], None]) -> None:
    recorder = _Recorder()
    recorder.watch(exercise)

    flows: dict[str, flow.Flow] = {}
    refused = [run for run in recorder.runs if not _possible(*run, flows)]

    assert sum(len(events) for _, events in recorder.runs) > 1_000
    assert not refused


class _Recorder:
    def __init__(self) -> None:
        self.runs: list[tuple[CodeType, list[Event]]] = []
        self._seen: Counter[CodeType] = Counter()
        self._live: dict[FrameType, list[Event]] = {}

    def watch(self, exercise: Callable[[], None]) -> None:
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            exercise()
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        code = frame.f_code
        if frame not in self._live:
            self._seen[code] += 1
            own = code.co_filename.startswith(_LIBRARY) and "-packages" not in code.co_filename
            if not own or self._seen[code] > _CALLS:
                return None
            self._live[frame] = []
            self.runs.append((code, self._live[frame]))
        return self._inside(frame, event, argument)

    def _inside(self, frame: FrameType, event: str, _argument: object) -> Any:
        self._live[frame].append((event, frame.f_lineno))
        return self._inside


def _possible(code: CodeType, events: list[Event], flows: dict[str, flow.Flow]) -> bool:
    """Return whether the flow of the file lets the function take these steps; begun before it was watched, it does."""
    if code.co_filename not in flows:
        flows[code.co_filename] = flow.Flow(Path(code.co_filename).read_text(encoding="utf-8"))
    ways, places, raised = flows[code.co_filename], set[flow.Position](), False
    if events[0][0] != "call":
        return True
    for event, line in events:
        match event:
            case "call":
                places = {place for place in ways.entered([line]) if place.scope.name == code.co_qualname}
            case "line":
                places = {there for place in places for there in ways.followed(place, [line], raised=raised)}
            case "exception":
                places = {there for place in places for there in ways.thrown(place, [line])}
            case _:
                places = {place for place in places if ways.left(place, [line], raised=raised)}
        raised = event == "exception"
        if not places:
            return False
    return True
