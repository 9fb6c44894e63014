"""Starts SGLang with Code World Model; infra/cwm/serve runs it.

A profile is a machine. What a server is started with is in `profiles.py`; `--print` shows it.
"""

import argparse
import os
import pathlib
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence

import checkpoint
import profiles

HELP = """\
Start a server of CHECKPOINT, a folder with CWM's config.json, weights and tokenizer.

  infra/cwm/serve --cpu infra/cwm/small/checkpoint       a small CWM, on any machine
  infra/cwm/serve --h100-fp8 /models/cwm                 the 65 GB weights, quantised while they are loaded
  infra/cwm/serve --h100-awq /models/cwm-awq             weights that were quantised to 4 bits before
  infra/cwm/serve --2xh100 /models/cwm                   the weights as they are, over two GPUs
  infra/cwm/serve --h100-fp8 /models/cwm --replicas 4    four GPUs, behind a router that keeps prefixes together

CWM's weights may not be used commercially, and neither may their answers: see README.md beside this script.
"""
EPILOG = """\
What follows -- goes to SGLang as it is, and wins over the profile. Without weights, to see whether a machine is large
enough: infra/cwm/serve --h100-fp8 FOLDER -- --load-format dummy

The server listens on 127.0.0.1 and asks nobody for a password: on another --host, put a wall around it or give it one
(-- --api-key KEY).
"""


def main(words: Sequence[str]) -> int:
    """Start what the words ask for and stay until it ends; return the exit status."""
    ours, theirs = _split(words)
    arguments = _parser().parse_args(ours)
    profile = profiles.PROFILES[arguments.profile]
    try:
        model = checkpoint.read(arguments.checkpoint)
        checkpoint.check_quantisation(model, profile.quantised)
    except checkpoint.UnfitError as error:
        print(error, file=sys.stderr)
        return 1
    listening = profiles.Listening(host=arguments.host, port=arguments.port)
    commands = profiles.commands(
        profile, model, listening, replicas=arguments.replicas, dtype=arguments.dtype, python=arguments.python
    )
    commands = [
        *(command.with_words(theirs) for command in commands[: arguments.replicas]),
        *commands[arguments.replicas :],
    ]
    if arguments.print:
        print("\n".join(_shown(command) for command in commands))
        return 0
    return _run(commands)


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    listed = list(words)
    if "--" not in listed:
        return listed, []
    at = listed.index("--")
    return listed[:at], listed[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="infra/cwm/serve",
        usage="infra/cwm/serve PROFILE CHECKPOINT [options] [-- SGLANG'S OPTIONS]",
        description=HELP,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    machines = parser.add_argument_group("profiles (one)").add_mutually_exclusive_group(required=True)
    for name, profile in profiles.PROFILES.items():
        machines.add_argument(f"--{name}", dest="profile", action="store_const", const=name, help=profile.says)
    parser.add_argument("checkpoint", type=pathlib.Path, metavar="CHECKPOINT", help="a folder; nothing is downloaded")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument("--port", type=int, default=30000, help="the port (%(default)s); replicas take those after it")
    parser.add_argument("--replicas", type=_count, default=1, help="so many servers, and a router on the port")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), help="default: float32 on a CPU, else bfloat16")
    parser.add_argument("--print", action="store_true", help="show the commands instead of running them")
    parser.add_argument("--python", default=sys.executable, help=argparse.SUPPRESS)
    return parser


def _count(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of servers; one is the least")
    return int(word)


def _shown(command: profiles.Command) -> str:
    settings = [f"{name}={shlex.quote(value)}" for name, value in command.environment.items()]
    return " ".join([*settings, *map(shlex.quote, command.words)])


def _run(commands: Sequence[profiles.Command]) -> int:
    """Run one in this process's place, or several until the first of them ends or this process is told to."""
    if len(commands) == 1:
        os.execvpe(commands[0].words[0], commands[0].words, os.environ | commands[0].environment)  # noqa: S606
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    running: dict[int, subprocess.Popen[bytes]] = {}
    try:
        for each in commands:
            process = subprocess.Popen(each.words, env=os.environ | each.environment)
            running[process.pid] = process
        ended, _ = os.wait()
        words = commands[list(running).index(ended)].words
        print(f"This ended, so the others are stopped: {shlex.join(words)}", file=sys.stderr)
    except KeyboardInterrupt:
        return 0
    else:
        return 1
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
