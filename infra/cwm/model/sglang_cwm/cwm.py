"""Code World Model as one of SGLang's models: Llama, with a sliding window on the layers that its configuration names."""

import itertools

from sglang.srt.layers.quantization.base_config import QuantizationConfig
from sglang.srt.models import llama
from transformers import CwmConfig

SLIDING = "sliding_attention"


class CwmForCausalLM(llama.LlamaForCausalLM):
    """
    Llama's layers, weights, quantisation and tensor parallelism as SGLang has them; some layers see a window alone.

    Raises:
        ValueError: the configuration names no window or other layers than it has, as the snapshots that called
            themselves Llama did.
    """

    def __init__(self, config: CwmConfig, quant_config: QuantizationConfig | None = None, prefix: str = "") -> None:
        _check(config)
        super().__init__(config, quant_config=quant_config, prefix=prefix)
        # with pipeline parallelism the layers of other ranks are placeholders
        for index in range(self.model.start_layer, self.model.end_layer):
            if config.layer_types[index] == SLIDING:
                self.model.layers[index].self_attn.attn.sliding_window_size = window(config)

    def get_attention_sliding_window_size(self) -> int:
        """Say how many tokens before its own a token of a sliding layer sees; SGLang asks for it by this name."""
        return window(self.config)


def window(config: CwmConfig) -> int:
    """Count a window as SGLang does, without the token itself, which Transformers' `sliding_window` includes."""
    return int(config.sliding_window) - 1


def _check(config: CwmConfig) -> None:
    kinds = list(getattr(config, "layer_types", None) or [])
    if len(kinds) != config.num_hidden_layers or not set(kinds) <= {SLIDING, "full_attention"}:
        counted = ", ".join(f"{len(list(same))} {kind!r}" for kind, same in itertools.groupby(sorted(map(str, kinds))))
        raise ValueError(
            f"config.json lists {counted or 'nothing'} in layer_types for {config.num_hidden_layers} layers. "
            "Use a checkpoint whose model_type is cwm"
        )
    if SLIDING in kinds and not (config.sliding_window and config.sliding_window > 1):
        raise ValueError(
            f"config.json has sliding layers and sliding_window {config.sliding_window!r}. "
            "Use a checkpoint whose model_type is cwm"
        )


EntryClass = CwmForCausalLM
