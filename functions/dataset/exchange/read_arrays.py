"""Reads squares and labels from an NPZ or from IDX files, row by row. Nothing is ever unpickled."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from tokenize import TokenError
from typing import IO

import numpy as np

from functions.dataset.exchange.file_tree import UNREADABLE, Archive, FileTree, read_at_most
from functions.dataset.exchange.incoming import Incoming, Labels, Refused, split_of
from functions.dataset.exchange.read_lines import plain
from functions.domain.problem import Problem
from functions.errors import Malformed

SIDE = 28
MOST_LABELS_BYTES = 2**20
HEADER_BYTES = 10_000
IMAGES, IDX_LABELS = "-images-idx3-ubyte", "-labels-idx1-ubyte"


def read_npz(tree: FileTree, labels: Labels) -> Iterator[Incoming | Refused]:
    """Yield the drawings of ``x_train, y_train`` and so on; raise Malformed for arrays of another kind, objects among them."""
    for name in tree.names():
        if name.lower().endswith(".npz"):
            with tree.open(name) as file:
                yield from _of_npz(Archive(file), labels)


def read_idx(tree: FileTree, labels: Labels) -> Iterator[Incoming | Refused]:
    """Yield the drawings of each pair of IDX files; raise Malformed for another kind or a wrong length."""
    names = tree.names()
    words = labels.symbols.labels
    if "labels.txt" in names:
        words = tuple((read_at_most(tree, "labels.txt", MOST_LABELS_BYTES) or b"").decode(errors="replace").splitlines())
    for images in (name for name in names if IMAGES in name):
        partner = images.replace(IMAGES, IDX_LABELS)
        if partner not in names:
            raise Malformed(Problem("import_no_partner", name=images, partner=partner))
        # Labels of one kind shrink to nothing; there are as many of them as pictures.
        with plain(tree.open(images), images) as x, plain(tree.open(partner), partner, shrinks=True) as y:
            count = _idx_head(images, x, 0x803, (SIDE, SIDE))
            if _idx_head(partner, y, 0x801, ()) != count:
                raise Malformed(Problem("import_pair_differs", name=images, partner=partner))
            split = split_of(images.rpartition("/")[2].partition("-")[0])
            yield from _rows(images, x, y, count, np.dtype("uint8"), split, words, labels)
            try:
                longer = x.read(1) or y.read(1)
            except UNREADABLE as error:
                raise Malformed(Problem("import_pair_cut_off", name=images, partner=partner, answer=str(error))) from None
            if longer:
                raise Malformed(Problem("import_pair_longer", name=images, partner=partner))


def _of_npz(archive: Archive, labels: Labels) -> Iterator[Incoming | Refused]:
    names = archive.names()
    words: Sequence[str] = labels.symbols.labels
    if "labels.npy" in names:
        words = _words(archive)
    pairs = [name for name in names if name.startswith("x_") and name.endswith(".npy")]
    if not pairs:
        raise Malformed(Problem("import_npz_empty"))
    for name in pairs:
        partner = f"y_{name[2:]}"
        if partner not in names:
            raise Malformed(Problem("import_npz_partner", name=name, partner=partner))
        with archive.open(name) as x, archive.open(partner) as y:
            kind, shape = _npy_head(name, x)
            if kind != np.uint8 or shape[1:] not in ((SIDE, SIDE), (SIDE, SIDE, 1)):
                raise Malformed(Problem("import_npz_squares", name=name, kind=str(kind), shape=str(shape)))
            y_kind, y_shape = _npy_head(partner, y)
            if y_kind.kind not in "ui" or y_shape not in ((shape[0],), (shape[0], 1)):
                raise Malformed(Problem("import_npz_labels", name=partner, count=shape[0], kind=str(y_kind), shape=str(y_shape)))
            yield from _rows(name, x, y, shape[0], y_kind, split_of(name[2:-4]), words, labels)


def _words(archive: Archive) -> Sequence[str]:
    with archive.open("labels.npy") as file:
        kind, shape = _npy_head("labels", file)
        if kind.kind != "U" or len(shape) != 1 or not 0 <= kind.itemsize * shape[0] <= MOST_LABELS_BYTES:
            raise Malformed(Problem("import_npz_words"))
        try:
            body = file.read(kind.itemsize * shape[0])
        except UNREADABLE as error:
            raise Malformed(Problem("import_npz_words_cut_off", answer=str(error))) from None
        if len(body) != kind.itemsize * shape[0]:
            raise Malformed(Problem("import_npz_words_end"))
        return [str(word) for word in np.frombuffer(body, kind)]


def _npy_head(name: str, file: IO[bytes]) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    """Return the type and the shape of an array, whose values then follow in the file; raise Malformed."""
    try:
        major, _ = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        shape, fortran, kind = read(file, max_header_size=HEADER_BYTES)
    except (*UNREADABLE, TokenError) as error:
        raise Malformed(Problem("import_no_array", name=name, answer=str(error)[:100])) from None
    if kind.hasobject:
        raise Malformed(Problem("import_objects", name=name))
    if fortran:
        raise Malformed(Problem("import_columns_order", name=name))
    return kind, shape


def _rows(
    name: str,
    x: IO[bytes],
    y: IO[bytes],
    count: int,
    kind: np.dtype[np.generic],
    split: str | None,
    words: Sequence[str],
    labels: Labels,
) -> Iterator[Incoming | Refused]:
    for number in range(count):
        try:
            pixels, place = x.read(SIDE * SIDE), y.read(kind.itemsize)
        except UNREADABLE as error:
            raise Malformed(Problem("import_cut_off", name=name, answer=str(error))) from None
        if len(pixels) < SIDE * SIDE or len(place) < kind.itemsize:
            raise Malformed(Problem("import_ends", name=name, number=number, count=count))
        where, label = f"{name}, row {number}", int(np.frombuffer(place, kind)[0])
        if not 0 <= label < len(words):
            yield Refused(where, Problem("refused_label_number", label=label, count=len(words)))
            continue
        try:
            square = np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE)
            yield Incoming(where, labels.known(words[label]), split, square=square)
        except LookupError as error:
            yield Refused(where, error.args[0])


def _idx_head(name: str, file: IO[bytes], magic: int, rest: tuple[int, ...]) -> int:
    try:
        head = file.read(8 + 4 * len(rest))
        found, count, *shape = struct.unpack(f">{2 + len(rest)}L", head)
    except UNREADABLE:
        raise Malformed(Problem("import_no_idx", name=name)) from None
    if found != magic or tuple(shape) != rest:
        raise Malformed(Problem("import_idx_squares" if rest else "import_idx_labels", name=name))
    return int(count)
