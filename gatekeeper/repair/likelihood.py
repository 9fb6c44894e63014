"""How often each kind of edit is the one that was meant. Pure.

The order of the search goes by it. Measured by `infra/bench/fixkinds.py` over 50 labelled mutations of itsdangerous,
humanize and toolz, and over nothing else, so that those of other packages and real commits can tell how good it is.
What was seen is little, and of mutations: it is weighed with what experience says of mistakes, which stands for
WEIGHT changes more of each kind.
"""

from gatekeeper.repair.edit import Kind

# kind -> (changes that an edit of the kind undoes, changes with an edit of the kind)
SEEN: dict[Kind, tuple[int, int]] = {
    Kind.NEGATION: (18, 31),
    Kind.EXCEPTION: (6, 6),
    Kind.JUNCTION: (4, 8),
    Kind.NUMBER: (4, 10),
    Kind.TRUTH: (4, 4),
    Kind.COMPARISON: (3, 16),
    Kind.ARITHMETIC: (2, 4),
    Kind.JUMP: (2, 2),
    Kind.VALUE: (2, 11),
    Kind.ASSIGNMENT: (0, 6),
    Kind.BOUNDARY: (0, 2),
    Kind.NAME: (0, 24),
    Kind.ORDER: (0, 6),
    Kind.SURPLUS: (0, 18),
}
# what stands for one more change of each kind
PRIOR: dict[Kind, float] = {
    Kind.COMPARISON: 0.5,
    Kind.JUNCTION: 0.45,
    Kind.NEGATION: 0.4,
    Kind.TRUTH: 0.4,
    Kind.BOUNDARY: 0.4,
    Kind.NUMBER: 0.35,
    Kind.EXCEPTION: 0.35,
    Kind.ARITHMETIC: 0.3,
    Kind.ASSIGNMENT: 0.3,
    Kind.FUNCTION: 0.3,
    Kind.JUMP: 0.3,
    Kind.ORDER: 0.3,
    Kind.RETURN: 0.25,
    Kind.GUARD: 0.25,
    Kind.NAME: 0.17,
    Kind.VALUE: 0.15,
    Kind.SURPLUS: 0.07,
}
# changes that the prior weighs
WEIGHT = 12.0


def of(kind: Kind) -> float:
    """Return the share of the changes with an edit of the kind in which one of them is what was meant, in 0..1."""
    right, there = SEEN.get(kind, (0, 0))
    return (right + WEIGHT * PRIOR[kind]) / (there + WEIGHT)
