"""People, sign-ins and tokens, on the databases that they may be kept in."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from gatekeeper.store import apitokens, database, people, repositories
from tests.integration.outcome_samples import NOW

pytestmark = pytest.mark.enable_socket

HOUR = timedelta(hours=1)
ADA = people.Person(
    id=2**40,
    login="ada",
    token=b"sealed",
    refresh=b"refresh",
    expires=NOW + 8 * HOUR,
    repositories={2**40: "write", 7: "read"},
    checked=NOW,
)


def test_who_signs_in_is_found_by_the_digest_until_it_ends(engine: sqlalchemy.Engine) -> None:
    people.sign_in(engine, ADA, "digest", NOW, NOW + HOUR)
    people.sign_in(engine, replace(ADA, login="ada-l"), "other", NOW, NOW + HOUR)

    found = people.signed_in(engine, "digest", NOW)
    assert found is not None
    assert found.person == replace(ADA, login="ada-l")
    assert people.signed_in(engine, "digest", NOW + HOUR) is None
    assert people.signed_in(engine, "unknown", NOW) is None
    people.extend(engine, "digest", NOW + 3 * HOUR)
    assert people.signed_in(engine, "digest", NOW + HOUR) is not None
    people.sign_out(engine, "digest")
    assert people.signed_in(engine, "digest", NOW) is None
    assert people.signed_in(engine, "other", NOW) is not None


def test_a_slow_look_changes_no_token_and_undoes_no_later_look(engine: sqlalchemy.Engine) -> None:
    people.sign_in(engine, ADA, "digest", NOW, NOW + HOUR)
    newer = replace(ADA, token=b"newer", refresh=b"newer", repositories={}, checked=NOW + 2 * HOUR)
    people.renewed(engine, newer, instead_of=ADA.token)
    people.checked(engine, newer)

    people.checked(engine, replace(ADA, checked=NOW + HOUR))
    people.renewed(engine, replace(ADA, token=b"late"), instead_of=ADA.token)

    assert people.find(engine, ADA.id) == newer


def test_who_is_shut_out_is_so_everywhere_unless_somebody_was_faster(engine: sqlalchemy.Engine) -> None:
    people.sign_in(engine, ADA, "digest", NOW, NOW + HOUR)
    people.shut_out(engine, ADA.id, b"another")
    assert people.signed_in(engine, "digest", NOW) is not None

    people.shut_out(engine, ADA.id, ADA.token)

    assert people.signed_in(engine, "digest", NOW) is None
    left = people.find(engine, ADA.id)
    assert left is not None
    assert (left.token, left.refresh, left.repositories) == (b"", None, {})


def test_a_token_is_found_with_its_owner_and_repository(engine: sqlalchemy.Engine) -> None:
    people.sign_in(engine, ADA, "digest", NOW, NOW + HOUR)
    with database.writing(engine) as session:
        ledger = repositories.known(session, "acme/ledger", 2**40)
        repositories.known(session, "acme/other", 8)
        repositories.known(session, "/folder")
    token = apitokens.ApiToken(
        id="t1",
        name="of CI",
        scopes=("outcomes:write",),
        repository=(ledger, "acme/ledger"),
        made=NOW,
        expires=NOW + HOUR,
        used=None,
    )
    forever = replace(token, id="t2", scopes=("read",), repository=None, expires=None, made=NOW + HOUR)

    apitokens.make(engine, token, "of t1", ADA.id)
    apitokens.make(engine, forever, "of t2", ADA.id)

    assert apitokens.writable(engine, frozenset({2**40, 9})) == [(ledger, "acme/ledger")]
    assert apitokens.of(engine, ADA.id) == [forever, token]
    found = apitokens.presented(engine, "of t1", NOW)
    assert found == apitokens.Presented(token=token, owner=ADA, number=2**40)
    assert apitokens.presented(engine, "of t1", NOW + HOUR) is None
    assert apitokens.presented(engine, "of t2", NOW + 1000 * HOUR) is not None
    apitokens.note_use(engine, token, NOW)
    assert apitokens.of(engine, ADA.id)[1].used == NOW
    assert not apitokens.revoke(engine, "t1", ADA.id + 1)
    assert apitokens.revoke(engine, "t1", ADA.id)
    assert apitokens.presented(engine, "of t1", NOW) is None


def test_who_has_neither_a_browser_nor_a_token_left_is_forgotten(engine: sqlalchemy.Engine) -> None:
    people.sign_in(engine, ADA, "digest", NOW, NOW + HOUR)
    people.sign_in(engine, replace(ADA, id=2, login="bob"), "of bob", NOW, NOW + 3 * HOUR)

    assert people.forget_expired(engine, NOW) == 0
    assert people.forget_expired(engine, NOW + 2 * HOUR) == 2
    assert people.find(engine, ADA.id) is None
    assert people.find(engine, 2) is not None
