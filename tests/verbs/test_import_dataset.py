from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from functions.dataset.exchange.export import FORMATS, ExportRequest
from functions.domain.trust.reason_codes import in_words
from functions.errors import Malformed, UnknownSet
from functions.records.database import open_database
from functions.records.drawings import read_strokes
from functions.records.exported_samples import ExportFilter
from functions.records.kept_counts import differing
from functions.records.tables import DrawingRow, Sample, SymbolSetRow
from functions.store import FolderStore
from functions.verbs import import_dataset as module
from functions.verbs.export import export_to_folder, open_export, write_one_file
from functions.verbs.import_dataset import ImportRequest, import_dataset
from functions.verbs.withdraw import withdraw
from tests.support.filled_set import LABELS, fill_set

pytestmark = pytest.mark.above_sql
WHOLE = ExportFilter(statuses=("accepted", "pending"))


@pytest.fixture
def platform(tmp_path: Path, migrated_sqlite: Path):
    """A factory of platforms: a database and a store, both empty."""
    opened = []

    def make(name: str):
        (tmp_path / name).mkdir()
        shutil.copyfile(migrated_sqlite, tmp_path / name / "inkloop.sqlite")
        opened.append(open_database(f"sqlite:///{tmp_path / name / 'inkloop.sqlite'}"))
        return opened[-1], FolderStore(tmp_path / name / "objects")

    yield make
    for database in opened:
        database.engine.dispose()


def inside(database):
    """Return what a set has: labels, splits, states, and what is drawn."""
    with database.reading() as session:
        rows = session.execute(select(Sample, DrawingRow).join(DrawingRow, DrawingRow.id == Sample.drawing_id)).all()
        return Counter(
            (
                sample.label,
                sample.split or "test",  # of the contributor whose samples no run has seen
                sample.status,
                drawing.square,
                None if drawing.strokes is None else repr(read_strokes(drawing.strokes)),
            )
            for sample, drawing in rows
        )


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("one_file", [True, False])
def test_a_dataset_moves_to_an_empty_platform(platform, tmp_path, format, one_file):
    here, store = platform("here")
    fill_set(here, store)
    export = open_export(here, store, "mixed", ExportRequest(format, WHOLE), "CC-BY-4.0")
    path = tmp_path / (export.file_name if one_file else "out")
    (write_one_file if one_file else export_to_folder)(export, path)
    there, other = platform("there")
    if format == "jsonl" and one_file:  # lines alone have no card
        with pytest.raises(UnknownSet):
            import_dataset(there, other, ImportRequest("mixed", path, licence="CC-BY-4.0", create=True))
        with there.writing() as session:
            session.add(SymbolSetRow(name="mixed", labels=LABELS, origin="owner"))
    report = import_dataset(there, other, ImportRequest("mixed", path, licence="CC-BY-4.0", create=True))
    assert not report.refused
    if format in ("zip", "jsonl", "parquet"):
        assert report.added == 60
        with there.reading() as session:
            assert differing(session) == []
        assert inside(there) == inside(here)
    else:
        expected = Counter(key[:2] for key in inside(here).elements() if key[0] is not None)
        assert Counter(key[:2] for key in inside(there).elements()) == expected
        squares = Counter(key[3] for key in inside(here).elements() if key[0] is not None)
        assert Counter(key[3] for key in inside(there).elements()) == squares


def test_an_import_says_what_would_happen_and_is_marked(platform, tmp_path):
    here, store = platform("here")
    fill_set(here, store, count=12)
    export_to_folder(open_export(here, store, "mixed", ExportRequest("zip"), "CC0-1.0"), tmp_path / "out")
    there, other = platform("there")
    dry = import_dataset(there, other, ImportRequest("mixed", tmp_path / "out", create=True, dry_run=True))
    assert dry.added == 11
    with there.reading() as session:
        assert session.get(SymbolSetRow, "mixed") is None
    import_dataset(there, other, ImportRequest("mixed", tmp_path / "out", create=True, origin="the first platform"))
    with there.reading() as session:
        samples = list(session.scalars(select(Sample)))
    assert {sample.source for sample in samples} == {"import"}
    said = {in_words(sample.reason, sample.reason_figures) for sample in samples}
    assert said == {"imported by the owner from the first platform, licence: CC0-1.0"}


def test_an_import_that_was_killed_goes_on_and_doubles_nothing(platform, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 10)
    here, store = platform("here")
    fill_set(here, store)
    export_to_folder(open_export(here, store, "mixed", ExportRequest("zip", WHOLE), "CC0-1.0"), tmp_path / "out")
    there, other = platform("there")
    request = ImportRequest("mixed", tmp_path / "out", create=True)

    def killed(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_dataset(there, other, request, killed)
    assert inside(there).total() == 10
    report = import_dataset(there, other, request)
    assert (report.added, report.already) == (50, 10)
    assert inside(there) == inside(here)


def test_a_drawing_that_was_taken_back_does_not_come_back(platform, tmp_path):
    here, store = platform("here")
    ids = fill_set(here, store, count=12)
    export_to_folder(open_export(here, store, "mixed", ExportRequest("zip"), "CC0-1.0"), tmp_path / "out")
    withdraw(here, ids[0])
    report = import_dataset(here, store, ImportRequest("mixed", tmp_path / "out"))
    assert (report.added, report.already) == (0, 11)


def test_drawings_without_a_licence_are_not_taken(platform, tmp_path):
    there, other = platform("there")
    fill_set(there, other, count=1)
    (tmp_path / "plain" / "0").mkdir(parents=True)
    with pytest.raises(Malformed, match="licence"):
        import_dataset(there, other, ImportRequest("mixed", tmp_path / "plain"))
