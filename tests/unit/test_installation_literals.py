import ast
import time

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.installation import literals


def test_arguments_of_setup_are_followed_through_names_sums_and_unpacking() -> None:
    module = ast.parse(
        """
from setuptools import setup, find_packages
TESTS = ["pytest", "freezegun"]
EXTRAS = dict(test=TESTS, docs=["sphinx"])
EXTRAS_ALL = {**EXTRAS, "dev": TESTS + ["tox"]}
setup(
    name="mine",
    packages=find_packages("src"),
    package_dir={"": "src"},
    install_requires=[*TESTS[:0], "six", open("x").read()],
    tests_require=EXTRAS["test"],
    extras_require=EXTRAS_ALL,
    long_description=read("README"),
)
"""
    )

    assert literals.arguments(module, "setup") == {
        "name": "mine",
        "packages": {"where": "src"},
        "package_dir": {"": "src"},
        "install_requires": ["six"],
        "tests_require": ["pytest", "freezegun"],
        "extras_require": {
            "test": ["pytest", "freezegun"],
            "docs": ["sphinx"],
            "dev": ["pytest", "freezegun", "tox"],
        },
    }


def test_names_that_multiply_each_other_are_given_up_at_once() -> None:
    doubling = "\n".join(f"a{n} = [a{n + 1}, a{n + 1}]" for n in range(40))
    module = ast.parse(f"{doubling}\na40 = ['x']\nsetup(install_requires=a0, name='mine')")
    start = time.perf_counter()

    found = literals.arguments(module, "setup")

    assert time.perf_counter() - start < 2
    assert len(str(found)) < 1_000_000


def test_a_name_that_stands_for_itself_has_no_value() -> None:
    assert literals.attribute(ast.parse("version = version"), "version") is None


_VALUES = st.recursive(
    st.one_of(st.integers(min_value=0), st.text(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=20,
)


@given(_VALUES)
def test_every_literal_has_the_value_that_python_gives_it(value: object) -> None:
    assert literals.attribute(ast.parse(f"NAME = {value!r}"), "NAME") == value
