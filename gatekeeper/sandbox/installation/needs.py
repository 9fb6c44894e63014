"""Which of the declared requirements the tests need, and which are not granted whatever is declared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gatekeeper.sandbox.installation import groups, modules, requirement

# part of the sandbox itself, at its own versions
PROVIDED = frozenset({"pytest", "pluggy", "iniconfig", "packaging", "pygments"})

# what these groups ask for holds together; of the others only what these leave open is taken
_SURE = frozenset({groups.Purpose.RUNTIME, groups.Purpose.TEST})

_NO_PROCESSES = "it starts processes or threads"
_ORDER = "it changes the order of tests, and the review compares two runs"
_REPORTS = "it only changes what is printed or reported"
_TIME = "it measures time, which the sandbox fixes"
_NO_SOCKETS = "the sandbox has no sockets"
_CHECKS = "it adds checks of the source as tests"
_RERUNS = "it runs failing tests again, which hides failures"

# plugins that cannot work in the sandbox or would disturb the comparison
DISTURBING: dict[str, str] = {
    "pytest-cov": "coverage is not measured",
    "pytest-xdist": _NO_PROCESSES,
    "pytest-forked": _NO_PROCESSES,
    "pytest-isolate": _NO_PROCESSES,
    "pytest-parallel": _NO_PROCESSES,
    "pytest-run-parallel": _NO_PROCESSES,
    "pytest-freethreaded": _NO_PROCESSES,
    "pytest-mp": _NO_PROCESSES,
    "pytest-timeout": "the sandbox has its own limits",
    "pytest-randomly": _ORDER,
    "pytest-random-order": _ORDER,
    "pytest-reverse": _ORDER,
    "pytest-split": _ORDER,
    "pytest-shard": _ORDER,
    "pytest-testmon": _ORDER,
    "pytest-picked": _ORDER,
    "pytest-rerunfailures": _RERUNS,
    "pytest-retry": _RERUNS,
    "pytest-sugar": _REPORTS,
    "pytest-html": _REPORTS,
    "pytest-metadata": _REPORTS,
    "pytest-json-report": _REPORTS,
    "pytest-reportlog": _REPORTS,
    "pytest-md": _REPORTS,
    "pytest-md-report": _REPORTS,
    "pytest-instafail": _REPORTS,
    "pytest-pretty": _REPORTS,
    "pytest-icdiff": _REPORTS,
    "pytest-clarity": _REPORTS,
    "pytest-rich": _REPORTS,
    "pytest-tldr": _REPORTS,
    "pytest-github-actions-annotate-failures": _REPORTS,
    "pytest-azurepipelines": _REPORTS,
    "pytest-travis-fold": _REPORTS,
    "pytest-custom-exit-code": _REPORTS,
    "pytest-enabler": "it turns on other plugins",
    "pytest-codspeed": _TIME,
    "pytest-profiling": _TIME,
    "pytest-monitor": _TIME,
    "pytest-memray": _TIME,
    "pytest-memprof": _TIME,
    "pytest-perf": _TIME,
    "pytest-socket": _NO_SOCKETS,
    "pytest-playwright": _NO_SOCKETS,
    "pytest-selenium": _NO_SOCKETS,
    "pytest-xvfb": _NO_PROCESSES,
    "pytest-pyodide": _NO_PROCESSES,
    "pytest-watch": _NO_PROCESSES,
    "pytest-watcher": _NO_PROCESSES,
    "pytest-black": _CHECKS,
    "pytest-flake8": _CHECKS,
    "pytest-flakes": _CHECKS,
    "pytest-isort": _CHECKS,
    "pytest-mypy": _CHECKS,
    "pytest-mypy-plugins": _CHECKS,
    "pytest-mypy-testing": _CHECKS,
    "pytest-pycodestyle": _CHECKS,
    "pytest-pydocstyle": _CHECKS,
    "pytest-pylint": _CHECKS,
    "pytest-pep8": _CHECKS,
    "pytest-ruff": _CHECKS,
    "pytest-checkdocs": _CHECKS,
}

# programs that developers want beside the tests; granted only where the tree imports them
_TOOLS = frozenset(
    """
    autoflake autopep8 bandit black build bump-my-version bump2version bumpversion check-manifest check-wheel-contents
    codecov codespell commitizen coverage coveralls cython deptry diff-cover doc8 docutils flake8 flit flit-core furo
    hatch hatch-vcs hatchling interrogate ipdb ipykernel ipython isort jupyter jupyterlab maturin mkdocs
    mkdocs-material mutmut mypy myst-parser notebook nox pdbpp pdm pip pip-audit pip-tools pipenv poetry poetry-core
    pre-commit prek pycodestyle pydocstyle pyflakes pylint pyrefly pyright pyroma python-semantic-release pytype
    pyupgrade reno ruff safety scriv setuptools setuptools-scm slotscheck sphinx tbump towncrier tox twine ty uv
    validate-pyproject virtualenv vulture wheel yamllint yapf zest-releaser
    """.split()  # noqa: SIM905 - a list to read
)
_TOOL_FAMILIES = (
    "flake8-",
    "mkdocs-",
    "sphinx-",
    "sphinxcontrib-",
    "types-",
    "pre-commit-",
    "pylint-",
    "ruff-",
    "tox-",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What is to be resolved, and why the rest is not."""

    # the surest first; one name may stand in several lines
    requirements: tuple[requirement.Requirement, ...]
    # distribution -> reason
    refused: dict[str, str]
    notes: tuple[str, ...]


def choose(declared: Iterable[groups.Declared], imported: modules.Imports) -> Needs:
    """Return what of the declared requirements is granted to a tree with these imports."""
    chosen: dict[requirement.Requirement, None] = {}
    surest: dict[str, groups.Purpose] = {}
    refused: dict[str, str] = {}
    notes: dict[str, str] = {}
    for item in sorted(declared, key=lambda item: item.purpose):
        name = item.requirement.name
        if name in PROVIDED:
            if re.search(r"[<~]|==", item.requirement.specifier):
                notes.setdefault(
                    name, f"{item.origin}: {item.requirement} is not heeded: the sandbox has its own {name}"
                )
        elif name in DISTURBING:
            refused[name] = f"{name} is not granted: {DISTURBING[name]}"
        elif _needed(item, imported) and (item.purpose in _SURE or surest.get(name, item.purpose) is item.purpose):
            surest.setdefault(name, item.purpose)
            chosen.setdefault(item.requirement, None)
    return Needs(requirements=tuple(chosen), refused=refused, notes=tuple(notes.values()))


def _needed(item: groups.Declared, imported: modules.Imports) -> bool:
    name = item.requirement.name
    if item.purpose is groups.Purpose.RUNTIME:
        return True
    if name in _TOOLS or name.startswith(_TOOL_FAMILIES) or name.endswith("-stubs"):
        return not imported.all.isdisjoint(modules.of_distribution(name))
    if item.purpose is groups.Purpose.TEST:
        return True
    brought = frozenset(modules.of_distribution(name))
    if not imported.firm.isdisjoint(brought):
        return True
    # what tests only try to import is there in some of the project's environments, not in its plainest one
    return item.purpose is groups.Purpose.DEVELOPMENT and imported.tests.isdisjoint(brought)
