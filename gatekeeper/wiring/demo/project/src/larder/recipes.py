"""Recipes, as text and as values."""

from dataclasses import dataclass, replace

from larder import amounts


@dataclass(frozen=True)
class Recipe:
    """What goes into it, and what to do."""

    name: str
    serves: int
    # name -> amount
    ingredients: dict
    steps: tuple = ()

    def scaled(self, serves):
        """Return the recipe for another number of people."""
        if serves < 1:
            raise ValueError("nobody eats")
        needed = {name: amount.times(f"{serves}/{self.serves}") for name, amount in self.ingredients.items()}
        return replace(self, serves=serves, ingredients=needed)


def parse(text, serves=2):
    """Return the recipe that `text` holds; it is for `serves` people where it does not say for how many."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValueError("an empty recipe")
    ingredients, steps = {}, []
    for line in lines[1:]:
        if line.startswith("serves:"):
            serves = int(line.removeprefix("serves:"))
        elif line.startswith("-"):
            amount, name = _ingredient(line.removeprefix("-").split())
            ingredients[name] = ingredients[name].plus(amount) if name in ingredients else amount
        else:
            steps.append(line)
    return Recipe(lines[0], serves, ingredients, tuple(steps))


def _ingredient(words):
    end = 0
    while end < len(words) and (words[end][0].isdigit() or words[end] in amounts.UNITS):
        end += 1
    if end == 0 or end == len(words):
        raise ValueError(f"no ingredient: {' '.join(words)}")
    return amounts.parse(" ".join(words[:end])), " ".join(words[end:])
