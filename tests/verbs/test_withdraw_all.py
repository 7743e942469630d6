"""Taking back everything that one person gave."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, event, func, select

from functions.errors import Conflict, UnknownContributor
from functions.records import outbox, training_samples
from functions.records.database import Database
from functions.records.samples import page_of_samples
from functions.records.tables import DrawingRow, EvidenceRow, OutboxRow, Run, Sample
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.correct import Correction, correct
from functions.verbs.predict import predict
from functions.verbs.reindex import reindex
from functions.verbs.withdraw import DRAWINGS_PER_TRANSACTION, TAKEN_BACK, retract, withdraw_all
from tests.support.evidence_factory import ANN, BOB
from tests.support.platform_fakes import FakeNetworks, fill_platform, promised
from tests.support.sample_drawings import ONE, SEVEN, drawing, upload


@pytest.fixture
def house(database: Database) -> Database:
    fill_platform(database)
    return database


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


def give(house: Database, contributor: str = ANN, label: str = "7") -> str:
    fields = {"set_name": "digits", "label": label, "drawing": drawing(), "contributor": contributor}
    return contribute(house, "open", Contribution(**fields)).sample


def ask(house: Database, contributor: str = ANN) -> str:
    fields = {"set_name": "digits", "drawing": drawing(ONE), "contributor": contributor}
    return predict(house, FakeNetworks(), **fields).id


def give_many(house: Database, count: int, contributor: str = ANN) -> None:
    """Copy one contribution, with the objects that it promised."""
    first = give(house, contributor)
    with house.writing() as session:
        sample = session.get_one(Sample, first)
        row = session.get_one(DrawingRow, sample.drawing_id)
        for number in range(count - 1):
            theirs = {"set_name": "digits", "contributor_id": contributor}
            drawn = DrawingRow(id=f"{number:032x}", square=row.square, strokes=row.strokes, png_sha256=row.png_sha256, **theirs)
            session.add(drawn)
            session.flush()
            copy = {"label": "7", "status": "accepted", "source": "contribution"}
            session.add(Sample(id=f"{number:032x}", drawing_id=drawn.id, **copy, **theirs))


def kept(house: Database, contributor: str) -> int:
    with house.reading() as session:
        question = select(func.count()).where(DrawingRow.contributor_id == contributor, func.length(DrawingRow.square) > 0)
        return session.scalar(question)


def test_samples_and_drawings_without_a_label_go_and_the_tombstones_stay(house: Database, store: FolderStore) -> None:
    sample, prediction = give(house), ask(house)
    corrected = ask(house)
    second = correct(house, store, "open", Correction(corrected, label="1")).sample
    others = give(house, BOB)
    outbox.drain(house, store)
    done = withdraw_all(house, ANN)
    assert (done.drawings, done.samples, done.versions, done.runs) == (3, 2, (), ())
    outbox.drain(house, store)
    assert {key.rpartition("/")[2].partition(".")[0] for key in list(store.keys())} == {others}
    with house.reading() as session:
        assert {session.get_one(Sample, one).status for one in (sample, second)} == {"withdrawn"}
        assert {session.get_one(Sample, one).reason for one in (sample, second)} == {TAKEN_BACK.code}
        rows = session.scalars(select(DrawingRow).where(DrawingRow.contributor_id == ANN)).all()
        assert {(row.strokes, row.square) for row in rows} == {(None, b"")}
        traces = session.scalars(select(EvidenceRow)).all()
        assert {trace.sample_id for trace in traces if not trace.wiped} == {others}
        assert {(trace.look, trace.belief) for trace in traces if trace.wiped} == {(0, None)}
        assert session.get_one(Sample, others).status == "accepted"
    with pytest.raises(Conflict, match="withdrawn"):
        correct(house, store, "open", Correction(prediction, right=True))


def test_bytes_that_did_not_get_to_the_store_yet_never_do(house: Database, store: FolderStore) -> None:
    give(house)
    ask(house)
    withdraw_all(house, ANN)
    assert set(promised(house).values()) == {False}
    with house.reading() as session:
        assert session.scalars(select(OutboxRow.body).where(OutboxRow.body.is_not(None))).all() == []
    outbox.drain(house, store)
    assert list(store.keys()) == []


def test_taking_back_twice_is_the_same_as_once(house: Database) -> None:
    give(house)
    assert withdraw_all(house, ANN).drawings == 1
    again = withdraw_all(house, ANN)
    assert (again.drawings, again.samples) == (0, 0)


def test_of_somebody_who_never_gave_anything_nothing_is_taken(house: Database) -> None:
    assert withdraw_all(house, ANN).drawings == 0
    with pytest.raises(UnknownContributor):
        retract(house, ANN)


class Killed(BaseException):
    """The process is gone."""


def test_a_crash_between_two_batches_leaves_a_rest_that_the_same_call_takes(house: Database) -> None:
    give_many(house, 2 * DRAWINGS_PER_TRANSACTION + 1)
    commits = []

    @event.listens_for(house.engine, "commit")
    def die_after_the_first(connection: object) -> None:
        commits.append(connection)
        if len(commits) == 2:
            raise Killed

    with pytest.raises(Killed):
        withdraw_all(house, ANN)
    event.remove(house.engine, "commit", die_after_the_first)
    assert kept(house, ANN) == DRAWINGS_PER_TRANSACTION + 1
    # What is wiped is promised to go, and nothing else.
    assert list(promised(house).values()).count(False) == 2 * DRAWINGS_PER_TRANSACTION
    done = withdraw_all(house, ANN)
    assert (done.drawings, done.samples, kept(house, ANN)) == (DRAWINGS_PER_TRANSACTION + 1, DRAWINGS_PER_TRANSACTION + 1, 0)
    assert list(promised(house).values()) == [False] * 2 * (2 * DRAWINGS_PER_TRANSACTION + 1)


def test_what_was_taken_back_is_in_no_list_and_teaches_nobody(house: Database) -> None:
    give(house)
    withdraw_all(house, ANN)
    with house.reading() as session:
        assert page_of_samples(session, "digits", limit=10).samples == []
        for read in (training_samples.untaught, training_samples.collected):
            assert list(read(session, "digits", 10)) == []
        assert list(training_samples.of_label(session, "digits", "7", 10)) == []
        assert list(training_samples.taught(session, "digits", 10, lambda ids: ids)) == []
        assert not training_samples.anything_unseen(session, "digits")


@pytest.mark.parametrize("labelled", [True, False])
def test_a_reindex_does_not_bring_it_back(house: Database, store: FolderStore, labelled: bool) -> None:
    given = give(house) if labelled else ask(house)
    outbox.drain(house, store)
    objects = {key: store.get(key) for key in list(store.keys())}
    withdraw_all(house, ANN)
    outbox.drain(house, store)
    for key, body in objects.items():  # an older copy of the bucket is put back
        store.put(key, body, "application/octet-stream")
    rebuilt = reindex(house, store)
    assert (rebuilt.samples, rebuilt.drawings, kept(house, ANN)) == (0, 0, 0)
    with house.reading() as session:
        statuses = session.scalars(select(Sample.status)).all()
        assert statuses == (["withdrawn"] if labelled else []), given
    outbox.drain(house, store)
    assert list(store.keys()) == []


def test_a_sample_whose_row_is_lost_does_not_bring_its_wiped_drawing_back(house: Database, store: FolderStore) -> None:
    sample = give(house)
    outbox.drain(house, store)
    objects = {key: store.get(key) for key in list(store.keys())}
    withdraw_all(house, ANN)
    outbox.drain(house, store)
    with house.writing() as session:
        session.execute(delete(EvidenceRow))
        session.delete(session.get_one(Sample, sample))
    for key, body in objects.items():
        store.put(key, body, "application/octet-stream")
    assert reindex(house, store).samples == 0
    outbox.drain(house, store)
    assert list(store.keys()) == []


def test_uploads_go_as_strokes_do(house: Database, store: FolderStore) -> None:
    fields = {"set_name": "digits", "label": "7", "drawing": upload(SEVEN), "contributor": ANN}
    contribute(house, "open", Contribution(**fields))
    outbox.drain(house, store)
    assert withdraw_all(house, ANN).samples == 1
    outbox.drain(house, store)
    assert list(store.keys()) == []


def test_the_owner_retracts_everything_with_the_reason_and_asks_for_no_run_unless_told_to(house: Database) -> None:
    sample = give(house)
    done = retract(house, ANN)
    assert (done.drawings, done.samples, done.runs) == (1, 1, ())
    with house.reading() as session:
        row = session.get_one(Sample, sample)
        assert (row.reason, row.reason_figures) == ("owner", {"action": "retracted"})
        assert session.scalars(select(Run).where(Run.kind == "train")).all() == []


def test_what_nobody_learned_need_not_be_forgotten(house: Database) -> None:
    give(house)
    assert retract(house, ANN, forget=True).runs == ()
