"""The squares and labels of an export as arrays: one NPZ that opens like Keras's ``mnist.npz``, or IDX files as MNIST has them.

Both formats write the number of samples in front of the samples. So the samples are first collected in temporary files.
Arrays have no place for samples without a split or a label: these are left out, and the card says how many.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO

import numpy as np

from functions.dataset.exchange.exported_sample import ExportedSample
from functions.dataset.exchange.zip_stream import ExportFile, copied
from functions.domain.problem import Problem
from functions.domain.symbols import SymbolSet
from functions.errors import Conflict

NAMES = {"train": "train", "validation": "val", "test": "test"}  # as Keras calls them
MNIST_NAMES = {"train": "train", "validation": "validation", "test": "t10k"}
MOST_IDX_LABELS = 256  # of one unsigned byte
SIDE = 28


class Arrays:
    """The samples of each split in temporary files; ``left_out`` counts those that have no place."""

    def __init__(self, symbols: SymbolSet, samples: Iterable[ExportedSample]) -> None:
        self.labels, self.left_out, self.counts = symbols.labels, Counter[str](), Counter[str]()
        self.kind = np.dtype("uint8") if len(self.labels) <= MOST_IDX_LABELS else np.dtype("uint16")
        self._files = {split: (_temporary(), _temporary()) for split in NAMES}
        numbers = {label: number for number, label in enumerate(self.labels)}
        for sample in samples:
            if sample.split not in NAMES or sample.label is None:
                self.left_out["not a symbol" if sample.label is None else "without a split"] += 1
                continue
            squares, labels = self._files[sample.split]
            squares.write(sample.square.tobytes())
            labels.write(numbers[sample.label].to_bytes(self.kind.itemsize, "little"))
            self.counts[sample.split] += 1

    def of(self, split: str) -> tuple[Iterator[bytes], Iterator[bytes]]:
        """Return the bytes of the squares and of the labels of a split."""
        squares, labels = self._files[split]
        return copied(squares), copied(labels)


def _temporary() -> IO[bytes]:
    return TemporaryFile()


def npz_members(arrays: Arrays) -> Iterator[ExportFile]:
    """Yield the members of an NPZ: ``x_train`` (n, 28, 28) and ``y_train`` (n,) and so on, and the ``labels`` that y counts."""
    for split, name in NAMES.items():
        squares, labels = arrays.of(split)
        if split == "validation" and not arrays.counts[split]:
            continue
        count = arrays.counts[split]
        yield ExportFile(f"x_{name}.npy", _npy(np.dtype("uint8"), (count, SIDE, SIDE), squares))
        yield ExportFile(f"y_{name}.npy", _npy(arrays.kind, (count,), labels))
    written = io.BytesIO()
    np.save(written, np.array(arrays.labels, dtype=np.str_), allow_pickle=False)
    yield ExportFile("labels.npy", written.getvalue())


def idx_files(arrays: Arrays) -> Iterator[ExportFile]:
    """Yield the four gzip files of MNIST, and two more for validation where that has samples.

    Raises:
        Conflict: the set has more labels than one byte counts.
    """
    if len(arrays.labels) > MOST_IDX_LABELS:
        raise Conflict(Problem("export_idx_labels", most=MOST_IDX_LABELS, count=len(arrays.labels)))
    for split, name in MNIST_NAMES.items():
        squares, labels = arrays.of(split)
        count = arrays.counts[split]
        if split == "validation" and not count:
            continue
        yield ExportFile(f"{name}-images-idx3-ubyte.gz", _gzipped(struct.pack(">4L", 0x803, count, SIDE, SIDE), squares))
        yield ExportFile(f"{name}-labels-idx1-ubyte.gz", _gzipped(struct.pack(">2L", 0x801, count), labels))
    yield ExportFile("labels.txt", "".join(f"{label}\n" for label in arrays.labels).encode())


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield bytes as gzip, without a time: the same bytes give the same file."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
    for piece in pieces:
        yield deflate.compress(piece)
    yield deflate.flush()


def _gzipped(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield from gzipped(_with(head, rest))


def _with(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _npy(kind: np.dtype[np.generic], shape: tuple[int, ...], rest: Iterator[bytes]) -> Iterator[bytes]:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
    )
    yield from _with(head.getvalue(), rest)
