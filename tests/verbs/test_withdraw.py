from __future__ import annotations

from pathlib import Path

import pytest

from functions.errors import UnknownSample
from functions.records import outbox
from functions.records.database import Database
from functions.records.growth import counts_by_status
from functions.records.tables import DrawingRow, Sample
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.withdraw import withdraw
from tests.support.platform_fakes import fill_platform, promised
from tests.support.sample_drawings import drawing


@pytest.fixture
def sample(database: Database) -> str:
    fill_platform(database)
    fields = {"set_name": "digits", "label": "7", "drawing": drawing(), "contributor": "a" * 32}
    return contribute(database, "review", Contribution(**fields)).sample


@pytest.mark.parametrize("delivered", [True, False])
def test_of_a_withdrawn_sample_only_a_tombstone_remains(database: Database, sample: str, tmp_path: Path, delivered: bool) -> None:
    store = FolderStore(tmp_path / "objects")
    if delivered:
        outbox.drain(database, store)
        assert len(list(store.keys())) == 2
    withdraw(database, sample)
    outbox.drain(database, store)
    assert list(store.keys()) == []
    with database.reading() as session:
        row = session.get_one(Sample, sample)
        kept = session.get_one(DrawingRow, row.drawing_id)
        assert (row.status, kept.strokes, kept.square) == ("withdrawn", None, b"")
        assert counts_by_status(session) == {("digits", "withdrawn"): 1}


def test_withdrawing_twice_is_the_same_as_once(database: Database, sample: str) -> None:
    withdraw(database, sample)
    gone = promised(database)
    withdraw(database, sample)
    assert promised(database) == gone


def test_what_never_was_cannot_be_withdrawn(database: Database, sample: str) -> None:
    with pytest.raises(UnknownSample):
        withdraw(database, "0" * 32)
