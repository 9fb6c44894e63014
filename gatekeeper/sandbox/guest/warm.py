"""Import what nearly every test run needs, and run one session, before the snapshot is taken."""

import io
import os
import sys

# imported for the snapshot alone
import argparse, asyncio, base64, collections.abc, concurrent.futures, configparser, contextlib, copy, csv
import dataclasses, datetime, decimal, difflib, doctest, email, enum, fractions, functools, hashlib, inspect
import itertools, json, logging, pathlib, pickle, pprint, queue, random, statistics, string, tempfile
import textwrap, threading, typing, unittest, unittest.mock, urllib.parse, uuid, warnings, zipfile
import importlib.metadata, importlib.resources, email.parser, email.message, traceback, tomllib

import _pytest.assertion.rewrite
import _pytest.python
import pytest

import absent
import property_tests
import quiet
import reporter
import touched
import tracer


def up() -> None:
    """Run a session of one test, with its output thrown away."""
    out, err = sys.stdout, sys.stderr
    sys.stdout = sys.__stdout__ = io.StringIO()
    sys.stderr = io.StringIO()
    try:
        here = next(path for path in sys.path if os.path.exists(f"{path}/warm_sample.py"))
        os.chdir(here)
        # plugins that would write a file stay out: there is nowhere to write to yet
        plugins = [
            word for name in ("cacheprovider", "faulthandler", "logging", "tmpdir") for word in ("-p", f"no:{name}")
        ]
        code = pytest.main(["-q", "-s", *plugins, f"--rootdir={here}", f"{here}/warm_sample.py"])
        said = sys.stdout.getvalue() + sys.stderr.getvalue()
    finally:
        sys.stdout = sys.__stdout__ = out
        sys.stderr = err
    if code != 0:
        raise RuntimeError(f"the first session failed: {said[-2000:]}")
    sys.modules.pop("warm_sample", None)
    for name in ("PYTEST_CURRENT_TEST", "PYTEST_VERSION"):
        os.environ.pop(name, None)
