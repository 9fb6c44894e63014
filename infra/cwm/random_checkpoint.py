"""Writes a CWM of random weights: `python infra/cwm/random_checkpoint.py FOLDER`, by the model server's Python.

Its architecture and its special tokens' names are CWM's, so it shows that a server computes right; its answers mean
nothing. The same seed writes the same weights. With --cwm-cache its layers, heads and window are as many and as wide as
CWM's, on fewer numbers a token: it shows what CWM's keys and values take, without its 65 GB of weights.
"""

import argparse
import pathlib

import tokenizers
import torch
import transformers
from tokenizers import decoders, models, pre_tokenizers, trainers

# the names that infra/cwm and the engine look up; the ids are this checkpoint's own
SPECIAL_TOKENS = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|frame_sep|>",
    "<|action_sep|>",
    "<|return_sep|>",
    "<|call_sep|>",
    "<|line_sep|>",
    "<|exception_sep|>",
    "<|arg_sep|>",
    "<|trace_context_start|>",
)
TINY = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "sliding_window": 64,
}
# what is not named is CWM's
CWM_CACHE = {"hidden_size": 48, "intermediate_size": 96}
# CWM's, with an original length that leaves both kinds of frequency among the few of a small head
ROPE = {
    "rope_type": "llama3",
    "rope_theta": 1_000_000.0,
    "factor": 16.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 1024,
}


def write(folder: pathlib.Path, shape: dict[str, int], seed: int) -> None:
    """Write configuration, float32 weights and a byte-level tokenizer that Transformers and SGLang load."""
    tokenizer = _tokenizer()
    config = _config(tokenizer, shape)
    torch.manual_seed(seed)
    model = transformers.CwmForCausalLM(config)
    model.to(torch.float32).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tokenizer() -> transformers.PreTrainedTokenizerFast:
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    # any Python does to learn merges from
    tokenizer.train_from_iterator([pathlib.Path(__file__).read_text(encoding="utf-8")], trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=SPECIAL_TOKENS[0],
        eos_token=SPECIAL_TOKENS[1],
        additional_special_tokens=list(SPECIAL_TOKENS[2:]),
        clean_up_tokenization_spaces=False,
    )


def _config(tokenizer: transformers.PreTrainedTokenizerFast, shape: dict[str, int]) -> transformers.CwmConfig:
    named = dict(zip(SPECIAL_TOKENS, tokenizer.convert_tokens_to_ids(list(SPECIAL_TOKENS)), strict=True))
    return transformers.CwmConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=16384,
        rope_parameters=ROPE,
        # larger than a model is trained from: attention shall matter to the answers
        initializer_range=0.1,
        bos_token_id=named["<|begin_of_text|>"],
        eos_token_id=[named["<|end_of_text|>"], named["<|eot_id|>"]],
        dtype="float32",
        architectures=["CwmForCausalLM"],
        **shape,
    )


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--cwm-cache", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write(arguments.folder, CWM_CACHE if arguments.cwm_cache else TINY, arguments.seed)


if __name__ == "__main__":
    _main()
