import pytest
from hypothesis import given, strategies

from gatekeeper import commands


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/gatekeeper", commands.Help()),
        ("/gatekeeper help", commands.Help()),
        ("/gatekeeper Review", commands.Review()),
        ("/gatekeeper\treview  ", commands.Review()),
        ("/gatekeeper explain tests/a.py::test_b[a b]", commands.Explain(test="tests/a.py::test_b[a b]")),
        ("/gatekeeper explain `tests/a.py::test_b`", commands.Explain(test="tests/a.py::test_b")),
        ("/gatekeeper override flaky on main", commands.Override(reason="flaky on main")),
        ("/gatekeeper cancel-override", commands.CancelOverride()),
        ("Thanks.\r\n\r\n/gatekeeper review\r\nplease", commands.Review()),
        ("/gatekeeper review\n/gatekeeper override x", commands.Review()),
    ],
)
def test_a_line_that_starts_with_the_name_is_a_command(text: str, command: commands.Command) -> None:
    assert commands.parse(text) == command


@pytest.mark.parametrize("text", ["overide x", "override", "explain", "explain ``", "review now", "cancel-override x"])
def test_what_is_misspelt_or_lacks_its_argument_is_unknown(text: str) -> None:
    assert commands.parse(f"/gatekeeper {text}") == commands.Unknown(text=text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "please /gatekeeper review",
        "/gatekeepers review",
        "/gatekeeper-review",
        "> /gatekeeper review",
        " /gatekeeper review",
        "    /gatekeeper review",
        "```\n/gatekeeper review\n```",
        "~~~~ text\n~~~\n/gatekeeper review\n~~~~",
        "````\n```\n/gatekeeper review\n````",
        "- ```\n/gatekeeper review\n  ```",
        "```\n/gatekeeper review",
        "<!--\n/gatekeeper review\n-->",
        "<!-- a --> b <!--\n/gatekeeper review",
        "quoted\u2028/gatekeeper review",
        "quoted\x0b/gatekeeper review",
    ],
)
def test_what_the_commenter_does_not_say_is_no_command(text: str) -> None:
    assert commands.parse(text) is None


@pytest.mark.parametrize(
    "before", ["```\ncode\n```", "``` not a `fence`", "<!-- note -->", "<!--\nnote\n-->", "> quote\n", "~~~\n```\n~~~"]
)
def test_what_has_ended_before_the_command_does_not_hide_it(before: str) -> None:
    assert commands.parse(f"{before}\n/gatekeeper review") == commands.Review()


def test_an_argument_is_cut() -> None:
    found = commands.parse(f"/gatekeeper override {'x' * 10_000}")

    assert found == commands.Override(reason="x" * 500)


def test_no_comment_asks_for_a_fix_to_be_applied() -> None:
    assert isinstance(commands.parse("/gatekeeper apply-fix"), commands.Unknown)


@given(strategies.text(strategies.sampled_from("/gatekeeper help`~<!->\n\r \t"), max_size=200))
def test_any_text_is_parsed(text: str) -> None:
    found = commands.parse(text)

    assert found is None or commands.needs(found)


_NEEDS = {
    commands.Help(): "read",
    commands.Unknown(text="x"): "read",
    commands.Review(): "triage",
    commands.Explain(test="x"): "triage",
    commands.CancelOverride(): "write",
    commands.ApplyFix(): "write",
    commands.Override(reason="x"): "maintain",
}


@pytest.mark.parametrize("command", _NEEDS, ids=lambda command: type(command).__name__)
def test_a_command_is_allowed_from_the_permission_that_it_needs_upwards(command: commands.Command) -> None:
    order = ["none", "read", "triage", "write", "maintain", "admin"]
    least = order.index(_NEEDS[command])

    assert [permission for permission in order if commands.allowed(command, permission)] == order[least:]


def test_a_permission_that_is_not_known_allows_nothing() -> None:
    assert not commands.allowed(commands.Help(), "owner")
