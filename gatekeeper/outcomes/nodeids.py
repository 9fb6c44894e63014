"""pytest's node ids, taken apart as its JUnit XML takes them apart (`mangle_test_address` in `_pytest/junitxml.py`)."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A node id as a report names it."""

    path: str
    # dotted module and classes; empty for what is a file as a whole
    classname: str
    # of the test with its parameters; of a file as a whole its dotted module
    name: str


def split(node_id: str) -> Parts:
    """Return the parts of a node id: `path::Class::test[parameters]`, or a path alone."""
    path, colons, rest = node_id.partition("::")
    module = dotted(path)
    if not colons:
        return Parts(path=path, classname="", name=module)
    # parameters may hold colons, too
    names, bracket, parameters = rest.partition("[")
    *classes, name = names.split("::")
    return Parts(path=path, classname=".".join((module, *classes)), name=name + bracket + parameters)


def dotted(path: str) -> str:
    """Return the dotted name of a file: its folders, and itself without `.py`."""
    inside = re.sub(r"^(?:\.{1,2}/)+", "", path.replace("\\", "/"))
    return inside.removesuffix(".py").strip("/").replace("/", ".")
