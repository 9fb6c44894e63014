import pytest

from waypost import Listing

ENTRIES = [
    ("Crème brûlée", "A rich custard base topped with a layer of hardened sugar."),
    ("Tarte Tatin", "Apples in butter and sugar."),
    ("Clafoutis", "Black cherries, baked."),
    ("Far breton", "Prunes."),
]


@pytest.fixture
def listing():
    return Listing(ENTRIES, size=2)


def test_lines(listing):
    assert listing.lines(1) == [
        "/creme-brulee: A rich custard base topped...",
        "/tarte-tatin: Apples in butter and sugar.",
    ]


def test_lines_of_the_last_page(listing):
    assert len(listing.lines(2)) == 2


def test_footer_of_the_first_page(listing):
    assert listing.footer(1) == "page 1 of 2"


def test_footer_of_the_last_page(listing):
    assert listing.footer(2) == "the end"
