import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import configuration, configurationfile, errors
from gatekeeper.git import repository
from gatekeeper.simulation import engine
from gatekeeper.verdicts import verdict
from tests.git_project import Project


def read(project: Project, content: str | bytes) -> configuration.Configuration:
    tip = project.commit({configuration.PATH: content})
    return configuration.read(repository.open_repository(project.folder).tree(tip))


def problems(content: str | bytes) -> list[str]:
    with pytest.raises(errors.ConfigurationError) as caught:
        configurationfile.parse(content.encode() if isinstance(content, str) else content, "f.yml")
    return str(caught.value).splitlines()


def test_an_absent_file_means_the_defaults(project: Project) -> None:
    tip = project.commit({"a": "1"})
    found = configuration.read(repository.open_repository(project.folder).tree(tip))
    assert found == configuration.Configuration()
    assert (found.policy.min_analysed, found.policy.bar, found.dependencies, found.engine) == (
        0.95,
        0.5,
        configuration.Dependencies.BASE,
        "sandbox",
    )


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "null\n", "{}\n"])
def test_an_empty_file_means_the_defaults(project: Project, content: str) -> None:
    assert read(project, content) == configuration.Configuration()


def test_every_key_is_read(project: Project) -> None:
    content = """\
min_analysed: 1
bar: 0.7
ignore: ["docs/*", "*.md"]
dependencies: head
engine: sandbox
budget: {tests: 50, seconds: 30}
"""
    assert read(project, content) == configuration.Configuration(
        policy=verdict.Policy(bar=0.7, min_analysed=1.0),
        ignore=("docs/*", "*.md"),
        dependencies=configuration.Dependencies.HEAD,
        engine="sandbox",
        budget=engine.Budget(tests=50, seconds=30.0),
    )


def test_every_problem_is_listed_with_its_place_and_what_is_allowed() -> None:
    content = "bar: 2\nbra: 3\nignore: x\nbudget:\n  tests: 0\n  time: 1\ndependencies: both\nmin_analysed: '1'\n"
    assert sorted(problems(content)) == [
        "f.yml:1:1: bar should be less than or equal to 1, not 2",
        "f.yml:2:1: unknown key 'bra', did you mean bar? allowed are authority, earn, on_not_analysed, min_analysed, "
        "bar, ignore, paths, branches, drafts, labels, comments, dependencies, engine, budget, ci",
        "f.yml:3:1: ignore should be a valid list, not 'x'",
        "f.yml:5:3: budget.tests should be greater than or equal to 1, not 0",
        "f.yml:6:3: unknown key 'time': allowed are tests, seconds, tokens",
        "f.yml:7:1: dependencies should be 'base' or 'head', not 'both'",
        "f.yml:8:1: min_analysed should be a valid number, not '1'",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("bar: [", "f.yml:1:7: not YAML: "),
        ("a: &x [1]\nb: *x\n", "f.yml:2:4: aliases are not allowed"),
        ("a: !!python/object/apply:os.system [x]", "f.yml:1:4: the tag 'tag:yaml.org,2002:python/object/apply"),
        ("bar: !!timestamp x", "f.yml:1:6: the tag 'tag:yaml.org,2002:timestamp'"),
        ("[" * 30_000, "f.yml:1:11: nested more than 10 deep"),
        ("bar: 0.1\nbar: 0.2\n", "f.yml:2:1: the key 'bar' is given twice"),
        ("- bar\n", "f.yml:1:1: the file must be made of keys: allowed are authority"),
        ("budget: 3\n", "f.yml:1:1: budget must be made of keys: allowed are tests, seconds"),
        ("? [1]\n: 2\n", "f.yml:1:3: a key must be a word"),
        ("bar: 2026-99-99\n", "f.yml:1:6: '2026-99-99' is not a usable value"),
        ("bar: .nan\n", "f.yml:1:1: bar should be a finite number"),
        ("budget: {seconds: .inf}\n", "f.yml:1:10: budget.seconds should be a finite number"),
        ("bar: yes\n", "f.yml:1:1: bar should be a valid number, not True"),
        ("ignore:\n  - a\n  - 3\n", "f.yml:3:5: ignore.1 should be a valid string, not 3"),
        ("bar: 1\n---\nbar: 1\n", "f.yml:2:1: not YAML: but found another document"),
        (b"bar: 1\n# caf\xe9\n", "f.yml:2:1: not UTF-8"),
        (b"#" * (64 * 1024 + 1), "f.yml:1:1: 65,537 bytes, and at most 65,536 are allowed"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_place(content: str | bytes, problem: str) -> None:
    assert problems(content)[0].startswith(problem)


def test_an_alias_bomb_is_refused_without_being_built() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert problems("\n".join(lines)) == ["f.yml:2:10: aliases are not allowed: write the value again"]


def test_a_long_value_is_cut_in_the_message() -> None:
    (line,) = problems(f"dependencies: {'x' * 5000}")
    assert len(line) < 200


def test_a_link_in_its_place_is_refused(project: Project) -> None:
    (project.folder / ".github").mkdir()
    (project.folder / configuration.PATH).symlink_to("/etc/passwd")
    tip = project.commit({})
    with pytest.raises(errors.ConfigurationError, match="only a file is allowed"):
        configuration.read(repository.open_repository(project.folder).tree(tip))


@given(st.binary(max_size=60) | st.text(alphabet=":-[]{}&*!|>?#'\",\n 0x1.e~ab=<%@`\t", max_size=40).map(str.encode))
def test_whatever_the_bytes_only_a_configuration_error_is_raised(content: bytes) -> None:
    try:
        configurationfile.parse(content, "f.yml")
    except errors.ConfigurationError as problem:
        said = str(problem)
    else:
        return
    assert said.startswith("f.yml:")


@pytest.mark.parametrize(
    ("pattern", "path", "ignored"),
    [
        ("docs/*", "docs/a/b.md", True),
        ("docs/*", "src/docs/a", False),
        ("*.md", "a/b.md", True),
        ("*.MD", "a/b.md", False),
        ("README", "a/README", False),
    ],
)
def test_ignored_paths_are_shell_patterns_of_the_whole_path(pattern: str, path: str, ignored: bool) -> None:  # noqa: FBT001
    assert configuration.Configuration(ignore=(pattern,)).ignores(path) is ignored


def test_reading_without_the_file_imports_neither_pydantic_nor_yaml() -> None:
    code = "import sys, gatekeeper.configuration; sys.exit(bool({'pydantic', 'yaml'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
