"""Which modules a tree imports, and which distributions bring them."""

import re
import sys
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass

from gatekeeper.diffs import tree
from gatekeeper.sandbox.installation import manifests

# bytes; larger files are generated, and import nothing that others do not
_LIMIT = 2_000_000

# each begins with a literal byte, which the matcher finds many times faster than an anchor
_STATEMENT = re.compile(rb"\n[ \t]*(?:from[ \t]+([A-Za-z_][\w.]*)[ \t]+import\b|import[ \t]+([A-Za-z_][\w., \t]*))")
_CALL = re.compile(rb"i(?:mportorskip|mport_module)\(\s*[\"']([A-Za-z_][\w.]*)")
_PLUGINS = re.compile(rb"\npytest_plugins[^=\n]*=\s*[\[(]?\s*[\"']([A-Za-z_][\w.]*)")

# marks a name whose import is tried
_SOFT = "?"
# what stands before an import that is tried: `try:`, and other imports of the same block
_TRY = re.compile(rb"\n[ \t]*try:[^\n]*(?:\n[ \t]+(?:import|from)\b[^\n]*)*\Z")
# bytes before an import that are looked at for that
_TRY_REACH = 400

# folders and files whose imports say nothing of what tests need
_BESIDE = frozenset({"bench", "benchmarks", "doc", "docs", "example", "examples", "release", "scripts", "tools"})
_SCRIPTS = frozenset({"setup.py", "noxfile.py", "tasks.py", "fabfile.py", "dodo.py", "versioneer.py"})
_TESTS = frozenset({"test", "tests", "testing"})

# what `python -m` and importers find without any distribution; the guest's own interpreter is newer than the host's
STANDARD = frozenset(sys.stdlib_module_names) | {"annotationlib", "compression", "__future__", "__main__"}

# distributions whose modules are not named as they are
NAMES: dict[str, tuple[str, ...]] = {
    "attrs": ("attr", "attrs"),
    "beautifulsoup4": ("bs4",),
    "djangorestframework": ("rest_framework",),
    "django-environ": ("environ",),
    "fonttools": ("fontTools",),
    "gitpython": ("git",),
    "google-api-python-client": ("googleapiclient",),
    "grpcio": ("grpc",),
    "importlib-metadata": ("importlib_metadata",),
    "jaraco-classes": ("jaraco",),
    "mysqlclient": ("MySQLdb",),
    "opencv-python": ("cv2",),
    "pillow": ("PIL",),
    "protobuf": ("google",),
    "psycopg2-binary": ("psycopg2",),
    "pycryptodome": ("Crypto",),
    "pyjwt": ("jwt",),
    "pymysql": ("pymysql",),
    "pynacl": ("nacl",),
    "pyopenssl": ("OpenSSL",),
    "pyqt5": ("PyQt5",),
    "pyserial": ("serial",),
    "pysocks": ("socks", "sockshandler"),
    "pytest-forked": ("pytest_forked",),
    "pytest-xdist": ("xdist",),
    "python-dateutil": ("dateutil",),
    "python-docx": ("docx",),
    "python-dotenv": ("dotenv",),
    "python-jose": ("jose",),
    "python-multipart": ("multipart", "python_multipart"),
    "python-slugify": ("slugify",),
    "pyyaml": ("yaml",),
    "pywin32": ("win32api", "win32con", "pywintypes"),
    "pyzmq": ("zmq",),
    "ruamel-yaml": ("ruamel",),
    "scikit-image": ("skimage",),
    "scikit-learn": ("sklearn",),
    "setuptools": ("setuptools", "pkg_resources", "distutils"),
    "websocket-client": ("websocket",),
    "zope-interface": ("zope",),
}


def of_distribution(name: str) -> tuple[str, ...]:
    """Return the top-level modules that a distribution is known or likely to bring."""
    return NAMES.get(name) or (name.replace("-", "_").replace(".", "_"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """Top-level names that a tree's files import, outside the standard library."""

    # by test modules, conftest files, and what lies in folders of tests
    tests: frozenset[str]
    # by all other code
    code: frozenset[str]
    # those of `tests` that some test cannot do without: imported outside `try` and `importorskip`
    firm: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Every imported name."""
        return self.tests | self.code


def imported(files: tree.Tree, seen: MutableMapping[str, frozenset[str]]) -> Imports:
    """Return what the tree's Python files import.

    Read from the lines that look like imports, wherever they stand, so that a name too many is possible.
    `seen`: blob id -> names; filled and used, for trees that share most of their files.
    """
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for path, entry in files.entries.items():
        if path.endswith(".py") and 0 < entry.size < _LIMIT and entry.mode in manifests.REGULAR:
            folders = path.split("/")
            if folders[0] in _BESIDE or path in _SCRIPTS:
                continue
            names = seen.get(entry.blob)
            if names is None:
                names = seen[entry.blob] = frozenset(_names(files.read(path)))
            found[_is_test(folders)] |= names
    tests, code = ({name.removeprefix(_SOFT) for name in found[key]} - STANDARD for key in (True, False))
    return Imports(tests=frozenset(tests), code=frozenset(code), firm=frozenset(tests & found[True]))


def _is_test(parts: list[str]) -> bool:
    name = parts[-1]
    return not _TESTS.isdisjoint(parts[:-1]) or name.startswith(("test_", "conftest.")) or name.endswith("_test.py")


def _names(source: bytes) -> Iterator[str]:
    """Yield the imported names, those that the file can do without behind _SOFT."""
    source = b"\n" + source
    for match in _STATEMENT.finditer(source):
        soft = _SOFT if _TRY.search(source, max(0, match.start() - _TRY_REACH), match.start()) else ""
        for part in (match[1],) if match[1] else match[2].split(b","):
            name = part.strip().partition(b" ")[0].partition(b".")[0]
            if name:
                yield soft + name.decode("ascii", "replace")
    for word, pattern in ((b"importorskip", _CALL), (b"import_module", _CALL), (b"pytest_plugins", _PLUGINS)):
        if word in source:
            soft = _SOFT if pattern is _CALL else ""
            yield from (soft + match.partition(b".")[0].decode("ascii", "replace") for match in pattern.findall(source))
