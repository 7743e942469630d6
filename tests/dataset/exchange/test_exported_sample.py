from __future__ import annotations

import hashlib

import pytest

from functions import registry
from functions.dataset.exchange.exported_sample import SampleSource, pseudonym
from functions.records.tables import Sample
from functions.store import FolderStore
from tests.support.filled_set import fill_set

pytestmark = pytest.mark.above_sql


def test_a_sample_that_no_run_has_seen_has_the_split_of_its_contributor(export):
    found = list(export("jsonl")._source().samples("none"))
    splits = {}
    for sample in found:
        splits.setdefault(sample.contributor, set()).add(sample.split)
    assert all(len(of_one) == 1 for of_one in splits.values())
    assert len(splits) == 6


def test_contributors_are_pseudonyms(export):
    found = {sample.contributor for sample in export("jsonl")._source().samples("none")}
    assert pseudonym(f"{0:012x}{'c' * 20}") in found
    assert not any("c" * 16 in one for one in found)


def test_a_picture_comes_from_the_store_or_from_the_row(database, tmp_path):
    store = FolderStore(tmp_path / "objects")
    ids = fill_set(database, store, count=12)
    with database.reading() as session:
        symbols = registry.symbol_set(session, "mixed")
        sample = session.get_one(Sample, ids[0])
    for key in [key for key in store.keys("samples/") if ids[0] in key or ids[5] in key]:
        store.delete(key)  # of a drawing with strokes, and of an upload
    source = SampleSource(database, store, symbols)
    found = {one.id: one for one in source.samples("all")}
    assert set(found) == {one for one in ids if one != ids[11]}
    assert found[ids[0]].png_sha256 == hashlib.sha256(found[ids[0]].png).hexdigest()
    assert sample.label == found[ids[0]].label
    assert found[ids[5]].png.startswith(b"\x89PNG")
