import pytest

from larder import spool


def test_orders_are_collected_in_their_order(folder):
    assert [spool.leave(folder, order) for order in ("flour", "milk")] == [1, 2]
    assert spool.collect(folder) == ["flour", "milk"]


def test_ten_orders_are_collected_at_a_time(folder):
    for number in range(12):
        spool.leave(folder, str(number))
    assert (len(spool.collect(folder)), len(spool.collect(folder))) == (10, 2)


def test_one_at_a_time_works_in_the_folder(tmp_path):
    with spool.held(tmp_path), pytest.raises(spool.Busy):
        spool.leave(tmp_path, "flour")


def test_the_folder_is_free_again_after_a_failure(tmp_path):
    with pytest.raises(KeyError), spool.held(tmp_path):
        raise KeyError
    assert spool.leave(tmp_path, "flour") == 1
