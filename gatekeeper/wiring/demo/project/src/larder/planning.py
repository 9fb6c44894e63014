"""What to cook, and what to buy for it."""

import math


def missing(recipe, shelf):
    """Return name -> amount of what the recipe needs and the shelf lacks."""
    lacking = {}
    for name, needed in recipe.ingredients.items():
        there = shelf.total(name)
        if there is None:
            lacking[name] = needed
        elif not there.covers(needed):
            lacking[name] = needed.minus(there)
    return lacking


def cookable(recipes, shelf):
    """Return the recipes for which everything is there, those for most people first."""
    ready = [recipe for recipe in recipes if not missing(recipe, shelf)]
    return sorted(ready, key=lambda recipe: (-recipe.serves, recipe.name))


def shopping_list(recipes, shelf):
    """Return name -> amount to buy, so that each of the recipes can be cooked once."""
    needed = {}
    for recipe in recipes:
        for name, amount in recipe.ingredients.items():
            needed[name] = needed[name].plus(amount) if name in needed else amount
    bought = {}
    for name in sorted(needed):
        there = shelf.total(name)
        if there is None:
            bought[name] = needed[name]
        elif not there.covers(needed[name]):
            bought[name] = needed[name].minus(there)
    return bought


def leftovers(portions, eaters, days=7):
    """Return how many portions are left on each day on which there are any, the first day first."""
    if eaters < 1:
        raise ValueError("nobody eats")
    left = []
    while portions > 0 and len(left) < days:
        left.append(portions)
        portions -= eaters
    return left


def pots(portions, size=6):
    """Return how many pots it takes to cook that many portions."""
    return math.ceil(portions / size)


def rota(cooks, days):
    """Return who cooks on each of the days, in turn; nobody is asked twice in a row."""
    if not cooks:
        raise ValueError("nobody cooks")
    return [cooks[day % len(cooks)] for day in range(days)]
