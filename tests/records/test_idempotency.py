from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from functions.errors import KeyReused
from functions.records.database import Database
from functions.records.idempotency import GivenKey, find_subject, keep_key

ANN, BOB = (GivenKey("k", owner * 32, named=True) for owner in "ab")
HERE, THERE = (GivenKey("k", block, named=False) for block in ("here", "there"))
SAMPLE = "5" * 32


def keep(database: Database, key: GivenKey, *request: object) -> None:
    with database.writing() as session:
        keep_key(session, key.with_request(*request), SAMPLE)


def find(database: Database, key: GivenKey, *request: object) -> str | None:
    with database.reading() as session:
        return find_subject(session, key.with_request(*request))


def test_an_equal_request_is_found_and_another_one_is_refused(database: Database) -> None:
    keep(database, ANN, "contribution", "digits", "7", None)
    assert find(database, ANN, "contribution", "digits", "7", None) == SAMPLE
    for other in (
        ("contribution", "digits", "7", "None"),
        ("correction", "digits", "7", None),
        ("contribution", "digits7", "", None),
    ):
        with pytest.raises(KeyReused):
            find(database, ANN, *other)


def test_another_contributor_has_keys_of_its_own(database: Database) -> None:
    keep(database, ANN, "7")
    for other in (BOB, HERE):
        assert find(database, other, "7") is None
        assert find(database, other, "1") is None


def test_a_request_without_a_contributor_is_found_from_everywhere(database: Database) -> None:
    keep(database, HERE, "7")
    for sender in (HERE, THERE, ANN):
        assert find(database, sender, "7") == SAMPLE
    assert find(database, THERE, "1") is None
    with pytest.raises(KeyReused):
        find(database, HERE, "1")


def test_a_key_is_kept_once(database: Database) -> None:
    keep(database, ANN, "7")
    with pytest.raises(IntegrityError):
        keep(database, ANN, "1")


def test_without_a_key_nothing_is_kept_or_found(database: Database) -> None:
    with database.writing() as session:
        keep_key(session, None, SAMPLE)
        assert find_subject(session, None) is None
