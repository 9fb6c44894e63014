"""Titles as parts of addresses."""

import re
import unicodedata


def slug(title: str) -> str:
    """Return the title in lower case, with accents removed and words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))
