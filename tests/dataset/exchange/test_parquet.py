from __future__ import annotations

import io
import json
import sys

import pyarrow.parquet
import pytest

from functions.dataset.exchange.parquet import load_arrow
from functions.errors import Unavailable
from tests.support.filled_set import LABELS


def test_each_split_is_a_file_with_pictures_and_the_labels_as_features(export):
    files = {file.name: b"".join(file.pieces()) for file in export("parquet").files()}
    tables = {name: pyarrow.parquet.read_table(io.BytesIO(body)) for name, body in files.items() if name.endswith(".parquet")}
    assert set(tables) == {f"data/{split}-00000.parquet" for split in ("train", "validation", "test")}
    assert sum(table.num_rows for table in tables.values()) == 55
    rows = [row for table in tables.values() for row in table.to_pylist()]
    assert all(row["image"]["bytes"].startswith(b"\x89PNG") for row in rows)
    assert {row["label"] for row in rows} == {-1, *range(10)}
    features = json.loads(tables["data/train-00000.parquet"].schema.metadata[b"huggingface"])["info"]["features"]
    assert features["label"] == {"names": LABELS, "_type": "ClassLabel"}
    assert b"path: data/train-*.parquet" in files["README.md"]


def test_a_machine_without_pyarrow_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Unavailable, match=r"requirements-parquet\.txt"):
        load_arrow()
