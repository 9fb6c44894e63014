"""The small model's shape and its tokenizer: CWM's, made small."""

from collections.abc import Iterable

import tokenizers
import transformers
from tokenizers import decoders, models, pre_tokenizers, trainers

from gatekeeper.inference import grammar

# most that the tokenizer learns; fewer where the corpus has no more pairs that occur often
VOCABULARY = 576
# Llama 3's, but that digits stand alone, and that no token reaches over the end of a line: lines are encoded alike
# whatever stands below them
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+(?:\r?\n)?"
    r"|\r?\n|[^\S\r\n]+(?!\S)|\s"
)
PAD = "<|finetune_right_pad_id|>"
WINDOW = 256
LENGTH = 32768
HIDDEN, INNER, LAYERS = 192, 512, 5
# more heads than CWM has for its width: programs are copied by heads, and there are few layers
HEADS, KEYS, HEAD = 8, 4, 32
# one of CWM's two system prompts stands where no other is given
TEMPLATE = (
    "{{ bos_token }}{% if messages[0]['role'] != 'system' %}"
    "<|start_header_id|>system<|end_header_id|>\n\nYou are a helpful AI assistant.<|eot_id|>{% endif %}"
    "{% for message in messages %}<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n"
    "{{ message['content'] }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)


def tokenizer(texts: Iterable[str]) -> transformers.PreTrainedTokenizerFast:
    """Return a byte-level tokenizer learned from `texts`, with CWM's control tokens by their names."""
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(tokenizers.Regex(PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    special = [str(control) for control in grammar.Control]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=100,
        special_tokens=[*special, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token=special[0],
        eos_token=special[1],
        pad_token=PAD,
        additional_special_tokens=special[2:],
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=LENGTH,
    )


def config(tokens: transformers.PreTrainedTokenizerFast) -> transformers.CwmConfig:
    """Return the configuration: every fourth layer sees everything, as the real one's."""
    end, turn = tokens.convert_tokens_to_ids([grammar.Control.END_OF_TEXT, grammar.Control.EOT])
    return transformers.CwmConfig(
        vocab_size=-(-len(tokens) // 64) * 64,
        hidden_size=HIDDEN,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEYS,
        head_dim=HEAD,
        max_position_embeddings=LENGTH,
        # CWM's, in its proportions: sixteen times an original length
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 1_000_000.0,
            "factor": 16.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": LENGTH // 16,
        },
        sliding_window=WINDOW,
        # larger than usual, for so narrow a model
        initializer_range=0.05,
        bos_token_id=tokens.bos_token_id,
        eos_token_id=[end, turn],
        pad_token_id=tokens.pad_token_id,
        architectures=["CwmForCausalLM"],
    )
