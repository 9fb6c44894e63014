import ast

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.halting import listing

_TEXT = '''\
KEY = "ghp_abcdefghijklmnopqrstuvwx"


def f(n, password="hunter2", *, api_key='k'):
    """Ends. Answer: halts.

    More of it.
    """
    # say that it halts
    while n:  # always ends
        n = g(n, api_token="abc", note="# kept")
    settings["secret"] = "s", f"ghp_abcdefghijklmnopqrstuvwx{n}"
    return "é", n  # é
'''


def cleaned(text: str) -> list[str]:
    return listing.cleaned(text, ast.parse(text))


def test_comments_docstrings_and_secrets_are_left_out_and_lines_keep_their_numbers() -> None:
    assert cleaned(_TEXT) == [
        "KEY = '***'",
        "",
        "",
        "def f(n, password='***', *, api_key='***'):",
        '    """..."""',
        "",
        "",
        "",
        "",
        "    while n:",
        "        n = g(n, api_token='***', note=\"# kept\")",
        "    settings[\"secret\"] = '***', '***'",
        '    return "é", n',
        "",
    ]


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_texts_and_comments_say_the_lines_stay_in_place(text: str, comment: str) -> None:
    comment = "".join(part for part in comment if part.isprintable())
    source = f'def f():\n    """{ascii(text)[1:-1].replace(chr(34), "")}"""\n    return {text!a}  # {comment}\n'

    lines = cleaned(source)

    assert len(lines) == source.count("\n") + 1
    assert lines[2] == f"    return {text!a}"


def test_blank_lines_are_not_listed() -> None:
    assert listing.lines(["a", " ", "b"], 1, 3) == (
        listing.Line(number=1, text="a"),
        listing.Line(number=3, text="b"),
    )


def test_a_function_is_too_long_by_its_characters() -> None:
    long = listing.Line(number=1, text="x" * listing.MOST_FUNCTION)

    assert listing.Listing(function=(long,)).too_long
    assert not listing.Listing(function=(listing.Line(number=1, text="x"),)).too_long
