"""The request that a row was made for, from the web process to the worker's log."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select

from functions import jobs
from functions.domain.log_line import OWN
from functions.records.outbox import Object, drain, remove, send
from functions.records.tables import OutboxRow, SymbolSetRow
from functions.telemetry.request_id import begin_request, current_request, for_request
from functions.worker.run_ending import ending
from tests.support.fake_store import FakeStore

PICTURE = Object("samples/digits/7/one.png", b"picture", "image/png")


@pytest.fixture
def database(database):
    with database.writing() as session:
        session.add(SymbolSetRow(name="digits", labels=["1", "7"]))
    return database


@pytest.fixture(autouse=True)
def no_request():
    begin_request(None)
    yield
    begin_request(None)


def test_rows_and_runs_name_the_request_that_made_them(database):
    with for_request("request-1"), database.writing() as session:
        send(session, PICTURE)
        run = jobs.request(session, "digits", jobs.QUICK)
    with for_request("request-2"), database.writing() as session:
        remove(session, "samples/digits/7/another.png")
        assert jobs.request(session, "digits", jobs.QUICK) == run  # joins the run that waits
    with database.reading() as session:
        assert list(session.scalars(select(OutboxRow.request_id).order_by(OutboxRow.id))) == ["request-1", "request-2"]
    claim = jobs.lease(database)
    assert (claim.run_id, claim.request_id) == (run, "request-1")


def test_a_workers_lines_name_the_request(database, caplog):
    with for_request("request-1"), database.writing() as session:
        send(session, PICTURE)
        jobs.request(session, "digits", jobs.QUICK)
    with caplog.at_level(logging.DEBUG):
        drain(database, FakeStore())
        claim = jobs.lease(database)
        with ending(database, claim):
            assert current_request() == "request-1"  # the rows of its versions name it, too
    facts = [getattr(record, OWN) for record in caplog.records if hasattr(record, OWN)]
    assert facts[0] == {"keys": [PICTURE.key], "request_ids": ["request-1"]}
    assert {one["request_id"] for one in facts[1:]} == {"request-1"}
    assert current_request() is None


def test_what_nobody_asked_for_names_no_request(database):
    with database.writing() as session:
        send(session, PICTURE)
    with database.reading() as session:
        assert session.scalar(select(OutboxRow.request_id)) is None
