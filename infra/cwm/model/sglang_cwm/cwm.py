"""Code World Model as one of SGLang's models: Llama, with a sliding window on the layers that config.json names."""

from sglang.srt.layers.quantization.base_config import QuantizationConfig
from sglang.srt.models import llama
from transformers import CwmConfig


class CwmForCausalLM(llama.LlamaForCausalLM):
    """Llama's layers, weights, quantisation and tensor parallelism as SGLang has them, with windows on some layers."""

    def __init__(self, config: CwmConfig, quant_config: QuantizationConfig | None = None, prefix: str = "") -> None:
        super().__init__(config, quant_config=quant_config, prefix=prefix)
        # with pipeline parallelism the layers of other ranks are placeholders
        for index in range(self.model.start_layer, self.model.end_layer):
            if config.layer_types[index] == "sliding_attention":
                self.model.layers[index].self_attn.attn.sliding_window_size = window(config)

    def get_attention_sliding_window_size(self) -> int:
        """Say how many tokens before its own a token of a sliding layer sees; SGLang asks for it by this name."""
        return window(self.config)


def window(config: CwmConfig) -> int:
    """Count a window as SGLang does, without the token itself, which Transformers' `sliding_window` includes."""
    return config.sliding_window - 1


EntryClass = CwmForCausalLM
