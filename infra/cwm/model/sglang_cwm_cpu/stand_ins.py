"""What SGLang 0.5.23 lacks to run CWM on a CPU without AMX, in two pieces.

- Its rotary embedding imports a GPU kernel of vLLM's when it is built, and never calls it on a CPU.
- Its `torch_native` attention writes window layers to their own pool, and reads them at the other pool's places.
"""

import sys
import types
from typing import NoReturn

import torch
from sglang.srt.layers.attention import attention_registry, torch_native_backend


def put_in() -> None:
    """Put both in, for this process; to be called before a model is built."""
    sys.modules.setdefault("vllm._custom_ops", _kernels_that_are_not_called())
    attention_registry.register_attention_backend("torch_native")(WindowPoolBackend)


class WindowPoolBackend(torch_native_backend.TorchNativeAttnBackend):
    """SGLang's `torch_native`, which looks a window layer's keys and values up where they were written."""

    def _run_sdpa_forward_extend(self, *tensors: torch.Tensor, **options: object) -> torch.Tensor:
        return super()._run_sdpa_forward_extend(*self._placed(tensors, options), **options)

    def _run_sdpa_forward_decode(self, *tensors: torch.Tensor, **options: object) -> torch.Tensor:
        return super()._run_sdpa_forward_decode(*self._placed(tensors, options), **options)

    def _placed(self, tensors: tuple[torch.Tensor, ...], options: dict[str, object]) -> tuple[torch.Tensor, ...]:
        if not self.use_sliding_window_kv_pool or options["sliding_window_size"] is None:
            return tensors
        query, output, keys, values, table, requests, *rest = tensors
        rows = self.token_to_kv_pool.translate_loc_from_full_to_swa(table[requests])
        return query, output, keys, values, rows, torch.arange(len(requests)), *rest


def _kernels_that_are_not_called() -> types.ModuleType:
    module = types.ModuleType("vllm._custom_ops")
    module.rotary_embedding = _refuse  # type: ignore[attr-defined]
    return module


def _refuse(*_arguments: object) -> NoReturn:
    raise NotImplementedError("a GPU kernel was called on a CPU: use SGLANG_EXTERNAL_MODEL_PACKAGE=sglang_cwm there")
