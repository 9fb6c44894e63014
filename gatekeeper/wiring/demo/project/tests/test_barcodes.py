import pytest

from larder import barcodes


@pytest.mark.parametrize("code", ["4006381333931", "9780201379624", "0000000000000"])
def test_a_code_is_valid(code):
    assert barcodes.valid(code)


@pytest.mark.parametrize("code", ["4006381333932", "400638133393", "400638133393x", "40063813339310"])
def test_a_code_is_not_valid(code):
    assert not barcodes.valid(code)


@pytest.mark.parametrize("digits", ["40063813339", "4006381333931"])
def test_twelve_digits_are_checked(digits):
    with pytest.raises(ValueError, match="instead of 12"):
        barcodes.check_digit(digits)


def test_the_next_code_is_valid():
    assert barcodes.following("4006381333931") == "4006381333948"


@pytest.mark.parametrize(("code", "last"), [("9999999999983", "9999999999994")])
def test_codes_end(code, last):
    assert barcodes.following(code) == last
    with pytest.raises(ValueError, match="no next one"):
        barcodes.following(last)


@pytest.mark.parametrize("length", [0, 1, 3])
def test_a_series_has_its_length(length):
    assert len(barcodes.series("4006381333931", length)) == length


def test_a_series_begins_with_a_valid_code():
    with pytest.raises(ValueError, match="not valid"):
        barcodes.series("4006381333932", 3)


def test_of_all_codes_one_in_ten_is_valid():
    codes = [f"40063{number:08}" for number in range(0, 100_000_000, 4999)]
    assert abs(sum(map(barcodes.valid, codes)) / len(codes) - 0.1) < 0.01
