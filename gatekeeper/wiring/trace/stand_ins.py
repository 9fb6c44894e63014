"""What the modules of a tree are while one of its closed programs runs: names of the program's own text.

The program holds the code of all of them, flat, so that an import of one must not bring a second copy of its classes.
A first program, in the same interpreter, puts the stand-ins where imports look.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence

from gatekeeper.sandbox import workspace

# compiled under a name that no recorder watches
_CODE = """\
import builtins, sys, types

file, names, words = {arguments}
roots = [path + "/" for path in sys.path if file.startswith(path + "/")]
inside = file[len(max(roots, key=len, default="{tree}/")):].removesuffix(".py").removesuffix("/__init__")
program = inside.replace("/", ".")
find = builtins.__import__


class Own(types.ModuleType):
    def __getattr__(self, name):
        space = vars(sys.modules[program])
        if name in words and not isinstance(space.get(name), (types.FunctionType, type)):
            return self
        if name not in space:
            raise AttributeError(name + " is not in the program")
        return space[name]

    def __setattr__(self, name, value):
        vars(sys.modules[program])[name] = value

    def __delattr__(self, name):
        vars(sys.modules[program]).pop(name, None)


own = Own("own")
vars(own).update(__all__=[], __path__=[])
sys.modules.update(dict.fromkeys(names, own))


def imported(name, globals=None, locals=None, fromlist=(), level=0):
    if level and globals and globals.get("__name__") == program:
        return own
    return find(name, globals, locals, fromlist, level)


builtins.__import__ = imported
"""


def source(path: str, files: Iterable[str], space: workspace.Workspace) -> str:
    """Return the program that comes before the one that stands for the file `path` of a tree with these `files`."""
    roots = [root.removeprefix(workspace.TREE).lstrip("/") for root in space.paths if root.startswith(workspace.TREE)]
    sources = [file for file in files if file.endswith(".py")]
    names = sorted(set(_names(sources, roots)))
    words = sorted({word for name in names for word in name.split(".")})
    arguments = json.dumps([f"{workspace.TREE}/{path}", names, words])
    code = _CODE.format(arguments=arguments, tree=workspace.TREE)
    return f"exec(compile({code!r}, '<stand-ins>', 'exec'), {{}})\n\n\ndef main():\n    pass\n"


def _names(files: Sequence[str], roots: Sequence[str]) -> Iterator[str]:
    """Yield the dotted names under which the files may be imported; no module of the standard library is hidden."""
    packages = {file.removesuffix("/__init__.py") for file in files if file.endswith("/__init__.py")}
    for file in files:
        for root in {*roots, _root(file, packages)}:
            prefix = f"{root}/" if root else ""
            if file.startswith(prefix):
                parts = file[len(prefix) :].removesuffix(".py").removesuffix("/__init__").split("/")
                if all(map(str.isidentifier, parts)) and parts[0] not in sys.stdlib_module_names:
                    yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _root(file: str, packages: set[str]) -> str:
    """Return the folder that pytest puts on the path for a file: the nearest around it that is no package."""
    folder = file.rpartition("/")[0]
    while folder in packages:
        folder = folder.rpartition("/")[0]
    return folder
