import pytest

from larder import amounts, recipes

PANCAKES = """
Pancakes
serves: 4
- 250 g flour
- 1/2 l milk
- 3 eggs
- 1 tbsp brown sugar
- 50 g flour
Mix everything.
Fry it.
"""


def test_a_recipe_is_read():
    read = recipes.parse(PANCAKES)
    assert (read.name, read.serves, read.steps) == ("Pancakes", 4, ("Mix everything.", "Fry it."))
    assert {name: amounts.show(amount) for name, amount in read.ingredients.items()} == {
        "flour": "300 g",
        "milk": "1/2 l",
        "eggs": "3",
        "brown sugar": "1 tbsp",
    }


def test_a_recipe_is_for_two_where_it_does_not_say():
    assert recipes.parse("Toast\n- 4 slices").serves == 2


@pytest.mark.parametrize("text", ["", "Toast\n- slices", "Toast\n- 4", "Toast\n- g slices"])
def test_what_is_no_recipe_is_refused(text):
    with pytest.raises(ValueError):
        recipes.parse(text)


@pytest.mark.parametrize(("serves", "eggs"), [(4, "3"), (2, "1 1/2"), (1, "3/4")])
def test_a_recipe_is_scaled(serves, eggs):
    scaled = recipes.parse(PANCAKES).scaled(serves)
    assert (scaled.serves, amounts.show(scaled.ingredients["eggs"])) == (serves, eggs)


def test_a_recipe_for_nobody_is_refused():
    with pytest.raises(ValueError, match="nobody eats"):
        recipes.parse(PANCAKES).scaled(0)
