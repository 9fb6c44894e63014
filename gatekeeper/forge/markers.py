"""What is hidden at the end of a comment's body, by which the comment is found again."""

import hashlib
import re

_FINDING = re.compile(r"<!-- gatekeeper:([0-9a-f]{6,128}) -->\s*\Z")
_REPLY = re.compile(r"<!-- gatekeeper:reply:([\w./:@#+-]{1,300}) -->\s*\Z", re.ASCII)
_KEY = re.compile(r"[\w./:@#+-]{1,300}", re.ASCII)


def finding(fingerprint: str) -> str:
    """Return what marks the comment on a finding; `fingerprint` is a hex digest."""
    return f"<!-- gatekeeper:{fingerprint} -->"


def finding_of(body: str) -> str | None:
    """Return the fingerprint that ends the body; what stands before the end may be anybody's words."""
    found = _FINDING.search(body)
    return found[1] if found else None


def unmarked(body: str) -> str:
    """Return the body without the mark of a finding at its end."""
    return _FINDING.sub("", body).rstrip()


def reply(key: str) -> str:
    """Return what marks the answer with this key."""
    return f"<!-- gatekeeper:reply:{_steady(key)} -->"


def is_reply(body: str, key: str) -> bool:
    """Return whether the body is that of the answer with this key."""
    found = _REPLY.search(body)
    return found is not None and found[1] == _steady(key)


def marked(body: str, mark: str) -> str:
    """Return the body with the mark as its last line."""
    return body if body.rstrip().endswith(mark) else f"{body.rstrip()}\n\n{mark}"


def same(one: str, other: str) -> bool:
    """Return whether two bodies are the same but for line ends and white space around them."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def _steady(key: str) -> str:
    """Return the key as it may stand in an HTML comment."""
    if _KEY.fullmatch(key) and "--" not in key:
        return key
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
