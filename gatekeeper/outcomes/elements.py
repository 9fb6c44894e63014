"""XML that nobody vouches for -> the elements of a test report, nothing else of it kept.

defusedxml parses, into a builder that holds the bounds: what is too deep or too much is refused when it is met, not
when it has been stored.
"""

import xml.etree.ElementTree as ET
from typing import Any

import defusedxml
import defusedxml.ElementTree

from gatekeeper import errors

# of one report, decompressed; most are below one
BYTES = 32 * 1024 * 1024
# suites lie in suites; no reporter is known to go deeper than five
DEPTH = 50
TESTS = 50_000
# of elements that are kept, a test with its results and re-runs, and of all that are met, its properties too
ELEMENTS = 250_000
MET = 1_000_000
# characters of text kept within one element: its first line is what is shown
TEXT = 10_000

_KEPT = frozenset(
    {
        "testsuite",
        "testcase",
        "failure",
        "error",
        "skipped",
        "rerunFailure",
        "rerunError",
        "flakyFailure",
        "flakyError",
    },
)
_ATTRIBUTES = frozenset({"name", "classname", "file", "time", "message", "type"})


def parse(content: bytes) -> ET.Element:
    """Return a report as one suite with tests and suites in it. Raises errors.ReportError for anything else.

    Elements are the standard library's, whether lxml is installed or not; `testsuites` have become a `testsuite` too.
    """
    if len(content) > BYTES:
        raise errors.ReportError(f"The report has {len(content):,} bytes; at most {BYTES:,} are read.")
    builder = _Builder()
    parser = defusedxml.ElementTree.DefusedXMLParser(target=builder, forbid_dtd=True)
    try:
        parser.feed(content)
        root: ET.Element | None = parser.close()
    except defusedxml.DefusedXmlException as unsafe:
        raise errors.ReportError("The report declares a document type or entities, which no test report needs.") from (
            unsafe
        )
    except ET.ParseError as malformed:
        raise errors.ReportError(f"The report is not well-formed XML: {malformed}.") from malformed
    except (ValueError, LookupError) as malformed:
        raise errors.ReportError(f"The report's encoding cannot be read: {str(malformed)[:200]}.") from malformed
    if root is None:
        raise errors.ReportError("The XML is no test report: its root is neither testsuites nor testsuite.")
    return root


class _Builder:
    """What the parser tells: the elements of the vocabulary go to a tree, all else is passed over."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._tree = ET.TreeBuilder()
        # whether each open element is kept
        self._open: list[bool] = []
        self._met = self._elements = self._tests = self._text = 0
        self._root = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        local = _local(tag)
        if len(self._open) >= DEPTH:
            raise errors.ReportError(f"The report's elements are nested more than {DEPTH} deep.")
        self._met += 1
        if self._met > MET:
            raise errors.ReportError(f"The report has more than {MET:,} elements, which is as many as are read.")
        kept = self._kept(local)
        self._open.append(kept)
        if not kept:
            return
        self._count(local)
        self._text = 0
        self._tree.start(local, {key: value for key, value in attributes.items() if key in _ATTRIBUTES})

    def end(self, tag: str) -> None:
        """Close an element."""
        if self._open.pop():
            self._tree.end(_local(tag))

    def data(self, text: str) -> None:
        """Take text in."""
        if self._open and self._open[-1] and self._text < TEXT:
            self._tree.data(text[: TEXT - self._text])
            self._text += len(text)

    def close(self) -> ET.Element | None:
        """Return the root; None where it is one of another vocabulary."""
        return self._tree.close() if self._root else None

    def _kept(self, local: str) -> bool:
        if not self._open:
            self._root = local == "testsuite"
            return self._root
        return self._open[-1] and local in _KEPT

    def _count(self, local: str) -> None:
        self._elements += 1
        self._tests += local == "testcase"
        if self._tests > TESTS:
            raise errors.ReportError(f"The report has more than {TESTS:,} tests, which is as many as are read.")
        if self._elements > ELEMENTS:
            raise errors.ReportError(f"The report has more than {ELEMENTS:,} results, which is as many as are read.")


def _local(tag: str) -> str:
    """Return an element's name without its namespace, and with one name for suites."""
    local = tag.rpartition("}")[2]
    return "testsuite" if local == "testsuites" else local


def text_of(element: Any) -> str:  # noqa: ANN401 - junitparser's elements have no types
    """Return the text of an element; empty where it has none."""
    return element.text or ""
