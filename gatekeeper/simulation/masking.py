"""Keep what looks like a secret out of traces, prompts and comments."""

import re

MASK = "'***'"

# names of variables that hold secrets
_NAMES = re.compile(
    r"passw|secret|(api|auth|access|bearer|refresh)_?token|api_?key|credential|private_?key|auth_?key|session_?id",
    re.IGNORECASE,
)
# and those that may, or hold a word of some language
_VAGUE = re.compile(r"token", re.IGNORECASE)
# characters of a literal, its quotes included, below which a vague name makes no secret of it
_SHORTEST = 10
# published forms of keys: GitHub, AWS, Slack, Stripe, Google, PEM, JSON Web Tokens
_FORMS = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|xox[abprs]-[\w-]{10,}|[rs]k_live_\w{10,}"
    r"|AIza[\w-]{30,}|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\."
)


def names_secret(name: str) -> bool:
    """Whether a name is one that secrets may be kept under."""
    return _NAMES.search(name) is not None or _VAGUE.search(name) is not None


def masked(name: str, value: str) -> str:
    """Return `value`, or MASK where the name of what holds it or its own form looks like a secret's.

    Numbers, None and booleans are kept: they are seldom secrets and often what explains a failure.
    """
    named = _NAMES.search(name) or (len(value) >= _SHORTEST and _VAGUE.search(name))
    if _FORMS.search(value) or (named and value[:1] in {"'", '"', "b", "["}):
        return MASK
    return value
