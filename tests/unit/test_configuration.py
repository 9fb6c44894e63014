import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper import configuration, configurationfile, configurationkeys, errors
from gatekeeper.accuracy import earning
from gatekeeper.git import repository
from gatekeeper.simulation import cascade, engine
from gatekeeper.verdicts import authority, verdict
from gatekeeper.wiring import config
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


FULL = """\
authority: block
earn: false
earning: {pulls: 50, advise: 0.6, block: 0.8, margin: 0.1, held_back: 0.2}
on_not_analysed: fail
min_analysed: 1
bar: 0.7
ignore: ["docs/*", "*.md"]
paths: [src/*]
branches: [main, release/*]
drafts: true
labels: {require: [ready], skip: [wip, "no: tests"]}
comments: {limit: 0}
dependencies: head
engine: cascade
cascade: {order: neural_first, spot_checks: 0.5}
budget: {tests: 50, seconds: 30, tokens: 1000}
halting: {block_at: 0.75}
ci: {checks: ["test (*)"]}
"""


def test_every_key_is_read(project: Project) -> None:
    assert set(yaml.safe_load(FULL)) == set(configurationkeys.File.model_fields)
    assert read(project, FULL) == configuration.Configuration(
        authority=authority.Authority.BLOCK,
        earn=False,
        earning=earning.Terms(pulls=50, advise=0.6, block=0.8, margin=0.1),
        held_back=0.2,
        on_not_analysed=authority.OnNotAnalysed.FAIL,
        policy=verdict.Policy(bar=0.7, min_analysed=1.0),
        ignore=("docs/*", "*.md"),
        paths=("src/*",),
        branches=("main", "release/*"),
        drafts=True,
        labels=configuration.Labels(require=("ready",), skip=("wip", "no: tests")),
        comments=configuration.Comments(limit=0),
        dependencies=configuration.Dependencies.HEAD,
        engine="cascade",
        budget=engine.Budget(tests=50, seconds=30.0, tokens=1000),
        halting_at=0.75,
        cascade=configuration.Cascade(order=cascade.Order.NEURAL_FIRST, spot_checks=0.5),
        ci=configuration.Ci(checks=("test (*)",)),
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("authority", authority.Authority),
        ("on_not_analysed", authority.OnNotAnalysed),
        ("dependencies", configuration.Dependencies),
    ],
)
def test_the_file_takes_every_word_that_the_program_knows(key: str, words: Collection[str]) -> None:
    assert set(get_args(configurationkeys.File.model_fields[key].annotation)) == set(words)


def test_the_lower_authority_is_the_one_that_may_do_less() -> None:
    shadow, advise, block = authority.Authority
    assert [authority.lower_of(block, each) for each in (shadow, advise, block)] == [shadow, advise, block]
    assert authority.lower_of(shadow, advise) == authority.lower_of(advise, shadow) == shadow


def test_every_problem_is_listed_with_its_place_and_what_is_allowed() -> None:
    content = "bar: 2\nbra: 3\nignore: x\nbudget:\n  tests: 0\n  time: 1\ndependencies: both\nmin_analysed: '1'\n"
    assert problems(content) == [
        "f.yml:1:1: bar should be less than or equal to 1, not 2",
        f"f.yml:2:1: unknown key 'bra', did you mean bar? allowed are {', '.join(configurationkeys.File.model_fields)}",
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
        ("labels: {skip: [a], require: b}\n", "f.yml:1:21: labels.require should be a valid list, not 'b'"),
        ("labels: {Skip: [a]}\n", "f.yml:1:10: unknown key 'Skip', did you mean skip? allowed are require, skip"),
        ("autority: block\n", "f.yml:1:1: unknown key 'autority', did you mean authority? allowed are"),
        ("on_not_analyzed: fail\n", "f.yml:1:1: unknown key 'on_not_analyzed', did you mean on_not_analysed?"),
        ("authority: Block\n", "f.yml:1:1: authority should be 'shadow', 'advise' or 'block', not 'Block'"),
        ("ignore: ['!a']\n", "f.yml:1:10: ignore.0 must be a pattern of whole names that starts with neither"),
        ("paths: [/src/*]\n", "f.yml:1:9: paths.0 must be a pattern of whole names that starts with neither"),
        ("branches: []\n", "f.yml:1:1: branches must have at least one entry: leave it out where all are meant"),
        ("comments: {limit: 51}\n", "f.yml:1:12: comments.limit should be less than or equal to 50, not 51"),
        ("budget: {tokens: 0}\n", "f.yml:1:10: budget.tokens should be greater than or equal to 1, not 0"),
        ("drafts: 'no'\n", "f.yml:1:1: drafts should be a valid boolean, not 'no'"),
        ("? x\n".replace("x", "k" * 9000), "f.yml:1:3: unknown key 'kkk"),
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


def why(content: str, **pull: Any) -> str | None:
    given = configurationfile.parse(content.encode(), "f.yml")
    return configuration.applies(configuration.from_file(given), **{"base_ref": "main", **pull})


@pytest.mark.parametrize(
    ("content", "pull"),
    [
        ("", {}),
        ("", {"labels": ["wip"], "paths": ["a/b"], "base_ref": "refs/heads/feature/x"}),
        ("branches: [main, 'release/*']", {"base_ref": "release/1/2"}),
        ("branches: [main]", {"base_ref": "refs/heads/main"}),
        ("drafts: true", {"draft": True}),
        ("labels: {require: [Ready]}", {"labels": ["ready", "x"]}),
        ("labels: {skip: [wip]}", {"labels": ["wipe"]}),
        # a merge group has no labels, and must not wait for any
        ("labels: {require: [ready], skip: [wip]}", {"labels": None}),
        ("paths: ['src/*']", {"paths": ["docs/a", "src/deep/b.py"]}),
        # an empty change is a valid review
        ("paths: ['src/*']", {"paths": []}),
    ],
)
def test_a_pull_request_that_nothing_excludes_is_reviewed(content: str, pull: dict[str, Any]) -> None:
    assert why(content, **pull) is None


@pytest.mark.parametrize(
    ("content", "pull", "reason"),
    [
        ("branches: [main]", {"base_ref": "mainly"}, "its base branch is mainly, and `branches` in"),
        ("", {"draft": True}, "it is a draft, and `drafts` in .github/gatekeeper.yml is false"),
        ("labels: {skip: [WIP]}", {"labels": ["wip"]}, "it has the label WIP, which `labels.skip`"),
        ("labels: {require: [a, b]}", {"labels": ["a"]}, "it lacks the label b, which `labels.require`"),
        ("labels: {require: [a]}", {"labels": []}, "it lacks the label a"),
        ("paths: [a, b, c, d, e]", {"paths": ["x"]}, "it changes nothing that `paths` in .github/gatekeeper.yml names"),
    ],
)
def test_what_keeps_a_pull_request_from_review_is_told(content: str, pull: dict[str, Any], reason: str) -> None:
    found = why(content, **pull)
    assert found is not None
    assert found.startswith(reason)


def test_a_reason_repeats_nothing_that_the_author_wrote() -> None:
    hostile = "](javascript:x)"
    found = why("paths: [a]\nlabels: {require: [b]}", labels=[hostile], paths=[hostile], draft=True)
    assert found is not None
    assert hostile not in found


# what both the program and the schema take, and what neither does
TAKEN = [FULL, "authority: advise", "budget: {tokens: null}", "bar: 1", "budget: {seconds: 0.5}", "labels: {}", "{}"]
REFUSED = [
    "authority: Block",
    "autority: block",
    "earn: 'yes'",
    "bar: 1.5",
    "bar: '1'",
    "min_analysed: -1",
    "ignore: a",
    "ignore: ['!a']",
    "ignore: ['']",
    "paths: []",
    "branches: [1]",
    "labels: {skip: ['']}",
    "labels: {skipped: []}",
    "comments: {limit: -1}",
    "comments: 5",
    "budget: {tests: 1.5}",
    "budget: {seconds: 0}",
    "budget: {tokens: 0}",
    "engine: GPT 4",
    "ci: {checks: x}",
    "[]",
]


def test_the_schema_is_one_of_its_dialect_and_describes_every_key() -> None:
    schema = configurationkeys.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$schema"]
    assert schema["title"]
    for model in (schema, *schema["$defs"].values()):
        assert model["additionalProperties"] is False
        for name, key in model["properties"].items():
            described = schema["$defs"][key["$ref"].rpartition("/")[2]] if "$ref" in key else key
            assert described["description"], name
            assert "default" in key, name
            assert "examples" in key or "$ref" in key, name


def test_the_schemas_examples_and_defaults_are_taken_by_the_program() -> None:
    schema = configurationkeys.schema()
    for model, path in [
        (schema, ()),
        *((schema["$defs"][name.title()], (name,)) for name in ("labels", "budget", "ci")),
    ]:
        for name, key in model["properties"].items():
            for value in [*key.get("examples", []), key["default"]]:
                nested: Any = {name: value}
                for step in path:
                    nested = {step: nested}
                configurationfile.parse(json.dumps(nested).encode(), "f.yml")


@pytest.mark.parametrize("content", TAKEN)
def test_the_schema_takes_what_the_program_takes(content: str) -> None:
    configurationfile.parse(content.encode(), "f.yml")
    jsonschema.Draft202012Validator(configurationkeys.schema()).validate(yaml.safe_load(content))


@pytest.mark.parametrize("content", REFUSED)
def test_the_schema_refuses_what_the_program_refuses(content: str) -> None:
    assert problems(content)
    assert not jsonschema.Draft202012Validator(configurationkeys.schema()).is_valid(yaml.safe_load(content))


def test_the_schema_in_the_repository_is_the_one_that_the_program_prints() -> None:
    committed = Path(__file__).resolve().parents[2] / "infra/gatekeeper.schema.json"
    assert committed.read_text() == config.schema(), (
        "run `gatekeeper config schema > infra/gatekeeper.schema.json` and commit it"
    )


@pytest.mark.parametrize("content", TAKEN)
def test_what_is_shown_to_hold_is_a_file_that_means_the_same(content: str, tmp_path: Path) -> None:
    file = tmp_path / "f.yml"
    file.write_text(content)
    shown = config.check(str(file))
    assert configurationfile.parse(shown.encode(), "shown") == configurationfile.parse(content.encode(), "given")


@given(st.lists(st.text(min_size=1), max_size=3))
def test_labels_of_any_characters_are_shown_as_they_are(labels: list[str]) -> None:
    given_file = configurationkeys.File(labels=configurationkeys.Labels(skip=labels))
    shown = config.shown(given_file)
    assert configurationfile.parse(shown.encode(), "shown").labels.skip == labels
    assert all(character.isprintable() or character == "\n" for character in shown)
