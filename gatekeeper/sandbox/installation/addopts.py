"""pytest's options in `addopts`: which are kept, which are left out in the sandbox, and why.

The tables name every option of pytest 9.2; a test holds them against the installed pytest.
"""

import collections
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# options that decide what is collected and how it runs: name -> whether a value follows
KEPT: dict[str, bool] = {
    "-k": True,
    "-m": True,
    "-o": True,
    "--override-ini": True,
    "-p": True,
    "-W": True,
    "--pythonwarnings": True,
    "--assert": True,
    "--collect-in-virtualenv": False,
    "--confcutdir": True,
    "--continue-on-collection-errors": False,
    "--deselect": True,
    "--disable-plugin-autoload": False,
    "--doctest-continue-on-failure": False,
    "--doctest-glob": True,
    "--doctest-ignore-import-errors": False,
    "--doctest-modules": False,
    "--doctest-report": True,
    "--ignore": True,
    "--ignore-glob": True,
    "--import-mode": True,
    "--keep-duplicates": False,
    "--keepduplicates": False,
    "--log-auto-indent": True,
    "--log-date-format": True,
    "--log-disable": True,
    "--log-format": True,
    "--log-level": True,
    "--noconftest": False,
    "--runxfail": False,
    "--strict": False,
    "--strict-markers": False,
}

# options that change only what is printed: left out without a word
PRINTED: dict[str, bool] = {
    "-h": False,
    "--help": False,
    "-l": False,
    "-q": False,
    "-r": True,
    "-s": False,
    "-v": False,
    "-V": False,
    "--capture": True,
    "--code-highlight": True,
    "--color": True,
    "--disable-pytest-warnings": False,
    "--disable-warnings": False,
    "--durations": True,
    "--durations-min": True,
    "--force-short-summary": False,
    "--full-trace": False,
    "--fulltrace": False,
    "--log-cli-date-format": True,
    "--log-cli-format": True,
    "--log-cli-level": True,
    "--no-fold-skipped": False,
    "--no-header": False,
    "--no-showlocals": False,
    "--no-summary": False,
    "--quiet": False,
    "--report-chars": True,
    "--setup-show": False,
    "--setupshow": False,
    "--show-capture": True,
    "--showlocals": False,
    "--tb": True,
    "--trace-config": False,
    "--traceconfig": False,
    "--verbose": False,
    "--verbosity": True,
    "--version": False,
    "--xfail-tb": False,
}

_STOPS = "it would hide the tests after the first failure"
_CACHE = "it depends on earlier runs"
_FILE = "it writes a file"
_PERSON = "it waits for a person"
_NO_RUN = "it runs no tests"
_PLACE = "the sandbox decides where files are"

# options that are left out with a reason: name -> reason and whether a value follows
REFUSED: dict[str, tuple[str, bool]] = {
    "-x": (_STOPS, False),
    "--exitfirst": (_STOPS, False),
    "--maxfail": (_STOPS, True),
    "--max-warnings": (_STOPS, True),
    "--cache-clear": (_CACHE, False),
    "--cache-show": (_CACHE, False),
    "--failed-first": (_CACHE, False),
    "--ff": (_CACHE, False),
    "--last-failed": (_CACHE, False),
    "--last-failed-no-failures": (_CACHE, True),
    "--lf": (_CACHE, False),
    "--lfnf": (_CACHE, True),
    "--new-first": (_CACHE, False),
    "--nf": (_CACHE, False),
    "--stepwise": (_CACHE, False),
    "--stepwise-reset": (_CACHE, False),
    "--stepwise-skip": (_CACHE, False),
    "--sw": (_CACHE, False),
    "--sw-reset": (_CACHE, False),
    "--sw-skip": (_CACHE, False),
    "--debug": (_FILE, False),
    "--junit-prefix": (_FILE, True),
    "--junit-xml": (_FILE, True),
    "--junitprefix": (_FILE, True),
    "--junitxml": (_FILE, True),
    "--log-file": (_FILE, True),
    "--log-file-date-format": (_FILE, True),
    "--log-file-format": (_FILE, True),
    "--log-file-level": (_FILE, True),
    "--log-file-mode": (_FILE, True),
    "--pastebin": (_FILE, True),
    "--pdb": (_PERSON, False),
    "--pdbcls": (_PERSON, True),
    "--trace": (_PERSON, False),
    "--co": (_NO_RUN, False),
    "--collect-only": (_NO_RUN, False),
    "--collectonly": (_NO_RUN, False),
    "--fixtures": (_NO_RUN, False),
    "--fixtures-per-test": (_NO_RUN, False),
    "--funcargs": (_NO_RUN, False),
    "--markers": (_NO_RUN, False),
    "--setup-only": (_NO_RUN, False),
    "--setup-plan": (_NO_RUN, False),
    "--setuponly": (_NO_RUN, False),
    "--setupplan": (_NO_RUN, False),
    "-c": (_PLACE, True),
    "--basetemp": (_PLACE, True),
    "--config-file": (_PLACE, True),
    "--pyargs": (_PLACE, False),
    "--rootdir": (_PLACE, True),
    "--strict-config": ("settings of plugins that are not there would end the run", False),
}

# plugins that come with pytest, which `-p` loads by these names
BUNDLED = frozenset(
    """
    assertion cacheprovider capture debugging doctest faulthandler fixtures helpconfig junitxml legacypath logging main
    mark monkeypatch pastebin pytester pytester_assertions python recwarn reports runner setuponly setupplan skipping
    stepwise subtests terminal terminalprogress threadexception tmpdir unittest unraisableexception warnings
    """.split()  # noqa: SIM905 - a list to read
)

_UNKNOWN = "nothing in the sandbox defines it"
_OVERRIDDEN = re.compile(r"(?:addopts|cache_dir|log_file\w*|required_plugins|strict_config)\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the installation can answer about options and plugins that are not pytest's own."""

    # whether the tree or a granted plugin defines the long option
    option: Callable[[str], bool]
    # whether `-p NAME` can be imported
    plugin: Callable[[str], bool]
    # whether the tree has the path
    path: Callable[[str], bool]


def neutralise(words: tuple[str, ...], known: Known) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the words of `addopts` that stay, and what was left out with its reason.

    Positional arguments go: the review says which tests run.
    """
    kept: list[str] = []
    refused: dict[str, str] = {}
    left = collections.deque(_separated(words))
    while left and (word := left.popleft()) != "--":
        if not word.startswith("-"):
            continue
        option, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        following = [left.popleft()] if not equals and left and _takes_value(option, left[0], known) else []
        reason = _reason(option, [value] if equals else following, known)
        if reason is None:
            kept += [word, *following]
        elif reason:
            refused[" ".join([word, *following])] = reason
    return tuple(kept), refused


def _takes_value(option: str, following: str, known: Known) -> bool:
    if following.startswith("-"):
        return False
    for table in (KEPT, PRINTED):
        if option in table:
            return table[option]
    if option in REFUSED:
        return REFUSED[option][1]
    return not known.path(following)


def _reason(option: str, values: list[str], known: Known) -> str | None:
    """Why the option is left out; `""` without a word, None where it stays."""
    if option in PRINTED:
        return ""
    if option in REFUSED:
        return REFUSED[option][0]
    if KEPT.get(option) and not values:
        return "its value is missing"
    if option == "-p":
        return None if values[0].startswith("no:") or known.plugin(values[0]) else "the plugin is not in the sandbox"
    if option in {"-o", "--override-ini"}:
        return "" if _OVERRIDDEN.match(values[0]) else None
    return None if option in KEPT or (option.startswith("--") and known.option(option)) else _UNKNOWN


def _separated(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the words with short options apart (`-xvs` as three) and their values as words of their own (`-Werror`)."""
    valued = {name for table in (KEPT, PRINTED) for name, takes in table.items() if takes} | {"-c", "-n"}
    for word in words:
        if word.startswith("--") or not word.startswith("-") or word == "-":
            yield word
            continue
        for index, letter in enumerate(word[1:], start=1):
            yield f"-{letter}"
            if f"-{letter}" in valued:
                if word[index + 1 :]:
                    yield word[index + 1 :].removeprefix("=")
                break
