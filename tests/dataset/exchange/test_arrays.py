from __future__ import annotations

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest

from functions.dataset.exchange.arrays import Arrays, idx_files
from functions.domain.symbols import SymbolSet
from functions.errors import Conflict
from tests.support.filled_set import LABELS


def test_an_npz_has_the_arrays_of_keras_and_needs_no_pickle(export):
    with np.load(io.BytesIO(b"".join(export("npz").one_file())), allow_pickle=False) as arrays:
        x, y, labels = arrays["x_train"], arrays["y_train"], arrays["labels"]
        assert (x.dtype, x.shape[1:], len(x)) == (np.uint8, (28, 28), len(y))
        assert labels.tolist() == LABELS
        assert {len(arrays[f"x_{name}"]) for name in ("val", "test")} == {14, 19}
        assert x.max() == 255 and x[:, 0].max() == 0  # white ink on black, with a margin


def test_idx_has_the_four_files_of_mnist_with_the_same_squares_and_labels(export):
    files = {file.name: b"".join(file.pieces()) for file in export("idx").files()}
    with np.load(io.BytesIO(b"".join(export("npz").one_file()))) as arrays:
        for mnist, keras in (("train", "train"), ("t10k", "test"), ("validation", "val")):
            images = gzip.decompress(files[f"{mnist}-images-idx3-ubyte.gz"])
            labels = gzip.decompress(files[f"{mnist}-labels-idx1-ubyte.gz"])
            x, y = arrays[f"x_{keras}"], arrays[f"y_{keras}"]
            assert struct.unpack(">4L", images[:16]) == (2051, len(x), 28, 28)
            assert struct.unpack(">2L", labels[:8]) == (2049, len(y))
            assert (images[16:], labels[8:]) == (x.tobytes(), y.tobytes())


def test_samples_without_a_label_are_left_out_and_the_card_counts_them(export):
    made = export("npz")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(made.one_file())))
    assert made.tally.left_out == {"not a symbol": 4}
    assert b"4 not a symbol" in archive.read("README.md")


def test_idx_refuses_more_labels_than_a_byte_counts():
    symbols = SymbolSet("many", tuple(f"l{number}" for number in range(300)))
    with pytest.raises(Conflict, match="256 labels"):
        list(idx_files(Arrays(symbols, [])))
