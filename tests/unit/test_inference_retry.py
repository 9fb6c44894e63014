import pytest

from gatekeeper.inference import endpoints, retry


def test_pauses_grow_and_differ_by_chance() -> None:
    pauses = [retry.pause(retry.Trouble.BUSY, before, 1.0) for before in range(6)]

    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
    assert retry.pause(retry.Trouble.BUSY, 0, 0.0) == 0.125


@pytest.mark.parametrize(("trouble", "tries"), [("unreached", 4), ("reset", 1), ("busy", 6)])
def test_each_trouble_ends_after_its_number_of_tries(trouble: str, tries: int) -> None:
    found = [retry.pause(retry.Trouble(trouble), before, 0.5) is not None for before in range(8)]

    assert found == [True] * tries + [False] * (8 - tries)


def test_a_server_is_waited_for_as_long_as_it_asks() -> None:
    assert retry.pause(retry.Trouble.BUSY, 0, 0.5, retry.told("7")) == 7.0


@pytest.mark.parametrize("header", [None, "", "-1", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 400, "\u0661e"])
def test_a_retry_after_that_is_no_number_of_seconds_asks_for_nothing(header: str | None) -> None:
    assert retry.told(header) is None


def _several(count: int = 4) -> list[endpoints.Endpoint]:
    return [endpoints.Endpoint(url=f"http://{number}") for number in range(count)]


def test_a_group_keeps_its_server_and_groups_are_spread() -> None:
    servers = _several()

    chosen = {group: endpoints.choose(servers, group, 0.0).url for group in map(str, range(100))}

    assert {group: endpoints.choose(servers, group, 9.0).url for group in chosen} == chosen
    assert set(chosen.values()) == {server.url for server in servers}


def test_only_the_groups_of_a_server_that_failed_move_and_they_come_back() -> None:
    servers = _several()
    groups = list(map(str, range(100)))
    before = [endpoints.choose(servers, group, 0.0) for group in groups]

    servers[2].failed(0.0)
    meanwhile = [endpoints.choose(servers, group, 0.5) for group in groups]

    assert servers[2] not in meanwhile
    assert all(one is other for one, other in zip(before, meanwhile, strict=True) if one is not servers[2])
    assert [endpoints.choose(servers, group, 1.0) for group in groups] == before


def test_what_has_no_group_goes_where_the_least_is_to_do() -> None:
    servers = _several(2)
    servers[0].in_flight = 1

    assert endpoints.choose(servers, "", 0.0) is servers[1]


def test_a_server_that_keeps_failing_rests_longer_but_not_for_ever() -> None:
    (server,) = _several(1)
    rests = []
    for _ in range(12):
        server.failed(100.0)
        rests.append(server.rests_until - 100.0)

    assert rests == [1.0, 2.0, 4.0, 8.0, 16.0] + [30.0] * 7
    server.answered()
    server.failed(100.0)
    assert server.rests_until == 101.0


def test_where_all_rest_the_first_to_be_back_is_asked() -> None:
    servers = _several(2)
    servers[0].failed(5.0)
    servers[1].failed(0.0)

    assert endpoints.choose(servers, "a group", 0.5) is servers[1]
