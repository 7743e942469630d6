"""Exports are opened by the programs that people have: Keras, datasets, pandas, DuckDB and idx2numpy."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from functions.verbs.export import export_to_folder, write_one_file
from tests.support.filled_set import LABELS

pytestmark = pytest.mark.long_run
SPLITS = ("train", "validation", "test")


def run(code: str, *arguments: object, home: Path) -> object:
    """Run ``code`` in a process of its own, with neither network nor the caches of a user; return what it prints as JSON."""
    environ = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(home / "cache"), "KERAS_HOME": str(home / "keras")}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def facts(export) -> dict[str, dict]:
    """What each exported drawing is, by id, from the lines of JSON."""
    lines = b"".join(export("jsonl").one_file()).splitlines()
    return {line["id"]: line for line in map(json.loads, lines)}


def test_datasets_opens_the_zip_as_a_folder_of_images(export, facts, tmp_path):
    with zipfile.ZipFile(io.BytesIO(b"".join(export("zip").one_file()))) as archive:
        archive.extractall(tmp_path / "pictures")
    code = """
import json, sys
from datasets import load_dataset
found = load_dataset("imagefolder", data_dir=sys.argv[1], drop_labels=False)
print(json.dumps({name: [[row["id"], row["image"].size[0], row["image"].convert("L").getextrema()[0]] for row in rows]
                  for name, rows in found.items()}))
"""
    found = run(code, tmp_path / "pictures", home=tmp_path)
    assert {id: split for split in SPLITS for id, *_ in found[split]} == {id: one["split"] for id, one in facts.items()}
    assert {size for split in SPLITS for _, size, _ in found[split]} == {280}
    assert all(darkest < 50 for split in SPLITS for *_, darkest in found[split]), "black ink on white"


def test_datasets_pandas_and_duckdb_open_parquet(export, facts, tmp_path):
    export_to_folder(export("parquet"), tmp_path / "out")
    code = """
import glob, io, json, sys
import duckdb, pandas
from datasets import load_dataset
from PIL import Image
folder = sys.argv[1]
files = sorted(glob.glob(f"{folder}/**/*.parquet", recursive=True))
whole = load_dataset(folder)
label = next(iter(whole.values())).features["label"]
frame = pandas.concat(pandas.read_parquet(file) for file in files)
picture = Image.open(io.BytesIO(frame.iloc[0]["image"]["bytes"]))
print(json.dumps({
    "datasets": {row["id"]: [split, label.int2str(row["label"]) if row["label"] not in (None, -1) else None, row["image"].size[0]]
                 for split, rows in whole.items() for row in rows},
    "pandas": sorted(frame["id"]), "size": picture.size[0],
    "duckdb": duckdb.sql(f"select id, split from read_parquet({files!r})").fetchall(),
}))
"""
    found = run(code, tmp_path / "out", home=tmp_path)
    wanted = {id: [one["split"], one["label"], 280] for id, one in facts.items()}
    assert found["datasets"] == wanted
    assert (found["pandas"], found["size"]) == (sorted(facts), 280)
    assert dict(found["duckdb"]) == {id: one["split"] for id, one in facts.items()}


def test_keras_opens_the_npz_in_the_place_of_its_own_mnist(export, tmp_path):
    (tmp_path / "keras" / "datasets").mkdir(parents=True)
    write_one_file(export("npz"), tmp_path / "keras" / "datasets" / "mnist.npz")
    # The loader checks the SHA-256 of MNIST itself, and would then download it: here the file is what it is.
    code = """
import json
import keras.src.datasets.mnist as mnist
from keras.utils import get_file
mnist.get_file = lambda fname, origin, file_hash: get_file(fname, origin=origin)
(x, y), (x_test, y_test) = mnist.load_data()
print(json.dumps([x.shape, y.tolist(), x_test.shape, y_test.tolist(), str(x.dtype)]))
"""
    shape, y, test_shape, y_test, kind = run(code, home=tmp_path)
    with np.load(io.BytesIO(b"".join(export("npz").one_file()))) as arrays:
        assert (y, y_test) == (arrays["y_train"].tolist(), arrays["y_test"].tolist())
    assert (shape, test_shape, kind) == ([len(y), 28, 28], [len(y_test), 28, 28], "uint8")


def test_idx2numpy_opens_idx(export, tmp_path):
    export_to_folder(export("idx"), tmp_path / "out")
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (tmp_path / name).write_bytes(gzip.decompress((tmp_path / "out" / f"{name}.gz").read_bytes()))
    code = """
import json, sys, idx2numpy
x, y = (idx2numpy.convert_from_file(name) for name in sys.argv[1:])
print(json.dumps([x.shape, y.tolist(), int(x.max())]))
"""
    shape, y, most = run(code, tmp_path / "train-images-idx3-ubyte", tmp_path / "train-labels-idx1-ubyte", home=tmp_path)
    assert (shape, most) == ([len(y), 28, 28], 255)
    assert set(y) <= set(range(len(LABELS)))
