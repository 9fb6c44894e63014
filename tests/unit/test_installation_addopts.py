import re
import shlex

import pytest
from _pytest import config
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.installation import addopts, pytest_settings

KNOWN = addopts.Known(
    option=lambda name: name == "--own",
    plugin=lambda name: name in {"pytester", "mine"},
    path=lambda path: path == "tests",
)


def test_the_tables_name_every_option_of_the_installed_pytest_with_its_number_of_values() -> None:
    parser = config.get_config()._parser
    installed = {
        name: option.attrs().get("nargs") in {None, 1}
        and option.attrs().get("action") not in {"store_true", "store_false", "count", "help"}
        for group in [*parser._groups, parser._anonymous]
        for option in group.options
        for name in option.names()
        if name.startswith("-")
    }
    known = addopts.KEPT | addopts.PRINTED | {name: takes for name, (_, takes) in addopts.REFUSED.items()}

    assert {name: known.get(name) for name in installed} == installed
    assert set(known) == set(installed)


def test_the_plugins_that_come_with_pytest_are_known() -> None:
    assert config.builtin_plugins == addopts.BUNDLED


def test_the_order_of_configuration_files_is_pytests() -> None:
    findpaths = pytest.importorskip("_pytest.config.findpaths")

    assert tuple(findpaths.CONFIG_LOADERS_BY_NAME) == pytest_settings.NAMES


@pytest.mark.parametrize(
    ("words", "kept", "refused"),
    [
        ("-ra -q --tb=short --color yes -vv -s", "", []),
        ("--cov=pkg --cov-report term tests", "", ["--cov=pkg", "--cov-report term"]),
        ("-n auto -n4 --dist loadfile", "", ["-n auto", "-n 4", "--dist loadfile"]),
        ("--timeout 30 --doctest-modules", "--doctest-modules", ["--timeout 30"]),
        ("--benchmark-skip tests -m 'not slow'", "-m 'not slow'", ["--benchmark-skip"]),
        ("-xvs -Werror -p no:cov", "-W error -p no:cov", ["-x"]),
        ("-p xdist -p mine -p pytester", "-p mine -p pytester", ["-p xdist"]),
        ("--own value --own=x --own tests", "--own value --own=x --own", []),
        ("--strict-markers --strict-config", "--strict-markers", ["--strict-config"]),
        ("--junitxml=out.xml --lf --pdb --maxfail 1", "", ["--junitxml=out.xml", "--lf", "--pdb", "--maxfail 1"]),
        (
            "-o log_cli=true -o cache_dir=x --override-ini=xfail_strict=1",
            "-o log_cli=true --override-ini=xfail_strict=1",
            [],
        ),
        ("--rootdir . -c other.ini --pyargs pkg", "", ["--rootdir .", "-c other.ini", "--pyargs"]),
        ("-k 'a or b' -- tests", "-k 'a or b'", []),
    ],
)
def test_only_options_that_the_sandbox_understands_stay(words: str, kept: str, refused: list[str]) -> None:
    left, out = addopts.neutralise(tuple(shlex.split(words)), KNOWN)

    assert shlex.join(left) == kept
    assert list(out) == refused
    assert all(out.values())


_WORDS = st.lists(
    st.sampled_from(["-x", "-k", "-kx", "-ra", "--cov", "--own", "--own=1", "tests", "4", "--", "-", "", "-p", "-xn4"])
)


@given(_WORDS)
def test_what_stays_stays_a_second_time(words: list[str]) -> None:
    once, _ = addopts.neutralise(tuple(words), KNOWN)

    assert addopts.neutralise(once, KNOWN)[0] == once
    assert not any(re.match(r"-x|--cov", word) for word in once)
