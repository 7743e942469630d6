from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from functions import jobs
from functions.dataset.exchange.export import ExportRequest
from functions.errors import Conflict, Malformed, NotFound
from functions.records.outbox import drain
from functions.records.tables import Run, Sample, now
from functions.store.names import import_key
from functions.verbs import import_run as module
from functions.verbs.export import open_export
from functions.verbs.import_run import Upload, forget_parts, import_report, keep_part, request_import, run_import
from functions.worker.export_runs import importer
from tests.support.fake_store import FakeStore
from tests.support.filled_set import fill_set

pytestmark = pytest.mark.above_sql

PART = 1_000  # bytes, so that a small file has several parts


def ignore(progress, step):
    """Take a progress and do nothing."""


@pytest.fixture
def file(database, monkeypatch):
    """The lines of twelve samples of the set ``mixed``, whose samples are then moved to an older set."""
    monkeypatch.setattr(module, "PART", PART)
    store = FakeStore()
    fill_set(database, store, name="older", count=12)
    fill_set(database, store, name="mixed", count=0)
    made = b"".join(open_export(database, store, "older", ExportRequest("jsonl")).one_file())
    return store, made


def upload_of(body, **changes):
    return Upload(
        **{"name": "some.jsonl", "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest(), "licence": "CC0", **changes}
    )


def send(database, store, run, body):
    left = [keep_part(database, store, run.id, n, body[n * PART : (n + 1) * PART]) for n in range(-(-len(body) // PART))]
    assert left[-1] == 0


def lease(database):
    return jobs.lease(database, kinds=[jobs.IMPORT])


def samples(database):
    with database.reading() as session:
        return session.query(Sample).filter_by(set_name="mixed").count()


def run_of(database, run):
    with database.reading() as session:
        return session.get_one(Run, run.id)


def test_a_worker_begins_when_the_last_part_is_there_and_parts_may_come_twice(database, file):
    store, body = file
    run = request_import(database, "mixed", upload_of(body))
    assert keep_part(database, store, run.id, 1, body[PART : 2 * PART]) > 0
    assert lease(database) is None
    send(database, store, run, body)
    run_import(database, store, lease(database), importer(database, store), ignore)
    done = run_of(database, run)
    assert (done.state, done.result["read"], done.result["added"], done.result["refused"]) == ("done", 11, 11, 0)
    assert samples(database) == 11
    assert list(store.keys(import_key("mixed", run.id, ""))) == [import_key("mixed", run.id, "report.json")]
    with pytest.raises(Conflict):
        keep_part(database, store, run.id, 0, body[:PART])


def test_a_dry_run_says_what_would_happen_and_changes_nothing(database, file):
    store, body = file
    body += b'{"label": "nothing", "strokes": null}\n'
    run = request_import(database, "mixed", upload_of(body, dry_run=True))
    send(database, store, run, body)
    run_import(database, store, lease(database), importer(database, store), ignore)
    report = import_report(store, run_of(database, run))
    assert samples(database) == 0
    assert sum(one["count"] for one in report["labels"]) == 11
    assert len(report["refused"]) == 1


def test_a_killed_import_is_done_by_the_next_worker_without_doubling(database, file, monkeypatch):
    store, body = file
    monkeypatch.setattr("functions.verbs.import_dataset.AT_ONCE", 4)
    run = request_import(database, "mixed", upload_of(body))
    send(database, store, run, body)
    first = lease(database)

    def killed(progress, step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(database, store, first, importer(database, store), killed)
    assert 0 < samples(database) < 11
    jobs.hand_back(database, first)
    run_import(database, store, lease(database), importer(database, store), ignore)
    assert samples(database) == 11


def test_a_damaged_file_and_a_file_that_never_came_whole_change_nothing(database, file):
    store, body = file
    damaged = request_import(database, "mixed", upload_of(body, sha256="0" * 64))
    send(database, store, damaged, body)
    run_import(database, store, lease(database), importer(database, store), ignore)
    assert "SHA-256" in run_of(database, damaged).result["reason"]
    lost = request_import(database, "mixed", upload_of(body))
    keep_part(database, store, lost.id, 0, body[:PART])
    run_import(
        database, store, jobs.lease(database, now() + timedelta(days=2), kinds=[jobs.IMPORT]), importer(database, store), ignore
    )
    assert run_of(database, lost).state == "failed"
    assert list(store.keys("imports/")) == []
    assert samples(database) == 0


def test_parts_of_another_length_or_of_another_run_are_refused(database, file):
    store, body = file
    run = request_import(database, "mixed", upload_of(body))
    with pytest.raises(Malformed):
        keep_part(database, store, run.id, 0, body[:-1][: PART - 1])
    with pytest.raises(NotFound):
        keep_part(database, store, run.id, 999, b"")
    with database.writing() as session:
        other = jobs.request_export(session, "mixed", {}).id
    with pytest.raises(NotFound):
        keep_part(database, store, other, 0, body[:PART])


def test_a_cancelled_import_leaves_no_part_behind(database, file):
    store, body = file[0], bytes(3 * PART // 2)
    run = request_import(database, "mixed", upload_of(body))
    keep_part(database, store, run.id, 0, body[:PART])
    assert len(list(store.keys("imports/"))) == 1
    with database.writing() as session:
        forget_parts(session, jobs.cancel(session, run.id))
    while drain(database, store):
        pass
    assert list(store.keys("imports/")) == []
    with pytest.raises(Conflict):
        keep_part(database, store, run.id, 1, body[PART:])
    assert list(store.keys("imports/")) == []


def test_a_part_that_arrives_while_its_import_is_cancelled_does_not_stay(database, file):
    body = b"x" * 10
    run = request_import(database, "mixed", upload_of(body))

    class Slow(FakeStore):
        def put(self, *given):
            super().put(*given)
            with database.writing() as session:
                forget_parts(session, jobs.cancel(session, run.id))

    store = Slow()
    with pytest.raises(Conflict, match="cancelled"):
        keep_part(database, store, run.id, 0, body)
    assert list(store.keys("imports/")) == []
