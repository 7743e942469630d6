from __future__ import annotations

import json
import zipfile

import pytest

from functions.dataset.exchange import export as exchange
from functions.dataset.exchange.export import ExportRequest
from functions.errors import BadLabel, Conflict, Malformed, NotFound, StoreUnavailable, UnknownSet
from functions.records.exported_samples import ExportFilter
from functions.store import FolderStore
from functions.verbs.export import export_to_folder, open_export, write_one_file
from tests.support.filled_set import fill_set

pytestmark = pytest.mark.above_sql


def test_what_cannot_be_exported_is_said_before_anything_is_written(database, tmp_path):
    store = FolderStore(tmp_path / "objects")
    fill_set(database, store, count=2)
    for problem, name, wanted in (
        (UnknownSet, "nothing", ExportFilter()),
        (BadLabel, "mixed", ExportFilter(labels=("Z",))),
        (NotFound, "mixed", ExportFilter(snapshot="no such")),
        (Malformed, "mixed", ExportFilter(statuses=("withdrawn",))),
    ):
        with pytest.raises(problem):
            open_export(database, store, name, ExportRequest("zip", wanted))


def test_an_export_into_a_folder_goes_on_after_a_stop(database, tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "PART_SIZES", {"zip": 20})
    store = FolderStore(tmp_path / "objects")
    fill_set(database, store)

    class Away(FolderStore):
        gets = 0

        def get(self, key):
            Away.gets += 1
            if Away.gets > 45:
                raise StoreUnavailable("The store is away.")
            return super().get(key)

    folder, request = tmp_path / "out", ExportRequest("zip")
    with pytest.raises(StoreUnavailable):
        export_to_folder(open_export(database, Away(tmp_path / "objects"), "mixed", request), folder)
    first = (folder / "mixed-00000.zip").stat()
    with pytest.raises(Conflict, match="other filters"):
        export_to_folder(open_export(database, store, "mixed", ExportRequest("npz")), folder)
    export_to_folder(open_export(database, store, "mixed", request), folder)
    assert (folder / "mixed-00000.zip").stat() == first  # not written again
    names = {path.name for path in folder.iterdir()}
    assert names == {"mixed-00000.zip", "mixed-00001.zip", "mixed-00002.zip", "README.md", "card.json"}
    card = json.loads((folder / "card.json").read_text())
    assert card["samples"] == 55
    pictures = [name for part in folder.glob("*.zip") for name in zipfile.ZipFile(part).namelist() if name.endswith(".png")]
    assert len(pictures) == len(set(pictures)) == 55
    with pytest.raises(Conflict, match="files that are not of this export"):
        export_to_folder(open_export(database, store, "mixed", request), folder)


def test_one_file_appears_when_it_is_complete(database, tmp_path):
    store = FolderStore(tmp_path / "objects")
    fill_set(database, store, count=3)
    write_one_file(open_export(database, store, "mixed", ExportRequest("idx")), tmp_path / "mixed.zip")
    assert "train-images-idx3-ubyte.gz" in zipfile.ZipFile(tmp_path / "mixed.zip").namelist()
    assert not list(tmp_path.glob("*.unfinished"))
