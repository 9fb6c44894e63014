"""Reads what kind of model a folder holds, before a server is started on it."""

import dataclasses
import json
import pathlib
from typing import Any


class UnfitError(Exception):
    """A folder holds no CWM that can be served as asked; the message says why and what to do."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A folder with CWM's weights."""

    folder: pathlib.Path
    # "full_attention" or "sliding_attention", for each layer
    layer_types: tuple[str, ...]
    # the method, such as "awq"
    quantised: str | None


def read(folder: pathlib.Path) -> Checkpoint:
    """Read a checkpoint's config.json, as Transformers writes it.

    Raises:
        UnfitError: there is none, or it is not CWM's.

    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_bytes())
    except OSError as error:
        raise UnfitError(f"{path} cannot be read ({error.strerror}). Name the folder of a checkpoint") from error
    except ValueError as error:
        raise UnfitError(f"{path} is not JSON: {error}. Download the checkpoint again") from error
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind != "cwm":
        raise UnfitError(
            f"{path} says model_type {kind!r}, and not 'cwm'. SGLang would serve it without the window on CWM's "
            "sliding layers, or as another model. Use a checkpoint of CWM (older snapshots called themselves 'llama')"
        )
    return Checkpoint(folder=folder, layer_types=_layer_types(config, path), quantised=_method(config))


def check_quantisation(checkpoint: Checkpoint, wanted: str | None) -> None:
    """Compare how the weights were quantised with what a profile is for.

    Raises:
        UnfitError: they differ.

    """
    if checkpoint.quantised != wanted:
        raise UnfitError(
            f"{checkpoint.folder} holds weights quantised by {checkpoint.quantised or 'nothing'}, and this profile is "
            f"for weights quantised by {wanted or 'nothing'}. infra/cwm/serve --help lists the others"
        )


def _layer_types(config: dict[str, Any], path: pathlib.Path) -> tuple[str, ...]:
    kinds = config.get("layer_types")
    if not isinstance(kinds, list) or not kinds or len(kinds) != config.get("num_hidden_layers"):
        raise UnfitError(f"{path} has no layer_types for its layers. Download CWM's config.json again")
    return tuple(map(str, kinds))


def _method(config: dict[str, Any]) -> str | None:
    quantisation = config.get("quantization_config")
    return str(quantisation.get("quant_method")) if isinstance(quantisation, dict) else None
