from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from functions.errors import BadLabel, Conflict
from functions.records.audit_log import CLI
from functions.records.database import Database
from functions.records.tables import DrawingRow, OutboxRow, Prediction, Run, Sample
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.correct import Correction, correct
from functions.verbs.moderate import SAMPLES_PER_TRANSACTION, moderate, moderate_all, put_all_back, put_back, relabel
from functions.verbs.predict import predict
from functions.verbs.withdraw import withdraw
from tests.support.factories import add_sample
from tests.support.fake_store import FakeStore
from tests.support.platform_fakes import FakeNetworks, fill_platform, quiet_times
from tests.support.sample_drawings import drawing


@pytest.fixture
def sample(database: Database) -> str:
    fill_platform(database)
    fields = {"set_name": "digits", "label": "7", "drawing": drawing(), "contributor": "a" * 32}
    return contribute(database, "moderated", Contribution(**fields)).sample


@pytest.mark.parametrize(("accept", "status", "runs"), [(True, "accepted", 1), (False, "rejected", 0)])
def test_the_owners_decision_is_kept_beside_the_picture_too(
    database: Database, sample: str, accept: bool, status: str, runs: int
) -> None:
    moderate(database, sample, accept=accept)
    with database.reading() as session:
        assert session.get_one(Sample, sample).status == status
        assert session.scalar(select(func.count()).select_from(Run)) == runs
        bodies = session.scalars(select(OutboxRow.body).where(OutboxRow.key.like("%.json")).order_by(OutboxRow.id)).all()
        assert json.loads(bodies[-1])["sample"]["status"] == status


def test_what_was_withdrawn_cannot_be_accepted(database: Database, sample: str) -> None:
    withdraw(database, sample)
    with pytest.raises(Conflict):
        moderate(database, sample, accept=True)


def test_another_label_waits_for_a_correction_and_not_the_other_way_round(database: Database, tmp_path: Path) -> None:
    fill_platform(database)
    prediction = predict(database, FakeNetworks(), set_name="digits", drawing=drawing(), contributor="a" * 32).id
    store = FolderStore(tmp_path)
    first = correct(database, store, "review", Correction(str(prediction), label="1")).sample
    owner = threading.Thread(target=relabel, args=(database, store, first, "3"))
    with database.writing() as session:  # as ``correct`` locks them, slowly
        row = session.get_one(Prediction, str(prediction), with_for_update=True)
        owner.start()
        time.sleep(0.5)
        session.get_one(DrawingRow, row.drawing_id, with_for_update=True)
    owner.join()
    with database.reading() as session:
        assert list(session.scalars(select(Sample.label).where(Sample.status != "withdrawn"))) == ["3"]


def test_accepting_what_is_not_a_symbol_asks_for_a_run_too(database: Database, sample: str) -> None:
    with database.writing() as session:
        session.get_one(Sample, sample).label = None
    moderate(database, sample, accept=True)
    assert len(quiet_times(database)) == 1


@pytest.mark.parametrize(("accept", "status", "runs"), [(True, "accepted", 1), (False, "rejected", 0)])
def test_all_of_one_contributor_that_waits_is_decided_at_once(
    database: Database, sample: str, accept: bool, status: str, runs: int
) -> None:
    count = SAMPLES_PER_TRANSACTION + 1
    with database.writing() as session:
        theirs = [add_sample(session, "7", "quarantined" if n % 2 else "pending") for n in range(count)]
        taught = add_sample(session, "7", "accepted")
        for row in (*theirs, taught):
            row.contributor_id = theirs[0].contributor_id
        contributor = theirs[0].contributor_id
    assert moderate_all(database, set_name="digits", contributor=contributor, accept=accept).count == count
    assert moderate_all(database, set_name="digits", contributor=contributor, accept=accept).count == 0
    with database.reading() as session:
        assert {session.get_one(Sample, row.id).status for row in theirs} == {status}
        assert session.get_one(Sample, taught.id).status == "accepted"
        assert session.get_one(Sample, sample).status == "pending"
        assert session.scalar(select(func.count()).select_from(Run)) == runs


def test_a_decision_about_all_of_a_contributor_can_be_taken_back(database: Database, sample: str) -> None:
    with database.writing() as session:
        theirs = [add_sample(session, "7", "quarantined" if n else "pending") for n in range(3)]
        for row in theirs:
            row.contributor_id = theirs[0].contributor_id
    done = moderate_all(database, set_name="digits", contributor=theirs[0].contributor_id, accept=False, by=CLI)
    moderate(database, theirs[2].id, accept=True)  # decided anew, so it stays
    assert put_all_back(database, done.acts, by=CLI) == 2
    assert [look(database, row.id)[1] for row in theirs] == ["pending", "quarantined", "accepted"]
    assert put_all_back(database, done.acts, by=CLI) == 0
    with pytest.raises(Conflict):
        put_all_back(database, ["none"])


def look(database: Database, sample: str) -> tuple[str | None, str, str]:
    with database.reading() as session:
        row = session.get_one(Sample, sample)
        return row.label, row.status, row.reason


@pytest.mark.parametrize("accept", [True, False])
def test_a_decision_can_be_taken_back(database: Database, sample: str, accept: bool) -> None:
    before = moderate(database, sample, accept=accept)
    assert put_back(database, FakeStore(), before) == sample
    assert look(database, sample) == ("7", "pending", "moderated")
    with pytest.raises(Conflict):
        put_back(database, FakeStore(), before)


def test_another_label_makes_another_sample_and_can_be_taken_back(database: Database, sample: str) -> None:
    before = relabel(database, FakeStore(), sample, "1")
    assert look(database, sample) == ("7", "withdrawn", "corrected_again")
    assert look(database, before.sample) == ("1", "accepted", "owner")
    with database.reading() as session:
        keys = session.scalars(select(OutboxRow.key).where(OutboxRow.body.is_not(None), OutboxRow.key.like("%.png"))).all()
    assert [key for key in keys if sample in key] == []
    assert len([key for key in keys if before.sample in key]) == 1
    again = put_back(database, FakeStore(), before)
    assert look(database, again) == ("7", "pending", "moderated")
    assert look(database, before.sample)[1] == "withdrawn"


def test_a_label_that_the_set_lacks_changes_nothing(database: Database, sample: str) -> None:
    with pytest.raises(BadLabel):
        relabel(database, FakeStore(), sample, "x")
    with pytest.raises(Conflict):
        relabel(database, FakeStore(), sample, "7")
    assert look(database, sample) == ("7", "pending", "moderated")


def test_the_authors_receipt_withdraws_what_the_owner_relabelled(database: Database, sample: str) -> None:
    made = relabel(database, FakeStore(), sample, "1").sample
    withdraw(database, sample)
    assert look(database, made)[1] == "withdrawn"
    with database.reading() as session:
        assert session.scalar(select(DrawingRow.strokes)) is None
