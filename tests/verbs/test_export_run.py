from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest

from functions import jobs
from functions.dataset.exchange import export as exchange
from functions.dataset.exchange.export import ExportRequest
from functions.errors import LeaseLost, NotFound, StoreUnavailable
from functions.records.tables import Run
from functions.verbs.export_run import delete_export, exported_files, request_export, run_export
from tests.support.fake_store import FakeStore
from tests.support.filled_set import fill_set

pytestmark = pytest.mark.above_sql


def ignore(progress, step):
    """Take a progress and do nothing."""


@pytest.fixture
def store(database):
    store = FakeStore()
    fill_set(database, store)
    return store


def test_a_killed_export_goes_on_behind_its_last_complete_part(database, store, monkeypatch):
    monkeypatch.setattr(exchange, "PART_SIZES", {"zip": 20})
    request_export(database, "mixed", ExportRequest("zip"))
    first = jobs.lease(database, kinds=[jobs.EXPORT])

    def killed(call, key):
        if key.endswith("00001.zip"):
            raise KeyboardInterrupt

    store.before = killed
    with pytest.raises(KeyboardInterrupt):
        run_export(database, store, first, "", ignore)
    store.before = lambda call, key: None
    store.calls.clear()
    jobs.hand_back(database, first)
    second = jobs.lease(database, kinds=[jobs.EXPORT])
    assert second.run_id == first.run_id
    steps = []
    run_export(database, store, second, "", lambda progress, step: steps.append((progress, str(step))))
    assert not [key for _, key in store.calls if key.endswith("00000.zip")]
    assert steps[-1][0] <= 1.0 and "of 55" in steps[-1][1]
    with database.reading() as session:
        run = session.get_one(Run, first.run_id)
    assert (run.state, run.result["samples"]) == ("done", 55)
    files = exported_files(store, run)
    archives = [zipfile.ZipFile(BytesIO(store.get(file.key))) for file in files if file.name.endswith("zip")]
    names = [name for archive in archives for name in archive.namelist()]
    assert len({name for name in names if name.endswith(".png")}) == len([name for name in names if name.endswith(".png")]) == 55
    assert json.loads(store.get(files[-1].key))["samples"] == 55


def test_a_worker_that_was_taken_over_does_not_end_the_run(database, store):
    request_export(database, "mixed", ExportRequest("npz"))
    slow = jobs.lease(database, kinds=[jobs.EXPORT])
    jobs.hand_back(database, slow)
    quick = jobs.lease(database, kinds=[jobs.EXPORT])
    with pytest.raises(LeaseLost):
        run_export(database, store, slow, "", ignore)
    run_export(database, store, quick, "", ignore)


def test_an_export_waits_for_a_store_that_is_away(database, store):
    request_export(database, "mixed", ExportRequest("npz"))
    claim = jobs.lease(database, kinds=[jobs.EXPORT])
    store.down = True
    with pytest.raises(StoreUnavailable):
        run_export(database, store, claim, "", ignore)


def test_exports_and_training_of_a_set_do_not_wait_for_each_other(database, store):
    with database.writing() as session:
        jobs.request(session, "mixed", jobs.FULL)
    training = jobs.lease(database)
    request_export(database, "mixed", ExportRequest("npz"))
    assert jobs.lease(database) is None
    export = jobs.lease(database, kinds=[jobs.EXPORT])
    assert export is not None
    assert jobs.close(database, training)
    with database.reading() as session:
        assert jobs.next_due(session, [jobs.EXPORT]) is not None


def test_deleted_files_are_gone_and_said_to_be(database, store):
    run = request_export(database, "mixed", ExportRequest("idx"))
    with pytest.raises(NotFound, match="not an export that is done"):
        exported_files(store, run)
    run_export(database, store, jobs.lease(database, kinds=[jobs.EXPORT]), "", ignore)
    with database.reading() as session:
        done = session.get_one(Run, run.id)
    delete_export(database, store, done)
    delete_export(database, store, done)
    with pytest.raises(NotFound, match="were deleted"):
        exported_files(store, done)
