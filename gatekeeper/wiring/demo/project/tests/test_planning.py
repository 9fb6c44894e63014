import pytest

from larder import amounts, planning, recipes

OMELETTE = recipes.parse("Omelette\nserves: 2\n- 6 eggs\n- 100 ml milk")
PANCAKES = recipes.parse("Pancakes\nserves: 4\n- 250 g flour\n- 300 ml milk\n- 3 eggs")
PUDDING = recipes.parse("Pudding\nserves: 2\n- 1 l milk\n- 20 g sugar")


def shown(needed):
    return {name: amounts.show(amount) for name, amount in needed.items()}


def test_what_is_missing_is_told(stock):
    assert shown(planning.missing(PUDDING, stock)) == {"milk": "1/2 l", "sugar": "20 g"}


def test_nothing_is_missing_where_there_is_just_enough(stock):
    assert planning.missing(OMELETTE, stock) == {}


def test_recipes_for_most_people_come_first(stock):
    assert planning.cookable([OMELETTE, PUDDING, PANCAKES], stock) == [PANCAKES, OMELETTE]


def test_the_shopping_list_is_for_all_recipes_together(stock):
    assert shown(planning.shopping_list([OMELETTE, PANCAKES, PUDDING], stock)) == {
        "eggs": "3",
        "milk": "900 ml",
        "sugar": "20 g",
    }


@pytest.mark.parametrize(
    ("portions", "eaters", "left"),
    [(7, 3, [7, 4, 1]), (6, 3, [6, 3]), (0, 3, []), (30, 1, [30, 29, 28, 27, 26, 25, 24])],
)
def test_leftovers_are_eaten_up(portions, eaters, left):
    assert planning.leftovers(portions, eaters) == left


def test_leftovers_need_somebody_who_eats():
    with pytest.raises(ValueError, match="nobody eats"):
        planning.leftovers(7, 0)


@pytest.mark.parametrize(("portions", "pots"), [(0, 0), (1, 1), (6, 1), (7, 2), (12, 2), (36, 6)])
def test_pots_are_enough(portions, pots):
    assert planning.pots(portions) == pots


def test_cooks_take_turns():
    assert planning.rota(["Ada", "Ben"], 5) == ["Ada", "Ben", "Ada", "Ben", "Ada"]


def test_somebody_has_to_cook():
    with pytest.raises(ValueError, match="nobody cooks"):
        planning.rota([], 5)
