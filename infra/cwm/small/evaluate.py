"""Tell how much of what the sandbox recorded the small model writes.

    PYTHONPATH=. PYTHON infra/cwm/small/evaluate.py CORPUS CHECKPOINT [--most N] [--server URL]

PYTHON is the model server's environment. Answers are greedy, by Transformers in float32, or by the SGLang server of
`--server`. Told of both sets of programs that were not trained on: traces that are exact to the last token, outcomes of
`main()` (did it return or raise) that are right, answers that the grammar can read to their end, and tokens a second.
"""

import argparse
import json
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import corpus
import torch
import transformers

from gatekeeper.inference import grammar, grammar_text
from gatekeeper.simulation import imagined, trace

# new tokens of one answer at most, as a multiple of what was recorded
ROOM = 1.3
TOGETHER = 32


class Writer(Protocol):
    """What continues prompts."""

    tokenizer: transformers.PreTrainedTokenizerFast

    def answers(self, prompts: Sequence[list[int]], most: int) -> list[list[int]]:
        """Return the likeliest continuation of each prompt, up to its end or to `most` tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Shares of a set of programs."""

    programs: int
    exact: float
    # whether `main()` returned or raised
    outcome: float
    readable: float
    # a writer that always says the commoner outcome is right this often
    commoner: float
    tokens_a_second: float


class Local:
    """A model in this process."""

    def __init__(self, model: transformers.CwmForCausalLM, tokenizer: transformers.PreTrainedTokenizerFast) -> None:
        self.model, self.tokenizer = model, tokenizer

    def answers(self, prompts: Sequence[list[int]], most: int) -> list[list[int]]:
        """Return the likeliest continuation of each prompt."""
        padded = self.tokenizer.pad({"input_ids": list(prompts)}, padding_side="left", return_tensors="pt")
        with torch.inference_mode():
            written = self.model.generate(**padded, do_sample=False, max_new_tokens=most, use_cache=True)
        answers = written[:, padded["input_ids"].shape[1] :].tolist()
        return [[one for one in answer if one != self.tokenizer.pad_token_id] for answer in answers]


class Server:
    """An SGLang server."""

    def __init__(self, url: str, tokenizer: transformers.PreTrainedTokenizerFast) -> None:
        self.url, self.tokenizer = url, tokenizer

    def answers(self, prompts: Sequence[list[int]], most: int) -> list[list[int]]:
        """Return the likeliest continuation of each prompt."""
        stop = [self.tokenizer.convert_tokens_to_ids(grammar.Control.END_OF_TEXT)]
        sampling = {"temperature": 0, "max_new_tokens": most, "stop_token_ids": stop}
        body = json.dumps({"input_ids": list(prompts), "sampling_params": sampling}).encode()
        asked = urllib.request.Request(  # noqa: S310 - the address is the caller's
            f"{self.url}/generate", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=600) as answer:  # noqa: S310 - likewise
            return [one["output_ids"] for one in json.load(answer)]


def score(writer: Writer, examples: Sequence[corpus.Example]) -> Score:
    """Return how well the writer does on the examples."""
    since, written = time.monotonic(), 0
    exact = right = readable = 0
    ordered = sorted(examples, key=lambda example: len(example.trace))
    for start in range(0, len(ordered), TOGETHER):
        chunk = ordered[start : start + TOGETHER]
        encoded = corpus.tokens(writer.tokenizer, chunk)
        most = int(ROOM * max(len(recorded) for _, recorded in encoded))
        answers = writer.answers([prompt for prompt, _ in encoded], most)
        for example, (_, recorded), answer in zip(chunk, encoded, answers, strict=True):
            said = grammar_text.parse_text(writer.tokenizer.decode(answer))
            written += len(answer)
            exact += answer == recorded
            readable += said.ended
            right += passed(said) is example.passed
    total = len(examples)
    common = sum(example.passed for example in examples) / total
    return Score(
        programs=total,
        exact=exact / total,
        outcome=right / total,
        readable=readable / total,
        commoner=max(common, 1 - common),
        tokens_a_second=written / (time.monotonic() - since),
    )


def passed(said: imagined.Imagined) -> bool | None:
    """Return whether `main()` returned: False where it raised, None where the trace has no end."""
    if not said.ended or said.broken is not None or not said.steps:
        return None
    return trace.Event.EXCEPTION not in {step.event for step in said.steps[-2:]}


def main() -> int:
    """Run; return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="CORPUS")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--most", type=int, default=500, help="programs of each set (default: 500)")
    parser.add_argument("--server", help="address of an SGLang server")
    options = parser.parse_args()
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.checkpoint)
    if options.server:
        writer: Writer = Server(options.server.rstrip("/"), tokenizer)
    else:
        torch.set_num_threads(2)
        model = transformers.CwmForCausalLM.from_pretrained(options.checkpoint, dtype=torch.float32)
        writer = Local(model.eval(), tokenizer)
    for kind in ("held out", "longer"):
        found = score(writer, corpus.read(options.file, kind, options.most))
        print(json.dumps({"set": kind, **asdict(found)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
