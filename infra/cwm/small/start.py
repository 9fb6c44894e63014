"""The weights that a training starts from: random, but for heads that copy.

Traces are copied from programs line by line, by heads that look for what followed the same two tokens before
("induction heads": Olsson et al., In-context Learning and Induction Heads, 2022). A model that small finds them only
after many more tokens than a CPU trains on in minutes, so they are written down, and then trained like all the rest:
two heads of the first layer look one and two tokens back, and those of the last one compare and copy.
"""

import torch
import transformers

# of the residual stream: what tells tokens apart, and what the two tokens before were
CONSTANT, TOKEN, BEFORE, BEFORE_THAT = 0, slice(1, 128), 128, 160
# standard deviation of the embeddings; the constant that positions are looked at by
SPREAD, LOUD = 1.0, 3.0
# of the heads that look back: how sharp, and by how many of the fastest frequencies
SHARP, FAST = 2.2, 6
# of the heads that compare: how sharp, and over how many tokens a frequency hardly turns
COMPARED, DISTANCE = 2.0, 256
# how much of a copied token is written, and how much that says about the next one
COPIED, SAID = 0.5, 0.1


@torch.no_grad()
def prepare(model: transformers.CwmForCausalLM) -> None:
    """Change a fresh model's weights to those that a training starts from."""
    model.model.embed_tokens.weight.normal_(0, SPREAD)
    for layer in model.model.layers:
        # each layer begins by adding nothing
        layer.self_attn.o_proj.weight.zero_()
        layer.mlp.down_proj.weight.zero_()
    embedded = model.model.embed_tokens.weight
    embedded[:, TOKEN.stop :] = 0
    embedded[:, CONSTANT] = LOUD
    frequencies, width = model.model.rotary_emb.inv_freq, model.config.head_dim
    # two tokens are compared by their shadows in as many dimensions as a head has
    shadow = torch.nn.init.orthogonal_(torch.empty(width, TOKEN.stop - TOKEN.start)) * 2
    _look_back(model.model.layers[0].self_attn, frequencies, shadow)
    _copy(model.model.layers[-1].self_attn, frequencies, shadow)
    model.lm_head.weight.copy_(embedded * SAID)
    model.lm_head.weight[:, CONSTANT] = 0


def _look_back(attention: torch.nn.Module, frequencies: torch.Tensor, shadow: torch.Tensor) -> None:
    """Let the first two heads, of one key, write the shadows of the token before and of that before it."""
    width = len(shadow)
    query, key, value, out = _weights(attention)
    key[:width] = 0
    key[:FAST, CONSTANT] = SHARP
    value[:width] = 0
    value[:width, TOKEN] = shadow
    for head, back, place in ((0, 1, BEFORE), (1, 2, BEFORE_THAT)):
        rows = query[head * width : (head + 1) * width]
        rows.zero_()
        # a query that is turned back by so many positions meets the key there
        rows[:FAST, CONSTANT] = SHARP * torch.cos(back * frequencies[:FAST])
        rows[width // 2 : width // 2 + FAST, CONSTANT] = -SHARP * torch.sin(back * frequencies[:FAST])
        out[place : place + width, head * width : (head + 1) * width] = torch.eye(width)


def _copy(attention: torch.nn.Module, frequencies: torch.Tensor, shadow: torch.Tensor) -> None:
    """Let one head of each key look where the two tokens before are those of here, and copy a part of the token."""
    width = len(shadow)
    query, key, value, out = _weights(attention)
    # only what hardly turns can be compared over a distance
    slow = [pair for pair, frequency in enumerate(frequencies.tolist()) if frequency * DISTANCE < 1]
    places = [*slow, *(pair + width // 2 for pair in slow)]
    for number in range(len(key) // width):
        keys = key[number * width : (number + 1) * width]
        head = slice(2 * number * width, (2 * number + 1) * width)
        queries = query[head]
        keys.zero_()
        queries.zero_()
        chosen = torch.randperm(width)[: len(places)].tolist()
        for turn, (place, shade) in enumerate(zip(places, chosen, strict=True)):
            if turn % 2:
                keys[place, BEFORE_THAT + shade] = COMPARED
                queries[place, BEFORE + shade] = COMPARED
            else:
                keys[place, BEFORE + shade] = COMPARED
                queries[place, TOKEN] = shadow[shade] * COMPARED / 2
        # each key has its own part of what tells tokens apart
        part = torch.arange(max(TOKEN.start, number * width), min(TOKEN.stop, (number + 1) * width))
        value[number * width : (number + 1) * width] = 0
        value[part, part] = 1
        out[part, head.start + part - number * width] = COPIED


def _weights(attention: torch.nn.Module) -> tuple[torch.Tensor, ...]:
    """Return the matrices of queries, keys, values, and of what is written."""
    parts = (attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj)
    return tuple(part.weight for part in parts)
