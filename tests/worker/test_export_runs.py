from __future__ import annotations

import threading

import pytest

from functions.dataset.exchange.export import ExportRequest
from functions.records.tables import Run
from functions.verbs.export_run import request_export
from functions.worker.export_runs import export_next
from tests.support.fake_store import FakeStore
from tests.support.filled_set import fill_set

pytestmark = pytest.mark.above_sql


def state(database, run):
    with database.reading() as session:
        found = session.get_one(Run, run.id)
        return found.state, found.attempts, str(found.step)


def test_a_worker_exports_what_waits_and_says_what_keeps_it(database):
    store = FakeStore()
    fill_set(database, store, count=6)
    run = request_export(database, "mixed", ExportRequest("npz"))
    store.down = True
    assert export_next(database, store, "", threading.Event())
    assert state(database, run) == ("running", 1, "The store is down. It will be tried again.")
    assert not export_next(database, store, "", threading.Event())  # not before it is due


def test_a_stopping_worker_hands_the_export_back(database):
    store, stop = FakeStore(), threading.Event()
    fill_set(database, store, count=6)
    run = request_export(database, "mixed", ExportRequest("npz"))
    stop.set()
    assert export_next(database, store, "", stop)
    assert state(database, run)[:2] == ("running", 0)
    assert export_next(database, store, "", threading.Event())
    assert state(database, run)[0] == "done"
