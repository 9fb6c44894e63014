"""A function that no small edit mends, and how a model is asked for what mends it."""

ASKED = "What is the fix?"
COUNTED = """\
def counted(words):
    found = {}
    for word in words:
        # each of them
        found[word] = 1
    return found
"""
RIGHT = COUNTED.replace("= 1", "= found.get(word, 0) + 1")
# what a model says of a test that reaches a line `return a - b`
FAILS = '{"outcome": "fail", "exception": "AssertionError", "line": "return a - b", "why": "it subtracts"}'
