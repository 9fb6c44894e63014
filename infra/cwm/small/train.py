"""Train the small model on recorded traces, on a CPU.

    PYTHONPATH=. PYTHON infra/cwm/small/train.py CORPUS FOLDER [--tokens N] [--threads N]

PYTHON is the model server's environment, CORPUS what record.py printed. FOLDER gets the checkpoint that SGLang and
Transformers load; the training's own state is kept beside the corpus, so that a training that was stopped goes on when
it is started again with the same options. Printed while it goes on: tokens a second (of prompts and traces), the mean
loss of a trace's token, and how many traces of a few held-out programs are written exactly.
"""

import argparse
import hashlib
import itertools
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path

import architecture
import corpus
import evaluate
import start
import torch
import transformers

# prompts and traces of one step, in tokens
STEP = 2048
# programs among which those of like lengths are put together
POOL = 2048
# steps between lines, and between looks at the held-out programs and kept states
TOLD, KEPT = 100, 500
WATCHED = 48
WARMING = 100
# learning rates: Muon's for matrices, AdamW's for the rest
MATRICES, REST = 0.02, 0.005
IGNORED = -100

Example = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is trained on, and how much."""

    file: Path
    folder: Path
    tokens: int
    threads: int

    @property
    def state(self) -> Path:
        """Where the training's own state is kept: another training has another name."""
        found = hashlib.sha256(str(self.tokens).encode())
        for script in (__file__, architecture.__file__, start.__file__):
            found.update(Path(script).read_bytes())
        return self.file.with_suffix(f".{found.hexdigest()[:16]}.state")


def main() -> int:
    """Run; return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="CORPUS")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tokens", type=int, default=7_000_000, help="of prompts and traces (default: 7000000)")
    parser.add_argument("--threads", type=int, default=2, help="(default: 2)")
    options = Options(**vars(parser.parse_args()))
    torch.manual_seed(0)
    # each thread has a batch of its own
    torch.set_num_threads(1)
    examples = corpus.read(options.file, "training")
    tokenizer = architecture.tokenizer(corpus.texts(examples[:5000]))
    training = Training(architecture.config(tokenizer), options.tokens // STEP)
    if options.state.exists():
        training.resume(torch.load(options.state))
    print(f"{training.parameters} parameters, {len(tokenizer)} tokens, {len(examples)} programs", flush=True)
    _train(training, tokenizer, corpus.tokens(tokenizer, examples), options)
    save(training, tokenizer, options.folder)
    options.state.unlink(missing_ok=True)
    return 0


def _train(
    training: "Training", tokenizer: transformers.PreTrainedTokenizerFast, examples: Sequence[Example], options: Options
) -> None:
    watched = corpus.read(options.file, "held out", WATCHED)
    since, seen, losses = time.monotonic(), 0, []
    with futures.ThreadPoolExecutor(options.threads) as pool:
        for batch in itertools.islice(batches(examples), training.step, training.steps):
            losses.append(training.learn(batch, pool, options.threads))
            seen += sum(len(prompt) + len(trace) for prompt, trace in batch)
            if training.step % TOLD == 0:
                pace = seen / (time.monotonic() - since)
                loss = sum(losses) / len(losses)
                print(f"step {training.step}/{training.steps}: {pace:.0f} tokens/s, loss {loss:.4f}", flush=True)
                since, seen, losses = time.monotonic(), 0, []
            if training.step % KEPT == 0:
                torch.save(training.state(), options.state)
                save(training, tokenizer, options.folder)
                exact = evaluate.score(evaluate.Local(training.model, tokenizer), watched).exact
                print(f"step {training.step}: {exact:.1%} of {WATCHED} held-out traces are exact", flush=True)
                since = time.monotonic()


def batches(examples: Sequence[Example]) -> Iterator[list[Example]]:
    """Yield batches of about STEP tokens without end, the programs shuffled, those of like lengths together."""
    rng = random.Random(0)  # noqa: S311 - to be repeatable
    while True:
        order = list(examples)
        rng.shuffle(order)
        for first in range(0, len(order), POOL):
            pool = sorted(order[first : first + POOL], key=_length)
            made: list[list[Example]] = [[]]
            for example in pool:
                if made[-1] and (len(made[-1]) + 1) * _length(example) > STEP:
                    made.append([])
                made[-1].append(example)
            rng.shuffle(made)
            yield from made


def _length(example: Example) -> int:
    return len(example[0]) + len(example[1])


class Training:
    """A model in bfloat16, whose float32 original learns; `step` counts what was learned of."""

    def __init__(self, config: transformers.CwmConfig, steps: int) -> None:
        # the fastest on a CPU for short sequences
        config._attn_implementation = "eager"  # noqa: SLF001 - the constructor takes it no other way
        self.model = transformers.CwmForCausalLM(config)
        start.prepare(self.model)
        self.original = [one.detach().clone().requires_grad_() for one in self.model.parameters()]
        self.model.to(torch.bfloat16)
        self.worked = list(self.model.parameters())
        names = [name for name, _ in self.model.named_parameters()]
        matrix = [one.ndim > 1 and ".layers." in name for name, one in zip(names, self.original, strict=True)]
        chosen = list(zip(matrix, self.original, strict=True))
        self.optimisers = [
            torch.optim.Muon([one for is_, one in chosen if is_], lr=MATRICES, weight_decay=0.01),
            torch.optim.AdamW([one for is_, one in chosen if not is_], lr=REST, betas=(0.9, 0.95), weight_decay=0.0),
        ]
        self.rates = (MATRICES, REST)
        self.step, self.steps = 0, steps

    @property
    def parameters(self) -> int:
        """How many numbers the model consists of."""
        return sum(one.numel() for one in self.original)

    def learn(self, batch: Sequence[Example], pool: futures.Executor, threads: int) -> float:
        """Learn from one batch, a part of it in each thread; return the mean loss of its traces' tokens."""
        parts = [batch[number::threads] for number in range(threads) if batch[number::threads]]
        targets = sum(len(trace) for _, trace in batch)
        found = list(pool.map(lambda part: self._gradients(part, targets), parts))
        for number, one in enumerate(self.original):
            one.grad = sum(gradients[number].float() for _, gradients in found)
        torch.nn.utils.clip_grad_norm_(self.original, 1.0)
        for optimiser, rate in zip(self.optimisers, self.rates, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = rate * self._share()
            optimiser.step()
        with torch.no_grad():
            for worked, one in zip(self.worked, self.original, strict=True):
                worked.copy_(one)
        self.step += 1
        return sum(loss for loss, _ in found)

    def _share(self) -> float:
        """Return the share of the learning rate: a short rise, then a cosine to a twentieth."""
        if self.step < WARMING:
            return (self.step + 1) / WARMING
        return 0.05 + 0.95 * (1 + math.cos(math.pi * self.step / self.steps)) / 2

    def _gradients(self, part: Sequence[Example], targets: int) -> tuple[float, tuple[torch.Tensor, ...]]:
        """Return the part's share of the mean loss of `targets` tokens, and its gradients."""
        length = max(map(_length, part))
        ids = torch.zeros((len(part), length), dtype=torch.long)
        wanted = torch.full((len(part), length), IGNORED)
        for row, (prompt, trace) in enumerate(part):
            ids[row, : len(prompt) + len(trace)] = torch.tensor(prompt + trace)
            # the state at each place tells the next token
            wanted[row, len(prompt) - 1 : len(prompt) + len(trace) - 1] = torch.tensor(trace)
        hidden = self.model.model(input_ids=ids, use_cache=False).last_hidden_state
        known = wanted != IGNORED
        logits = self.model.lm_head(hidden[known]).float()
        loss = torch.nn.functional.cross_entropy(logits, wanted[known], reduction="sum") / targets
        return loss.item(), torch.autograd.grad(loss, self.worked)

    def state(self) -> dict[str, object]:
        """Return everything that a training goes on from."""
        return {
            "step": self.step,
            "original": [one.detach() for one in self.original],
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }

    def resume(self, state: dict[str, object]) -> None:
        """Go on from a state."""
        self.step = state["step"]
        with torch.no_grad():
            for one, worked, kept in zip(self.original, self.worked, state["original"], strict=True):
                one.copy_(kept)
                worked.copy_(kept)
        for optimiser, kept in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)


def save(training: Training, tokenizer: transformers.PreTrainedTokenizerFast, folder: Path) -> None:
    """Write the checkpoint: configuration, tokenizer and weights in bfloat16."""
    training.model.save_pretrained(folder)
    # written for its owner alone otherwise, and a server may run as somebody else
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    sys.exit(main())
