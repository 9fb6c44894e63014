"""What somebody adds to the sample, each with tests of its own, as one would write it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A function, and its tests."""

    title: str
    # name of the module
    module: str
    code: str
    # of a new file of tests
    tests: str


# those whose tests pass
DONE = (
    Feature(
        title="Centre a heading",
        module="tables",
        code='''
def centred(text, width=40):
    """Return `text` in the middle of `width` columns, without spaces at its end."""
    return " " * ((width - len(text)) // 2) + text
''',
        tests="""
import pytest

from larder import tables


@pytest.mark.parametrize(("text", "shown"), [("even", "   even"), ("odd", "   odd"), ("twelve chars", "twelve chars")])
def test_a_heading_is_centred(text, shown):
    assert tables.centred(text, 10) == shown
""",
    ),
    Feature(
        title="Share portions out over days",
        module="planning",
        code='''
def shared(portions, days):
    """Return how many portions there are on each day, the larger shares first."""
    if days < 1:
        raise ValueError("no day")
    least, more = divmod(portions, days)
    return [least + 1] * more + [least] * (days - more)
''',
        tests="""
import pytest

from larder import planning


@pytest.mark.parametrize(("portions", "days", "shares"), [(7, 3, [3, 2, 2]), (6, 3, [2, 2, 2]), (1, 2, [1, 0])])
def test_portions_are_shared(portions, days, shares):
    assert planning.shared(portions, days) == shares


def test_no_day_is_refused():
    with pytest.raises(ValueError, match="no day"):
        planning.shared(7, 0)
""",
    ),
    Feature(
        title="Sort codes into valid ones and others",
        module="barcodes",
        code='''
def sorted_out(codes):
    """Return the valid codes, and the others, each in their order."""
    right = [code for code in codes if valid(code)]
    return right, [code for code in codes if code not in right]
''',
        tests="""
from larder import barcodes


def test_codes_are_sorted_out():
    assert barcodes.sorted_out(["4006381333931", "1", "9780201379624"]) == (["4006381333931", "9780201379624"], ["1"])


def test_there_may_be_no_codes():
    assert barcodes.sorted_out([]) == ([], [])
""",
    ),
    Feature(
        title="Round amounts to what a scale shows",
        module="amounts",
        code='''
def weighed(amount, step=5):
    """Return the amount to the next multiple of `step` grams."""
    grams = amount.to("g").value
    return Amount(Fraction(round(grams / step) * step), "g")
''',
        tests="""
import pytest

from larder import amounts


@pytest.mark.parametrize(("text", "shown"), [("1 kg", "1000 g"), ("252 g", "250 g"), ("253 g", "255 g")])
def test_an_amount_is_weighed(text, shown):
    assert amounts.show(amounts.weighed(amounts.parse(text))) == shown


def test_milk_is_not_weighed():
    with pytest.raises(ValueError, match="volume is no mass"):
        amounts.weighed(amounts.parse("1 l"))
""",
    ),
    Feature(
        title="Say what prices fell",
        module="feed",
        code='''
def falls(before, now, share=0.1):
    """Return the names of what costs less than it did by at least that share, sorted."""
    return sorted(name for name, price in now.items() if name in before and price <= before[name] * (1 - share))
''',
        tests="""
from larder import feed


def test_what_costs_a_tenth_less_has_fallen():
    assert feed.falls({"milk": 1.0, "salt": 1.0}, {"milk": 0.9, "salt": 0.95, "oil": 3}) == ["milk"]
""",
    ),
)

# those with a mistake that their own tests find
UNFINISHED = (
    Feature(
        title="Count weeks of a plan",
        module="planning",
        code='''
def weeks(days):
    """Return how many weeks it takes to plan that many days."""
    return days // 7
''',
        tests="""
import pytest

from larder import planning


@pytest.mark.parametrize(("days", "weeks"), [(7, 1), (14, 2), (15, 3)])
def test_a_week_that_was_begun_counts(days, weeks):
    assert planning.weeks(days) == weeks
""",
    ),
    Feature(
        title="List the ingredients that recipes share",
        module="recipes",
        code='''
def shared(recipes):
    """Return the names of what all the recipes need, sorted."""
    needed = [set(recipe.ingredients) for recipe in recipes]
    return sorted(set.intersection(*needed))
''',
        tests="""
from larder import recipes

TOAST = recipes.parse("Toast\\n- 4 slices\\n- 20 g butter")
CAKE = recipes.parse("Cake\\n- 250 g butter\\n- 1 kg flour")


def test_what_all_need_is_listed():
    assert recipes.shared([TOAST, CAKE]) == ["butter"]


def test_without_recipes_nothing_is_needed():
    assert recipes.shared([]) == []
""",
    ),
)
