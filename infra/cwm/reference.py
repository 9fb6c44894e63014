"""What Transformers computes for prompts: `python infra/cwm/reference.py CHECKPOINT`, by the model server's Python.

Standard input holds {"prompts": [[token id, …], …], "new_tokens": n} as JSON. Standard output gets, for each prompt,
the natural logarithm of each token's probability from the second on, and n tokens that are chosen greedily after it. In
float32, with Transformers' plain attention: what a server of the same checkpoint should agree with.
"""

import json
import sys
from collections.abc import Sequence

import torch
import transformers


def main(folder: str) -> None:
    """Answer what standard input asks."""
    asked = json.load(sys.stdin)
    model = transformers.CwmForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    answers = [
        {"logprobs": logprobs(model, prompt), "greedy": greedy(model, prompt, asked["new_tokens"])}
        for prompt in asked["prompts"]
    ]
    json.dump(answers, sys.stdout)


@torch.inference_mode()
def logprobs(model: transformers.CwmForCausalLM, prompt: Sequence[int]) -> list[float]:
    """List the logarithm of each token's probability, from the second on."""
    tokens = torch.tensor(prompt)
    all_of_them = model(tokens[None]).logits[0, :-1].log_softmax(-1)
    chosen: list[float] = all_of_them.gather(1, tokens[1:, None])[:, 0].tolist()
    return chosen


@torch.inference_mode()
def greedy(model: transformers.CwmForCausalLM, prompt: Sequence[int], new_tokens: int) -> list[int]:
    """List the likeliest next tokens, each computed anew from all before it, without a cache."""
    tokens = list(prompt)
    for _ in range(new_tokens):
        tokens.append(int(model(torch.tensor([tokens])).logits[0, -1].argmax()))
    return tokens[len(prompt) :]


if __name__ == "__main__":
    main(sys.argv[1])
