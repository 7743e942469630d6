from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from functions import jobs
from functions.dataset.splits import FIRST, splits_of
from functions.domain.drawing import Drawing
from functions.errors import BadLabel, Conflict, StoreUnavailable, UnknownPrediction
from functions.records import outbox
from functions.records.contributors import ensure_contributor
from functions.records.database import Database
from functions.records.facts import read_facts
from functions.records.growth import counts_by_status
from functions.records.tables import DrawingRow, EvidenceRow, Prediction, Run, Sample
from functions.store import FolderStore, Store
from functions.verbs.correct import Corrected, Correction, correct
from functions.verbs.moderate import relabel
from functions.verbs.predict import predict
from functions.verbs.withdraw import withdraw
from tests.support.factories import somebody
from tests.support.platform_fakes import FakeNetworks, fill_platform, quiet_times
from tests.support.sample_drawings import drawing, png, upload

ANN = "a" * 32


@pytest.fixture
def house(database: Database) -> Database:
    fill_platform(database)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


class AwayStore(FolderStore):
    """A store that nobody reaches."""

    def get(self, key: str) -> bytes:
        """Fail."""
        raise StoreUnavailable("The store is away.")


class Watching(FolderStore):
    """A store that counts the connections to a database that are in use while it is asked for bytes."""

    def __init__(self, folder: Path, database: Database) -> None:
        super().__init__(folder)
        self._pool, self.connections = database.engine.pool, list[int]()

    def get(self, key: str) -> bytes:
        """Return an object."""
        self.connections.append(self._pool.checkedout())  # type: ignore[attr-defined]
        return super().get(key)


def asked(house: Database, drawn: Drawing | None = None, reject: float = 0.0) -> str:
    networks = FakeNetworks(reject)
    predicted = predict(house, networks, set_name="digits", drawing=drawn or drawing(), contributor=ANN)
    assert predicted.id is not None
    return predicted.id


def say(house: Database, store: Store, correction: Correction, trust: str = "review") -> Corrected:
    return correct(house, store, trust, correction)


def test_a_correction_makes_a_sample_of_what_was_seen(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    made = say(house, folder, Correction(prediction, label="1"))
    with house.reading() as session:
        sample = session.get_one(Sample, made.sample)
        assert (sample.label, sample.source, sample.prediction_id, sample.contributor_id) == ("1", "correction", prediction, ANN)
        assert session.scalar(select(func.count()).select_from(DrawingRow)) == 1
        assert session.get_one(Run, made.run).kind == "learn"
    assert quiet_times(house) == [0.5]


def test_right_takes_what_was_shown_and_trust_still_weighs_what_the_networks_said(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    with house.writing() as session:
        row = session.get_one(Prediction, prediction)
        row.opinions = {**row.opinions, "adapted": {**row.answer, "label": "1"}}
    made = say(house, folder, Correction(prediction, right=True))
    with house.reading() as session:
        assert session.get_one(Sample, made.sample).label == "1"
        assert session.get_one(EvidenceRow, made.sample).answered == "7"


@pytest.mark.parametrize("drain_first", [True, False])
@pytest.mark.parametrize("drawn", [drawing, upload])
def test_the_picture_moves_to_the_sample(house: Database, folder: FolderStore, drawn: object, drain_first: bool) -> None:
    prediction = asked(house, drawn())
    if drain_first:
        outbox.drain(house, folder)
    made = say(house, folder, Correction(prediction, label="1"))
    outbox.drain(house, folder)
    key = f"samples/digits/1/{made.sample}"
    assert list(folder.keys()) == [f"{key}.json", f"{key}.png"]
    assert folder.get(f"{key}.png") == png()


def test_strokes_need_no_store_and_an_upload_only_after_it_was_delivered(house: Database, tmp_path: Path) -> None:
    away = AwayStore(tmp_path / "objects")
    assert say(house, away, Correction(asked(house), label="1")).status == "accepted"
    prediction = asked(house, upload())
    outbox.drain(house, away)
    with pytest.raises(StoreUnavailable):
        say(house, away, Correction(prediction, label="1"))
    with house.reading() as session:
        assert session.scalar(select(func.count()).select_from(Sample)) == 1


def test_a_slow_store_is_not_waited_for_with_a_connection_to_the_database(house: Database, tmp_path: Path) -> None:
    store = Watching(tmp_path / "objects", house)
    prediction = asked(house, upload())
    outbox.drain(house, store)
    first = say(house, store, Correction(prediction, label="1")).sample
    outbox.drain(house, store)
    relabel(house, store, first, "3")
    outbox.drain(house, store)
    assert store.connections == [0, 0]


def test_right_is_the_answers_label(house: Database, folder: FolderStore) -> None:
    made = say(house, folder, Correction(asked(house), right=True))
    with house.reading() as session:
        assert session.get_one(Sample, made.sample).label == "7"


def test_right_of_what_was_rejected_is_that_it_is_not_a_symbol(house: Database, folder: FolderStore) -> None:
    made = say(house, folder, Correction(asked(house, reject=0.9), right=True))
    with house.reading() as session:
        sample = session.get_one(Sample, made.sample)
        assert (sample.label, sample.status) == (None, "accepted")
    assert made.run is not None


def test_a_prediction_from_before_networks_could_reject_can_be_corrected(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    with house.writing() as session:
        row = session.get_one(Prediction, prediction)
        row.answer = {"status": "sure", "label": "7", "p": 0.9}
        models = [{name: value for name, value in one.items() if name != "reject"} for one in row.opinions["models"]]
        row.opinions = {"models": models}
    made = say(house, folder, Correction(prediction, right=True))
    outbox.drain(house, folder)
    assert read_facts(folder.get(f"samples/digits/7/{made.sample}.json")).prediction.answer["p"] == 0.9


def test_right_and_the_same_label_are_the_same_correction(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    assert say(house, folder, Correction(prediction, right=True)) == say(house, folder, Correction(prediction, label="7"))


def test_what_is_not_a_symbol_teaches_too(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    made = say(house, folder, Correction(prediction, label=None))
    assert (made.status, quiet_times(house)) == ("accepted", [0.5])
    with house.reading() as session:
        assert session.get_one(Run, made.run).kind == "learn"
    assert say(house, folder, Correction(prediction, label=None)) == made
    outbox.drain(house, folder)
    assert f"samples/digits/_not-a-symbol/{made.sample}.png" in list(folder.keys())


def test_another_label_withdraws_the_sample_before_and_keeps_its_row(house: Database, folder: FolderStore) -> None:
    prediction = asked(house, upload())
    labels = ["1", "2", None, "1"]
    made = []
    for label in labels:
        made.append(say(house, folder, Correction(prediction, label=label)).sample)
        outbox.drain(house, folder)
    assert len(set(made)) == 4
    with house.reading() as session:
        rows = [session.get_one(Sample, one) for one in made]
        assert [row.status for row in rows] == ["withdrawn"] * 3 + ["accepted"]
        assert [row.reason for row in rows[:3]] == ["corrected_again"] * 3
        assert counts_by_status(session) == {("digits", "withdrawn"): 3, ("digits", "accepted"): 1}
    assert [key for key in folder.keys("samples/") if key.endswith(".png")] == [f"samples/digits/1/{made[3]}.png"]
    assert folder.get(f"samples/digits/1/{made[3]}.png") == png()


def test_the_same_label_again_tells_the_run_that_taught_it(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    first = say(house, folder, Correction(prediction, label="1"))
    with house.writing() as session:
        session.get_one(Run, first.run).state = "done"
        session.get_one(Sample, first.sample).taught_to = first.run
    say(house, folder, Correction(asked(house), label="2"))
    assert say(house, folder, Correction(prediction, label="1")).run == first.run


def test_a_withdrawn_drawing_cannot_be_corrected(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    made = say(house, folder, Correction(prediction, label="1"))
    withdraw(house, made.sample)
    for label in ("1", "2"):
        with pytest.raises(Conflict):
            say(house, folder, Correction(prediction, label=label))


def test_withdrawing_a_replaced_sample_leaves_the_later_one(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    first = say(house, folder, Correction(prediction, label="1"))
    second = say(house, folder, Correction(prediction, label="2"))
    withdraw(house, first.sample)
    assert say(house, folder, Correction(prediction, label="2")).sample == second.sample


def test_an_unknown_label_or_prediction_changes_nothing(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    with pytest.raises(BadLabel):
        say(house, folder, Correction(prediction, label="x"))
    with pytest.raises(UnknownPrediction):
        say(house, folder, Correction("0" * 32, label="1"))
    with house.reading() as session:
        assert session.scalar(select(func.count()).select_from(Sample)) == 0


def test_a_correction_that_waits_for_the_owner_asks_for_no_run(house: Database, folder: FolderStore) -> None:
    prediction = asked(house)
    made = say(house, folder, Correction(prediction, label="1"), trust="moderated")
    assert (made.status, made.run) == ("pending", None)
    assert say(house, folder, Correction(prediction, label="1"), trust="moderated") == made


def test_who_only_judges_is_told_so_at_once_and_no_run_is_asked_for(house: Database, folder: FolderStore) -> None:
    judge = somebody("test")
    with house.writing() as session:
        for one in [somebody("train") for _ in range(FIRST)]:
            ensure_contributor(session, one)
            splits_of(session, "digits", [one])
    said = []
    for trust in ("review", "moderated"):
        kept = predict(house, FakeNetworks(), set_name="digits", drawing=drawing(), contributor=judge)
        for _ in range(2):
            made = say(house, folder, Correction(str(kept.id), label="1"), trust)
            said.append((made.status, made.run, made.apart))
    assert said == [("accepted", None, True)] * 2 + [("pending", None, True)] * 2
    assert quiet_times(house) == []
    assert jobs.reconcile(house, 0) == []
