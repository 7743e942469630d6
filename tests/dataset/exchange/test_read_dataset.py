"""What strangers' files do: each is refused in a sentence, or read as far as it is right."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from PIL import Image

from functions.dataset.exchange import read_parquet
from functions.dataset.exchange.incoming import Incoming, Refused
from functions.dataset.exchange.label_folders import folder_of
from functions.dataset.exchange.read_dataset import read_dataset
from functions.domain.symbols import SymbolSet
from functions.errors import Malformed, Unavailable

ODD = ["a/b", "..", ".", "\u202e7", "CON", "手" * 64, "x.y", "A", "a"]
SYMBOLS = SymbolSet("odd", ("0", "1", "7", "a/b", "..", ".", "CON", "手" * 64, "x.y", "A", "a"))


def png(number=1):
    picture = Image.new("L", (28, 28), 255)
    picture.putpixel((number % 28, 5), 0)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def zipped(tmp_path, files):
    with zipfile.ZipFile(tmp_path / "given.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, zipfile.ZIP_DEFLATED
            archive.writestr(info, body)
    return tmp_path / "given.zip"


def read(path):
    found = list(read_dataset(path, SYMBOLS))
    return [one for one in found if isinstance(one, Incoming)], [one for one in found if isinstance(one, Refused)]


def test_plain_folders_are_read_and_every_other_file_is_named(tmp_path):
    for name, body in {
        "train/7/a.png": png(),
        "test/1/b.png": png(),
        "7/c.png": png(),
        "7/d.jpg": b"\xff\xd8\xff",
        "7/e.png": b"\xff\xd8\xff",
        "7/f.txt": b"text",
        "8/g.png": png(),
        "h.png": png(),
        "7/i.png": b"x" * (2**20 + 1),
        f"{folder_of(None)}/j.png": png(),
        "README.md": b"",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(body)
    good, refused = read(tmp_path)
    assert {(one.label, one.split) for one in good} == {("7", "train"), ("1", "test"), ("7", None), (None, None)}
    assert {one.name: one.reason[:8] for one in refused} == {
        "7/d.jpg": "JPEG blu",
        "7/e.png": "JPEG blu",
        "7/f.txt": "it is no",
        "8/g.png": "'8' is n",
        "h.png": "it lies ",
        "7/i.png": "it is la",
    }


@pytest.mark.parametrize(
    "name", ["../7/a.png", "/7/a.png", "C:\\data\\7\\a.png", "7\\a.png", "7/../../a.png", "7/a\n.png", "C:/7/a.png"]
)
def test_a_path_that_leads_out_refuses_the_whole_archive(tmp_path, name):
    with pytest.raises(Malformed, match="leads out"):
        read(zipped(tmp_path, {"7/good.png": png(), name: png()}))


def test_a_bomb_is_refused_before_it_is_inflated(tmp_path):
    with pytest.raises(Malformed, match="bomb"):
        read(zipped(tmp_path, {"7/a.png": bytes(50_000_000)}))


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "a.jsonl.gz"])
def test_a_compressed_file_that_inflates_too_much_is_a_bomb(tmp_path, name):
    body = struct.pack(">4L", 2051, 10**6, 28, 28) + bytes(3_000_000) if "idx" in name else (b" " * 100_000 + b"\n") * 30
    (tmp_path / name).write_bytes(gzip.compress(body))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(struct.pack(">2L", 2049, 10**6) + bytes(10**6)))
    with pytest.raises(Malformed, match="200-fold: it is a bomb"):
        read(tmp_path)


def test_labels_of_one_kind_are_no_bomb(tmp_path):
    many = 2_000_000  # of which the first three have pictures: labels are read beside them
    pictures = np.random.default_rng(1).integers(0, 256, (3, 28, 28), np.uint8).tobytes()
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(struct.pack(">4L", 2051, many, 28, 28) + pictures))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(struct.pack(">2L", 2049, many) + bytes(many)))
    with pytest.raises(Malformed, match="ends after 3 of"):
        read(tmp_path)


def test_parquet_that_inflates_too_much_is_a_bomb_and_unknown_columns_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(read_parquet, "IN_MEMORY", 2**20)

    def written(**columns):
        rows = len(columns["label"])
        table = pyarrow.table({"image": [{"bytes": png()}] * rows, **columns})
        pyarrow.parquet.write_table(table, tmp_path / "a.parquet", compression="zstd")
        return tmp_path / "a.parquet"

    good, refused = read(written(label=["7"] * 3, junk=[[1, 2]] * 3))
    assert ([one.label for one in good], refused) == (["7"] * 3, [])
    assert "junk" not in good[0].facts
    with pytest.raises(Malformed, match="200-fold: it is a bomb"):
        read(written(label=["7"], strokes=["0" * 3_000_000]))


def test_files_that_overlap_are_a_bomb(tmp_path):
    body = bytearray(zipped(tmp_path, {"7/a.png": png(), "7/b.png": png(2)}).read_bytes())
    start = body.index(b"PK\x01\x02")
    body[start + 20 : start + 24] = struct.pack("<L", 10_000)
    (tmp_path / "given.zip").write_bytes(body)
    with pytest.raises(Malformed, match="overlap"):
        read(tmp_path / "given.zip")


@pytest.mark.long_run
def test_ten_thousand_files_in_one_label_are_read(tmp_path):
    good, refused = read(zipped(tmp_path, {f"7/{number}.png": b"x" for number in range(10_000)}))
    assert (len(good), refused) == (10_000, [])


@pytest.mark.parametrize("label", ODD)
def test_an_odd_label_is_found_by_its_folder_and_the_card(tmp_path, label):
    card = json.dumps({"folders": {folder_of(label): label}})
    path = zipped(tmp_path, {f"train/{folder_of(label)}/a.png": png(), "card.json": card})
    good, refused = read(path)
    if label in SYMBOLS.labels:
        assert [one.label for one in good] == [label]
    else:
        assert [one.reason for one in refused] == [f"{label!r} is not a label of 'odd'"]


def npz(tmp_path, **arrays):
    with zipfile.ZipFile(tmp_path / "given.npz", "w") as archive:
        for name, array in arrays.items():
            written = io.BytesIO()
            np.save(written, array) if not isinstance(array, bytes) else written.write(array)
            archive.writestr(f"{name}.npy", written.getvalue())
    return tmp_path / "given.npz"


class Evil:
    """Runs code where it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('unpickled')",))


X, Y = np.ones((2, 28, 28), np.uint8), np.array([1, 7], np.uint8)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x_train": np.array([Evil()], object), "y_train": Y}, "Python objects"),
        ({"x_train": X, "y_train": np.array([Evil()], object)}, "Python objects"),
        ({"x_train": pickle.dumps(Evil()), "y_train": Y}, "not an array"),
        ({"x_train": X}, "and not 'y_train.npy'"),
        ({"pictures": X}, "no array"),
        ({"x_train": X.astype(np.float32), "y_train": Y}, "must be bytes"),
        ({"x_train": X[:, :20], "y_train": Y}, "must be bytes"),
        ({"x_train": np.asfortranarray(X), "y_train": Y}, "by columns"),
        ({"x_train": X, "y_train": Y[:1]}, "whole numbers"),
        ({"x_train": X, "y_train": Y, "labels": np.array([Evil()], object)}, "Python objects"),
    ],
)
def test_an_npz_of_another_kind_is_refused_and_never_unpickled(tmp_path, arrays, sentence):
    with pytest.raises(Malformed, match=sentence):
        read(npz(tmp_path, **arrays))


def test_an_npz_names_the_rows_whose_label_is_unknown(tmp_path):
    good, refused = read(npz(tmp_path, x_train=X, y_train=np.array([1, 70])))
    assert ([one.label for one in good], len(refused)) == (["1"], 1)
    assert "70" in refused[0].reason


@pytest.mark.parametrize(
    ("images", "labels", "sentence"),
    [
        (struct.pack(">4L", 2051, 3, 28, 28) + bytes(2 * 784), struct.pack(">2L", 2049, 3) + bytes(3), "ends after 2 of 3"),
        (struct.pack(">4L", 2051, 2, 28, 28) + bytes(3 * 784), struct.pack(">2L", 2049, 2) + bytes(2), "longer"),
        (struct.pack(">4L", 2051, 2, 28, 28) + bytes(2 * 784), struct.pack(">2L", 2049, 3) + bytes(3), "different numbers"),
        (struct.pack(">4L", 2051, 2, 20, 20) + bytes(800), struct.pack(">2L", 2049, 2) + bytes(2), "28 x 28"),
        (b"short", struct.pack(">2L", 2049, 2) + bytes(2), "no IDX"),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_idx_of_a_wrong_length_is_refused(tmp_path, images, labels, sentence, packed):
    ending, pack = (".gz", gzip.compress) if packed else ("", bytes)
    (tmp_path / f"train-images-idx3-ubyte{ending}").write_bytes(pack(images))
    (tmp_path / f"train-labels-idx1-ubyte{ending}").write_bytes(pack(labels))
    with pytest.raises(Malformed, match=sentence):
        read(tmp_path)


def test_parquet_of_another_schema_is_refused_with_its_columns(tmp_path):
    pyarrow.parquet.write_table(pyarrow.table({"picture": [b"1"], "label": [1]}), tmp_path / "a.parquet")
    with pytest.raises(Malformed, match="picture, label"):
        read(tmp_path / "a.parquet")
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not at all")
    with pytest.raises(Malformed, match="not Parquet"):
        read(tmp_path / "a.parquet")


def test_lines_that_are_no_drawings_are_named_by_their_number(tmp_path):
    lines = [
        b'{"label": "7", "strokes": [[[1, 2], [3, 4]]], "width": 10, "height": 10}',
        b"{not json",
        b"[1]",
        b'{"label": "8", "strokes": []}',
        b'{"word": "7", "drawing": [[[0, 255], [3, 200]]]}',
        b'{"word": "7", "drawing": [[[0, 255], [3]]]}',
        b'{"label": "7"}',
        b'{"label": ["7"], "strokes": []}',
        b'{"label": "7", "image": "no base64!"}',
        b"[" * 100_000,
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    good, refused = read(tmp_path / "a.jsonl")
    assert [one.name for one in good] == ["a.jsonl, line 1", "a.jsonl, line 5"]
    assert [one.name.rpartition(" ")[2] for one in refused] == ["2", "3", "4", "6", "7", "8", "9", "10"]


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(10), b"\x1f\x8b\x08 cut"])
@pytest.mark.parametrize("name", ["a.zip", "a.npz", "a.jsonl.gz", "a.parquet"])
def test_a_broken_file_is_one_sentence(tmp_path, name, body):
    (tmp_path / name).write_bytes(body)
    try:
        good, _ = read(tmp_path / name)
    except Malformed as error:
        assert str(error).endswith(".")
    else:
        assert good == []


def packed(files, method=zipfile.ZIP_DEFLATED):
    """Return a zip archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return written.getvalue()


def whole_files():
    """Return a file of each format, all of them right, by its name."""
    numbers = np.arange(6 * 784, dtype=np.uint8).reshape(6, 28, 28)
    npz, parquet = io.BytesIO(), io.BytesIO()
    np.savez_compressed(npz, x_train=numbers, y_train=np.arange(6) % 3, labels=np.array(["0", "1", "7"]))
    table = pyarrow.table({"image": [{"bytes": png(number)} for number in range(6)], "label": ["7"] * 6})
    pyarrow.parquet.write_table(table, parquet)
    lines = b"".join(b'{"label": "7", "strokes": [[[%d, 2], [3, 4]]], "width": 99, "height": 99}\n' % i for i in range(60))
    idx = struct.pack(">4L", 0x803, 6, 28, 28) + numbers.tobytes(), struct.pack(">2L", 0x801, 6) + bytes(6)
    pictures = {f"7/{number}.png": png(number) for number in range(6)}
    return {
        "pictures.zip": packed(pictures),
        "pictures-bzip2.zip": packed(pictures, zipfile.ZIP_BZIP2),
        "pictures-lzma.zip": packed(pictures, zipfile.ZIP_LZMA),
        "pictures-stored.zip": packed(pictures, zipfile.ZIP_STORED),
        "lines.zip": packed({"a.jsonl": lines}),
        "lines-lzma.zip": packed({"a.jsonl": lines}, zipfile.ZIP_LZMA),
        "lines.jsonl.gz": gzip.compress(lines),
        "lines-gz.zip": packed({"a.jsonl.gz": gzip.compress(lines)}, zipfile.ZIP_STORED),
        "arrays.npz": npz.getvalue(),
        "arrays.zip": packed({"a.npz": npz.getvalue()}),
        "idx.zip": packed({"train-images-idx3-ubyte": idx[0], "train-labels-idx1-ubyte": idx[1]}),
        "idx-gz.zip": packed(
            {f"train-{n}-ubyte.gz": gzip.compress(b) for n, b in zip(("images-idx3", "labels-idx1"), idx, strict=True)}
        ),
        "table.parquet": parquet.getvalue(),
        "table.zip": packed({"a.parquet": parquet.getvalue()}),
        "metadata.zip": packed(
            {"7/1.png": png(), "metadata.jsonl": b'{"file_name": "7/1.png", "label": "7"}', "card.json": b"{}"}
        ),
    }


SLOW = {"table.parquet"}  # pyarrow ends its process at some of them, so each is looked at by another process


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.long_run if one in SLOW else ()) for one in whole_files()])
def test_a_file_with_a_damaged_byte_is_read_as_far_as_it_is_right_or_told_in_a_sentence(tmp_path, name):
    body = whole_files()[name]
    (tmp_path / name).write_bytes(body)
    assert read(tmp_path / name)[0]
    told = 0
    for place in np.linspace(0, len(body) - 1, 60).astype(int):
        damaged = bytearray(body)
        damaged[place] ^= 0x55
        (tmp_path / name).write_bytes(damaged)
        try:
            read(tmp_path / name)
        except Malformed as error:
            told += 1
            assert str(error).endswith(".")
    assert told


def test_a_full_disk_is_told_as_one_and_not_as_a_damaged_file(tmp_path, monkeypatch):
    (tmp_path / "some.parquet").write_bytes(bytes(100))
    monkeypatch.setattr(read_parquet, "NamedTemporaryFile", lambda suffix: Path("/dev/full").open("wb"))  # noqa: SIM115
    with pytest.raises(Unavailable, match="disk for temporary files is full"):
        list(read_dataset(tmp_path / "some.parquet", SYMBOLS))


def test_a_parquet_file_at_which_pyarrow_would_end_the_worker_is_told_in_a_sentence(tmp_path):
    body = bytearray(whole_files()["table.parquet"])
    body[595] ^= 0x55  # the size of a histogram
    (tmp_path / "a.parquet").write_bytes(body)
    with pytest.raises(Malformed, match="damaged"):
        read(tmp_path / "a.parquet")
