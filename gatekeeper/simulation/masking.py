"""Keep what looks like a secret out of traces, prompts and comments."""

import re

MASK = "'***'"

# names of variables that hold secrets
_NAMES = re.compile(r"passw|secret|token|api_?key|credential|private_?key|auth_?key|session_?id", re.IGNORECASE)
# published forms of keys: GitHub, AWS, Slack, Stripe, Google, PEM, JSON Web Tokens
_FORMS = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|xox[abprs]-[\w-]{10,}|[rs]k_live_\w{10,}"
    r"|AIza[\w-]{30,}|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\."
)


def masked(name: str, value: str) -> str:
    """Return `value`, or MASK where the name of what holds it or its own form looks like a secret's.

    Numbers, None and booleans are kept: they are seldom secrets and often what explains a failure.
    """
    if _FORMS.search(value) or (_NAMES.search(name) and value[:1] in {"'", '"', "b", "["}):
        return MASK
    return value
