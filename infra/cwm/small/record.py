"""Record what the sandbox says the generated programs do, once, into a file of the cache.

    .venv/bin/python infra/cwm/small/record.py [--programs N] [--seed TEXT]

Printed is the file's path. It is named by a digest of the generator, the sandbox and the options, and left as it is
where it exists. Each line is JSON: `kind` (`training`, `held out`, `longer`), `context`, `trace` with control tokens by
their names, `passed`. What is held out differs from every program of the training by more than names and layout.
"""

import argparse
import ast
import gzip
import hashlib
import itertools
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import programs

from gatekeeper import settings
from gatekeeper.inference import grammar, grammar_text
from gatekeeper.sandbox import component, process, session, stepping

LIMITS = session.Limits(fuel=session.BILLION, memory=512 << 20, seconds=20, disk=64 << 20)
TOGETHER, CHUNK = 200, 4000
# of the programs that are held out, of either shape
HELD_OUT = 1000
# a trace of PLAIN with more frames, or a program whose text and trace have more characters, is left out
FRAMES, CHARACTERS = 20, 1600
LONGER_FRAMES, LONGER_CHARACTERS = 64, 6000


def main() -> int:
    """Run; return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=24_000, help="programs for training (default: 24000)")
    parser.add_argument("--seed", default="small", help="of the generator (default: small)")
    options = parser.parse_args()
    chosen = settings.read(os.environ)
    kept = chosen.cache / "small-cwm" / f"{_digest(options)}.jsonl.gz"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        with gzip.open(fresh, "wt", encoding="utf-8", compresslevel=5) as file:
            file.writelines(f"{json.dumps(line)}\n" for line in _lines(chosen, options))
        fresh.rename(kept)
    print(kept)
    return 0


def _digest(options: argparse.Namespace) -> str:
    found = hashlib.sha256(f"{component.digest()} {options.programs} {options.seed}".encode())
    for file in ("programs.py", "expressions.py", "record.py"):
        # comments and layout do not count
        found.update(ast.dump(ast.parse((Path(__file__).parent / file).read_bytes())).encode())
    return found.hexdigest()[:16]


def _lines(chosen: settings.Settings, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Yield the lines: what is held out first, and then nothing that is like it."""
    compiled = component.ensure(chosen.cache, lambda what: print(what, file=sys.stderr))
    workers = [process.Process(compiled, disk=LIMITS.disk) for _ in range(os.cpu_count() or 1)]
    try:
        held: set[str] = set()
        plain = _recorded(programs.generate(f"{options.seed}/held out", programs.PLAIN), workers, FRAMES, CHARACTERS)
        yield from _unlike(held, "held out", itertools.islice(plain, HELD_OUT))
        longer = programs.generate(f"{options.seed}/longer", programs.LONGER)
        recorded = _recorded(longer, workers, LONGER_FRAMES, LONGER_CHARACTERS)
        yield from _unlike(held, "longer", itertools.islice(recorded, HELD_OUT))
        training = (made for made in programs.generate(options.seed, programs.PLAIN) if _new(held, made))
        recorded = _recorded(training, workers, FRAMES, CHARACTERS)
        for made, done in itertools.islice(recorded, options.programs):
            yield _line("training", made, done)
    finally:
        for worker in workers:
            worker.close()


def _new(held: set[str], made: programs.Made) -> bool:
    return programs.normalised(made.source) not in held


def _unlike(
    held: set[str], kind: str, recorded: Iterable[tuple[programs.Made, stepping.Stepped]]
) -> Iterator[dict[str, object]]:
    """Yield the lines of programs that are held out, and remember them."""
    for made, done in recorded:
        held.add(programs.normalised(made.source))
        yield _line(kind, made, done)


def _recorded(
    source: Iterator[programs.Made], workers: Sequence[process.Process], frames: int, characters: int
) -> Iterator[tuple[programs.Made, stepping.Stepped]]:
    """Yield programs with what they did, without those that are too long."""
    while True:
        chunk = list(itertools.islice(source, CHUNK))
        started = time.monotonic()
        with stepping.empty(Path("/tmp")) as space:  # noqa: S108 - a folder of its own in it
            texts = [stepping.Text(source=made.source, path=made.path) for made in chunk]
            ended = stepping.run(texts, space, workers, LIMITS, frames=frames + 1, together=TOGETHER)
        print(f"{len(chunk) / (time.monotonic() - started):.0f} programs/s", file=sys.stderr)
        for made, done in zip(chunk, ended, strict=True):
            known = done.how in {stepping.How.RETURNED, stepping.How.RAISED} and done.complete
            if known and len(done.frames) <= frames and _size(made, done) <= characters:
                yield made, done


def _size(made: programs.Made, done: stepping.Stepped) -> int:
    return len(made.source) + len(_trace(done))


def _line(kind: str, made: programs.Made, done: stepping.Stepped) -> dict[str, object]:
    passed = done.how is stepping.How.RETURNED
    return {"kind": kind, "context": made.source, "trace": _trace(done), "passed": passed}


def _trace(done: stepping.Stepped) -> str:
    """Return what a model is to write: all but the entry, which its prompt holds."""
    steps = grammar.steps_of(done.trace(""))
    return grammar_text.write_text(steps[1:], ended=True)


if __name__ == "__main__":
    sys.exit(main())
