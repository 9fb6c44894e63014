"""What SGLang 0.5.23 is started with on each kind of machine."""

import dataclasses
import json
import pathlib
from collections.abc import Mapping, Sequence

import checkpoint

PACKAGES = pathlib.Path(__file__).resolve().parent / "model"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A kind of machine."""

    # one line of --help
    says: str
    options: tuple[str, ...]
    # SGLANG_EXTERNAL_MODEL_PACKAGE
    package: str
    dtype: str
    # a server's GPUs
    gpus: int
    # what the checkpoint must have been quantised by, if by anything
    quantised: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """An address."""

    host: str
    port: int

    @property
    def options(self) -> tuple[str, ...]:
        """The address as SGLang and its router take it."""
        return ("--host", self.host, "--port", str(self.port))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A process to start: words, and what they need in the environment."""

    words: tuple[str, ...]
    environment: Mapping[str, str]

    def with_words(self, more: Sequence[str]) -> "Command":
        """Append words; of an option given twice SGLang takes the last."""
        return dataclasses.replace(self, words=(*self.words, *more))


# whole contexts share long prefixes, so those of the longest prefix go first; the cache and its use are reported
ALWAYS = ("--schedule-policy", "lpm", "--enable-metrics", "--enable-cache-report")
# a quarter: a whole context needs 8192 of 131072 places in a window layer, and a cached prefix its last window as well
HOPPER = ("--attention-backend", "fa3", "--context-length", "131072", "--swa-full-tokens-ratio", "0.25")

PROFILES: Mapping[str, Profile] = {
    "cpu": Profile(
        says="no GPU: a small CWM for tests, in float32",
        options=(
            *("--device", "cpu", "--attention-backend", "torch_native"),
            *("--mem-fraction-static", "0.3", "--max-total-tokens", "65536"),
            # or a server that has nothing to do keeps a third of a core busy
            "--sleep-on-idle",
        ),
        package="sglang_cwm_cpu",
        dtype="float32",
        gpus=0,
    ),
    "h100-fp8": Profile(
        says="one H100 of 80 GB, the weights quantised to fp8 while they are loaded (not run)",
        options=("--quantization", "fp8", *HOPPER),
        package="sglang_cwm",
        dtype="bfloat16",
        gpus=1,
    ),
    "h100-awq": Profile(
        says="one H100 of 80 GB, a checkpoint of AWQ's 4 bits (not run)",
        options=HOPPER,
        package="sglang_cwm",
        dtype="bfloat16",
        gpus=1,
        quantised="awq",
    ),
    "2xh100": Profile(
        says="two H100 of 80 GB, bfloat16 weights split over both (not run)",
        options=("--tp-size", "2", *HOPPER),
        package="sglang_cwm",
        dtype="bfloat16",
        gpus=2,
    ),
}


def commands(
    profile: Profile,
    model: checkpoint.Checkpoint,
    listening: Listening,
    *,
    replicas: int,
    dtype: str | None,
    python: str,
) -> list[Command]:
    """List the processes to start: a server; or several on the ports after, and last their router on the port."""
    if replicas == 1:
        return [_server(profile, model, listening, dtype=dtype or profile.dtype, first_gpu=0, python=python)]
    addresses = [Listening(host="127.0.0.1", port=listening.port + 1 + each) for each in range(replicas)]
    servers = [
        _server(profile, model, address, dtype=dtype or profile.dtype, first_gpu=each * profile.gpus, python=python)
        for each, address in enumerate(addresses)
    ]
    return [*servers, _router(addresses, listening, python=python)]


def _server(
    profile: Profile, model: checkpoint.Checkpoint, listening: Listening, *, dtype: str, first_gpu: int, python: str
) -> Command:
    gpus = ("--base-gpu-id", str(first_gpu)) if profile.gpus else ()
    words = (
        *(python, "-m", "sglang.launch_server", "--model-path", str(model.folder), *listening.options),
        *("--dtype", dtype, *profile.options, *gpus, *ALWAYS),
        *("--json-model-override-args", json.dumps(_window_pool(model.layer_types))),
    )
    environment = {
        "PYTHONPATH": str(PACKAGES),
        "SGLANG_EXTERNAL_MODEL_PACKAGE": profile.package,
        # /health is asked often, and need not run a token
        "SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION": "0",
        # the checkpoint is a folder
        "HF_HUB_OFFLINE": "1",
    }
    return Command(words=words, environment=environment)


def _window_pool(layer_types: Sequence[str]) -> dict[str, object]:
    """Name the window layers by the keys that SGLang reads for architectures it does not know (`model_config.py`)."""
    return {
        "is_hybrid_swa": "sliding_attention" in layer_types,
        "hybrid_layer_pattern": [int(kind == "sliding_attention") for kind in layer_types],
    }


def _router(servers: Sequence[Listening], listening: Listening, *, python: str) -> Command:
    addresses = [f"http://{server.host}:{server.port}" for server in servers]
    words = (python, "-m", "sglang_router.launch_router", "--worker-urls", *addresses, "--policy", "cache_aware")
    # its figures, which two routers would otherwise offer at one port
    figures = ("--prometheus-port", str(servers[-1].port + 1))
    return Command(words=(*words, *figures, *listening.options), environment={})
