"""Whether a model server is the one that a profile needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatekeeper.inference import generation, tokens
from gatekeeper.inference.profiles import profile

# what decoders that tidy up would change, and what is not ASCII
ROUND_TRIP = "def f(x):\n\treturn x , 'n\\'t' . y ! ? 're  é漢😀\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at."""

    name: str
    # None: the server does not tell
    passed: bool | None
    # what was found, and where it is wrong what was expected
    said: str
    # what to do; "" where nothing is wrong
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a server says of itself, as it came."""

    # where it is asked: its own address, or that of the router before it
    url: str
    # of SGLang; empty from other servers
    model: Mapping[str, Any]
    server: Mapping[str, Any]
    # of /v1/models
    served: Sequence[Mapping[str, Any]]


def named(told: Told, name: str) -> Check:
    """Tell whether the model that the settings name is served; without a name, whether there is one."""
    names = [str(each["id"]) for each in told.served]
    if (name and name in names) or (not name and len(names) == 1):
        return Check(name="model", passed=True, said=name or names[0])
    listed = ", ".join(names[:10]) or "none"
    wanted = f"{name} is not served" if name else "several models are served" if names else "no model is served"
    return Check(
        name="model",
        passed=False,
        said=f"{wanted}: there are {listed}",
        mend="set GATEKEEPER_MODEL_NAME to one of them",
    )


def server(told: Told, chosen: profile.Profile) -> Check:
    """Tell whether the server takes what the profile asks."""
    spoken = version(told)
    if told.server or chosen.way is profile.Way.MESSAGES:
        return Check(name="server", passed=True, said=spoken)
    return Check(
        name="server",
        passed=False,
        said=f"{spoken}, which does not take prompts of tokens",
        mend=f"serve the model by SGLang, or choose another profile than {chosen.name}",
    )


def architecture(told: Told, chosen: profile.Profile) -> Check:
    """Tell whether it is the profile's model: another, or an older snapshot, would run without its window."""
    found, wanted = told.model.get("model_type"), chosen.architecture
    if wanted is None or found == wanted:
        return Check(name="architecture", passed=True, said=str(found or "any"))
    if found is None:
        return Check(name="architecture", passed=None, said=f"not told by the server; {wanted} was expected")
    return Check(
        name="architecture",
        passed=False,
        said=f"{found} is served, {wanted} was expected",
        mend=f"serve a checkpoint whose config.json says model_type {wanted} (old snapshots of CWM say llama, which "
        "loads without its window), or choose another profile",
    )


def window(told: Told, chosen: profile.Profile) -> Check:
    """Tell of the sliding window what the server does: only a launch by infra/cwm tells the layers' types."""
    if chosen.architecture is None:
        return Check(name="window", passed=True, said="any")
    pattern = _launched(told).get("hybrid_layer_pattern")
    layers = "the layers' types are not told by the server"
    if isinstance(pattern, list) and pattern:
        layers = f"{sum(kind == 1 for kind in pattern)} of {len(pattern)} layers were started with a window"
    states = told.server.get("internal_states")
    first = states[0] if isinstance(states, list) and states and isinstance(states[0], dict) else {}
    memory = first.get("memory_usage")
    pool = memory.get("token_capacity_swa") if isinstance(memory, dict) else None
    if type(pool) is int:
        return Check(name="window", passed=True, said=f"{layers}; their pool has room for {pool:,} tokens")
    said = f"{layers}, and they have no pool of their own: start the server as infra/cwm does"
    return Check(name="window", passed=None, said=said)


def _launched(told: Told) -> Mapping[str, Any]:
    try:
        found = json.loads(told.server.get("json_model_override_args") or "{}")
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def context(told: Told, name: str, chosen: profile.Profile) -> tuple[int, Check]:
    """Return the tokens of prompt and answer together, and whether they are enough."""
    listed = next((each for each in told.served if each["id"] == name), {})
    # the second: what its memory has room for
    limits = [listed.get("max_model_len"), told.server.get("max_req_input_len")]
    known = [limit for limit in limits if type(limit) is int]
    if not known:
        said = f"not told by the server; {chosen.context:,} tokens are assumed"
        return chosen.context, Check(name="context", passed=None, said=said)
    found = min(known)
    if found >= chosen.least_context:
        return found, Check(name="context", passed=True, said=f"{found:,} tokens")
    return found, Check(
        name="context",
        passed=False,
        said=f"{found:,} tokens, and {chosen.least_context:,} are needed",
        mend="start the server with a larger --context-length, and memory for it",
    )


def controls(vocabulary: tokens.Vocabulary, chosen: profile.Profile) -> Check:
    """Tell whether the tokenizer has every control token that the profile needs."""
    missing = [name for name in chosen.controls if name not in vocabulary.controls]
    if not missing:
        said = f"{len(chosen.controls)} of {len(vocabulary.controls)} are used, in {vocabulary.size:,} tokens"
        return Check(name="control tokens", passed=True, said=said)
    return Check(
        name="control tokens",
        passed=False,
        said=f"missing: {', '.join(missing)}",
        mend="serve the tokenizer that belongs to the model, with these marked as special tokens",
    )


def round_trip(text: str) -> Check:
    """Tell whether a text came back from the tokenizer as it was."""
    if text == ROUND_TRIP:
        return Check(name="tokenizer", passed=True, said="text comes back as it was")
    return Check(
        name="tokenizer",
        passed=False,
        said=f"{ROUND_TRIP!r} came back as {text[:200]!r}",
        mend="set clean_up_tokenization_spaces to false in the checkpoint's tokenizer_config.json",
    )


def answered(answer: generation.Answer) -> Check:
    """Tell whether something was written."""
    (sample,) = answer.samples
    if sample.ids or sample.text or answer.usage.completion_tokens:
        return Check(name="generation", passed=True, said=f"{answer.usage.completion_tokens} tokens")
    return Check(name="generation", passed=False, said="nothing was written", mend="see the model server's log")


def is_router(told: Told) -> bool:
    """Tell whether it is an `sglang-router`, which knows little of its servers."""
    return "router_manager" in told.server


def version(told: Told) -> str:
    """Return the server's kind and version: `sglang 0.5.23`."""
    if is_router(told):
        return "sglang-router"
    if told.server:
        return f"sglang {told.server.get('version', 'of no version')}"
    owner = next((str(each["owned_by"]) for each in told.served if each.get("owned_by")), "")
    return owner or "a server that speaks OpenAI's protocol"
