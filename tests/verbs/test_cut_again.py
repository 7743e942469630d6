from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from functions.domain.reading import Pictured, Written
from functions.errors import Conflict, StoreUnavailable, UnknownPrediction
from functions.records.database import Database
from functions.records.tables import DrawingRow, EvidenceRow, OutboxRow, Prediction, Sample
from functions.store import FolderStore
from functions.verbs.correct import Correction, correct
from functions.verbs.cut_again import NewCut, cut_again
from functions.verbs.read import read
from functions.verbs.withdraw import withdraw_all
from tests.support.platform_fakes import FakeNetworks, fill_platform, promised
from tests.support.sample_lines import line, picture_of, strokes_of

pytestmark = pytest.mark.above_sql

ANN = "a" * 32


@pytest.fixture
def house(database: Database) -> Database:
    fill_platform(database)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


def kept(house: Database, text: str = "11", *, pictured: bool = False) -> tuple[str, ...]:
    """Keep a line, and return the ids of its predictions."""
    fields = line(text)
    writing = Pictured.from_png(picture_of(fields)) if pictured else Written.of(strokes_of(fields))
    reading = read(house, FakeNetworks(), set_name="digits", writing=writing, contributor=ANN)
    return tuple(str(glyph.prediction.id) for glyph in reading.glyphs)


def cut(house: Database, store: FolderStore, *predictions: str) -> list[str]:
    reading = cut_again(house, store, FakeNetworks(), NewCut("digits", predictions))
    return [str(glyph.prediction.id) for glyph in reading.glyphs]


def test_the_old_glyphs_are_gone_as_samples_drawings_and_objects(house: Database, folder: FolderStore) -> None:
    old = kept(house)
    correct(house, folder, "open", Correction(old[0], label="1"))
    (new,) = cut(house, folder, *old)
    with house.reading() as session:
        assert [(one.status, one.reason) for one in session.scalars(select(Sample))] == [("withdrawn", "corrected_again")]
        kept_rows = [row for row in session.scalars(select(DrawingRow)) if row.square]
        assert [row.contributor_id for row in kept_rows] == [ANN]
        assert session.get_one(Prediction, new).drawing_id == kept_rows[0].id
        assert session.scalar(select(func.count()).select_from(EvidenceRow).where(~EvidenceRow.wiped)) == 0
    put = [key for key, is_put in promised(house).items() if is_put]
    assert {Path(key).stem for key in put} == {kept_rows[0].id}


def test_the_new_glyph_is_corrected_like_any_other(house: Database, folder: FolderStore) -> None:
    (new,) = cut(house, folder, *kept(house))
    assert correct(house, folder, "open", Correction(new, label="4")).status == "accepted"
    with house.reading() as session:
        assert [one.label for one in session.scalars(select(Sample).where(Sample.status == "accepted"))] == ["4"]


@pytest.mark.parametrize("pictured", [False, True])
def test_joined_and_split_glyphs_keep_their_places(house: Database, folder: FolderStore, pictured: bool) -> None:
    old = kept(house, "111", pictured=pictured)
    if pictured:  # the pictures have reached the store, one of them with a label
        correct(house, folder, "open", Correction(old[0], label="1"))
        with house.reading() as session:
            for row in session.scalars(select(OutboxRow).where(OutboxRow.body.is_not(None))):
                folder.put(row.key, row.body or b"", row.content_type)
    joined = cut(house, folder, *old[:2])
    split = cut(house, folder, *joined)
    with house.reading() as session:
        boxes = [session.get_one(Prediction, one).opinions["reading"]["box"] for one in (*old[:2], *split)]
        assert len({session.get_one(Prediction, one).opinions["reading"]["id"] for one in (*old, *split)}) == 1
    for before, after in zip(boxes[:2], boxes[2:], strict=True):
        assert after == pytest.approx(before, abs=2)


def test_only_kept_glyphs_of_one_reading_are_cut_again(house: Database, folder: FolderStore) -> None:
    one, other = kept(house), kept(house)
    with pytest.raises(Conflict):
        cut(house, folder, one[0], other[0])
    with pytest.raises(UnknownPrediction):
        cut(house, folder, "nothing")
    withdraw_all(house, ANN)
    with pytest.raises(Conflict, match="withdrawn"):
        cut(house, folder, *one)


def test_nothing_changes_while_the_store_is_away(house: Database, folder: FolderStore) -> None:
    class Away(FolderStore):
        """A store that nobody reaches."""

        def get(self, key: str) -> bytes:
            """Fail."""
            raise StoreUnavailable("The store is away.")

    old = kept(house, pictured=True)
    with house.writing() as session:
        for row in session.scalars(select(OutboxRow)):
            session.delete(row)
    with pytest.raises(StoreUnavailable):
        cut(house, Away(folder.root if hasattr(folder, "root") else Path("objects")), *old)
    with house.reading() as session:
        assert all(row.square for row in session.scalars(select(DrawingRow)))
