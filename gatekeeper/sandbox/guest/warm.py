"""Import what nearly every test run needs, and run one session, before the snapshot is taken."""

import io
import os
import sys

# imported for the snapshot alone
import argparse, asyncio, base64, collections.abc, concurrent.futures, configparser, contextlib, copy, csv  # noqa: E401, F401
import dataclasses, datetime, decimal, difflib, doctest, email, enum, fractions, functools, hashlib, inspect  # noqa: E401, F401
import itertools, json, logging, pathlib, pickle, pprint, queue, random, statistics, string, tempfile  # noqa: E401, F401
import textwrap, threading, typing, unittest, unittest.mock, urllib.parse, uuid, warnings, zipfile  # noqa: E401, F401
import importlib.metadata, importlib.resources, email.parser, email.message, traceback, tomllib  # noqa: E401, F401

import _pytest.assertion.rewrite  # noqa: F401
import _pytest.python  # noqa: F401
import pytest

import absent  # noqa: F401
import property_tests  # noqa: F401
import quiet  # noqa: F401
import reporter  # noqa: F401
import touched  # noqa: F401
import tracer  # noqa: F401


def up() -> None:
    """Run a session of one test, with its output thrown away."""
    out, err = sys.stdout, sys.stderr
    sys.stdout = sys.__stdout__ = io.StringIO()
    sys.stderr = io.StringIO()
    try:
        here = next(path for path in sys.path if os.path.exists(f"{path}/warm_sample.py"))
        os.chdir(here)
        code = pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:logging", "-p", "no:tmpdir", f"--rootdir={here}",
                            f"{here}/warm_sample.py"])  # fmt: skip
        said = sys.stdout.getvalue() + sys.stderr.getvalue()
    finally:
        sys.stdout = sys.__stdout__ = out
        sys.stderr = err
    if code != 0:
        raise RuntimeError(f"the first session failed: {said[-2000:]}")
    sys.modules.pop("warm_sample", None)
    for name in ("PYTEST_CURRENT_TEST", "PYTEST_VERSION"):
        os.environ.pop(name, None)
