from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from functions.records import outbox
from functions.records.database import Database
from functions.records.outbox_claims import Claim, Outcome, claim, settle
from functions.records.tables import OutboxRow, now


def _send(database: Database, *keys: str) -> None:
    with database.writing() as session:
        outbox.send(session, *(outbox.Object(key, b"body", "image/png") for key in keys))


def _claimed(database: Database, count: int = 50) -> Claim:
    with database.writing() as session:
        return claim(session, count)


def _settle(database: Database, claimed: Claim, outcomes: dict[int, Outcome]) -> None:
    with database.writing() as session:
        settle(session, claimed, outcomes)


def _rows(database: Database) -> list[OutboxRow]:
    with database.reading() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_a_claim_takes_the_first_row_of_each_subject_once(database: Database) -> None:
    _send(database, "a/1.png", "a/1.json", "a/2.png")
    claimed = _claimed(database)
    assert [(row.key, row.attempts) for row in claimed.rows] == [("a/1.png", 1), ("a/2.png", 1)]
    assert _claimed(database).rows == []
    _settle(database, claimed, {row.id: Outcome() for row in claimed.rows})
    assert [row.key for row in _claimed(database).rows] == ["a/1.json"]


def test_what_was_not_tried_is_due_at_once_as_if_it_had_never_been_claimed(database: Database) -> None:
    _send(database, "a/1.png", "a/2.png")
    claimed = _claimed(database)
    _settle(database, claimed, {claimed.rows[0].id: Outcome("refused", away=True)})
    assert [row.attempts for row in _rows(database)] == [1, 0]
    assert [row.error for row in _rows(database)] == ["refused", ""]
    assert [row.key for row in _claimed(database).rows] == ["a/2.png"]


def test_a_process_whose_claim_expired_changes_nothing_any_more(database: Database) -> None:
    _send(database, "a/1.png", "a/2.png", "a/3.png")
    lost = _claimed(database)
    with database.writing() as session:
        session.execute(update(OutboxRow).values(next_attempt=now() - timedelta(seconds=1)))
    held = _claimed(database)
    done, failed, _untried = (row.id for row in lost.rows)
    _settle(database, lost, {done: Outcome(), failed: Outcome("refused")})
    assert [(row.attempts, row.next_attempt, row.error) for row in _rows(database)] == [(2, held.until, "")] * 3
