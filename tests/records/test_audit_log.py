"""The audit log: append-only, paged, and not to be filled by strangers."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from functions.records.audit_log import (
    CLI,
    FAILURES_AN_HOUR,
    Actor,
    AuditFilter,
    all_acts,
    note,
    note_failure,
    note_sign_in,
    page_of_acts,
)
from functions.records.tables import AuditRow

EVERYTHING = AuditFilter()


def test_the_database_itself_refuses_to_change_or_delete_a_row(database):
    with database.writing() as session:
        note(session, CLI, "token_made", "laptop")
    for change in (update(AuditRow).values(actor="nobody"), delete(AuditRow)):
        with pytest.raises(DatabaseError, match="append-only"), database.writing() as session:
            session.execute(change)
    with database.reading() as session:
        assert [(row.actor_kind, row.object) for row in all_acts(session, EVERYTHING)] == [("cli", "laptop")]


def test_an_act_that_fails_leaves_no_row(database):
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        note(session, CLI, "token_made", "laptop")
        raise ZeroDivisionError
    with database.reading() as session:
        assert list(all_acts(session, EVERYTHING)) == []


def test_acts_are_found_by_what_who_and_on_what_page_by_page(database):
    with database.writing() as session:
        for number in range(5):
            note(session, Actor("token", f"t{number % 2}"), "run_requested", f"r{number}", set_name="digits")
        note(session, CLI, "run_cancelled", "r4", set_name="digits")
        session.flush()
        assert {row.object for row in page_of_acts(session, AuditFilter(actor="t1"), limit=9)} == {"r1", "r3"}
        assert {row.act for row in page_of_acts(session, AuditFilter(object="r4"), limit=9)} == {"run_requested", "run_cancelled"}
        first = page_of_acts(session, EVERYTHING, limit=4)
        rest = page_of_acts(session, EVERYTHING, limit=4, before=first[-1].id)
        assert len({row.id for row in (*first, *rest)}) == 6
        assert [row.id for row in all_acts(session, EVERYTHING, at_once=2)] == [row.id for row in (*first, *rest)]


def test_nobodys_act_and_an_unknown_act_are_not_written(database):
    with database.writing() as session:
        assert note(session, None, "run_requested", "r") is None
        with pytest.raises(LookupError):
            note(session, CLI, "burned")
        assert list(all_acts(session, EVERYTHING)) == []


def test_wrong_passwords_are_counted_and_only_some_of_an_hour_are_written(database):
    for _ in range(FAILURES_AN_HOUR + 5):
        with database.writing() as session:
            note_failure(session)
    with database.writing() as session:
        note_sign_in(session, Actor("session", "ab"))
        note_sign_in(session, Actor("session", "cd"))
    with database.reading() as session:
        acts = list(all_acts(session, EVERYTHING))
    assert [row.act for row in acts].count("sign_in_failed") == FAILURES_AN_HOUR
    assert [row.details["failed_before"] for row in acts if row.act == "signed_in"] in ([0, 65], [65, 0])
