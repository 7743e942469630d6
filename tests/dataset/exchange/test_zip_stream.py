from __future__ import annotations

import io
import zipfile

import pytest

from functions.dataset.exchange import zip_stream
from functions.dataset.exchange.zip_stream import ExportFile, zipped


def opened(files):
    return zipfile.ZipFile(io.BytesIO(b"".join(zipped(files))))


def test_files_of_known_and_unknown_length_come_out_as_they_went_in():
    files = {"a/é.txt": b"text " * 1000, "b.png": bytes(range(256)) * 9, "empty": b"", "streamed.bin": b"12" * 300_000}
    archive = opened(
        ExportFile(name, iter([body[:7], b"", body[7:]]) if name.startswith("s") else body) for name, body in files.items()
    )
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == files
    assert archive.getinfo("b.png").compress_type == zipfile.ZIP_STORED
    assert archive.getinfo("a/é.txt").compress_type == zipfile.ZIP_DEFLATED


@pytest.mark.long_run
def test_more_files_than_16_bits_count_can_be_read():
    archive = io.BytesIO(b"".join(zipped(ExportFile(f"{number}", b"x") for number in range(66_000))))
    assert len(zipfile.ZipFile(archive).namelist()) == 66_000


def test_numbers_that_32_bits_cannot_hold_are_written_as_zip64(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zip_stream, "LARGE", 1000)  # instead of writing four gigabytes
    files = {"a.png": b"a" * 1500, "b.png": b"b" * 1200, "c.png": b"c"}
    whole = b"".join(zipped(ExportFile(name, iter([body])) for name, body in files.items()))
    # The records say "see Zip64" by this value.
    whole = whole.replace((1000).to_bytes(4, "little"), b"\xff\xff\xff\xff")
    archive = zipfile.ZipFile(io.BytesIO(whole))
    assert {name: archive.read(name) for name in archive.namelist()} == files


def test_the_same_files_make_the_same_archive():
    assert len({b"".join(zipped([ExportFile("a", b"1"), ExportFile("b", iter([b"2"]))])) for _ in range(2)}) == 1
