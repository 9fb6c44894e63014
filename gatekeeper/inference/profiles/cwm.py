"""Meta's Code World Model: traces by its grammar, and reasoning by its chat format."""

from gatekeeper.inference import generation, grammar
from gatekeeper.inference.profiles import profile

PROFILE = profile.Profile(
    name="cwm",
    about="Code World Model, 32 B, on SGLang",
    licence=(
        "FAIR Non-Commercial Research License: neither the weights nor what they write may be used commercially; "
        "for commercial use choose another model by the profile `reasoning`"
    ),
    way=profile.Way.TOKENS,
    architecture="cwm",
    context=131_072,
    least_context=2048,
    controls=tuple(grammar.Control),
    # sources differ on which of the last two ends a turn
    stops=(grammar.Control.END_OF_TEXT, grammar.Control.EOT, "<|eom_id|>"),
    # the authors' debugger draws at 0.2 to 0.6, their evaluations at the other
    tracing=generation.Sampling(temperature=0.6, top_p=0.95),
    reasoning=generation.Sampling(temperature=1.0, top_p=0.95),
)
