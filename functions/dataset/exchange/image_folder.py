"""Pictures in label folders, with ``metadata.jsonl`` beside them: ``<split>/<label>/<id>.png``.

Hugging Face's ``datasets`` opens it with ``load_dataset("imagefolder", data_dir=...)``, and Keras reads each split's folder.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO

from functions.dataset.exchange.exported_sample import ExportedSample
from functions.dataset.exchange.label_folders import folder_of
from functions.dataset.exchange.zip_stream import PIECE, ExportFile

METADATA = "metadata.jsonl"


def image_folder(samples: Iterable[ExportedSample]) -> Iterator[ExportFile]:
    """Yield the pictures, and then the metadata of each split; a line has the picture's place, its facts and its SHA-256."""
    lines: dict[str, _Lines] = {}
    for sample in samples:
        name = f"{folder_of(sample.label)}/{sample.id}.png"
        lines.setdefault(sample.split, _Lines()).add({"file_name": name, **sample.facts(), "sha256": sample.png_sha256})
        yield ExportFile(f"{sample.split}/{name}", sample.png or b"")
    for split, kept in lines.items():
        yield ExportFile(f"{split}/{METADATA}", kept.pieces())


class _Lines:
    """Lines of JSON in a compressed temporary file: strokes of a million drawings are a gigabyte."""

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - it lives as long as these lines
        self._deflate = zlib.compressobj(1)

    def add(self, line: dict[str, object]) -> None:
        """Add a line."""
        self._file.write(self._deflate.compress(json_line(line)))

    def pieces(self) -> Iterator[bytes]:
        """Yield the lines, and delete the file."""
        self._file.write(self._deflate.flush())
        self._file.seek(0)
        inflate = zlib.decompressobj()
        with self._file:
            while packed := self._file.read(PIECE):
                yield inflate.decompress(packed)


def json_line(line: dict[str, object]) -> bytes:
    """Return a value as a line of JSON."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
