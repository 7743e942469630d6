"""Share the squares of a training with other machines: as files in the object store, so that no node needs the database.

The files are ``npz``, which NumPy reads into the very arrays of the training. Parquet would need ``pyarrow`` on each node,
which is optional elsewhere, for two columns. A file's name is the SHA-256 of its bytes. The files hold drawings, so they are
deleted when their run ends; ``sweep`` deletes those of a killed worker.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from functions.errors import BrokenArtefact, MissingObject, StoreUnavailable
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.squares import Squares, joined
from functions.learners.squares.sampling import HeldOut
from functions.records.tables import new_id, now
from functions.registry.version_facts import BEGINNING
from functions.store import Store, StoreAddress, open_store

FOLDER = "snapshots"
SHARD = 5_000  # squares of a file: about a megabyte, so that a node reads several files at once and repeats little
SAFE_AGE = timedelta(days=1)  # far longer than any run


@dataclass(frozen=True)
class SharedSquares:
    """The squares of one training as keys of files, in order; ``store`` tells a node where the files are."""

    store: StoreAddress
    new: tuple[str, ...]
    select: tuple[str, ...] = ()
    holdout: tuple[str, ...] = ()

    def read(self) -> TrainingSquares:
        """Read the squares; raise BrokenArtefact if a file is missing or changed, StoreUnavailable if it cannot be read."""
        store = open_store(self.store)
        return TrainingSquares(_read(store, self.new), held_out=HeldOut(_read(store, self.select), _read(store, self.holdout)))


@contextmanager
def shared(address: StoreAddress, squares: TrainingSquares) -> Iterator[SharedSquares]:
    """Write what a retraining needs of ``squares`` into the store, and delete the files at the end of the block.

    Raises:
        StoreUnavailable: the files cannot be written.
    """
    store, folder = open_store(address), f"{FOLDER}/{new_id()}"
    parts = squares.new, squares.held_out.select, squares.held_out.holdout
    written: list[str] = []
    try:
        for part in parts:
            written += _write(store, folder, part)
        counts = np.cumsum([-(-len(part) // SHARD) for part in parts])
        new, select, holdout = (tuple(some) for some in np.split(np.array(written, object), counts[:-1]))
        yield SharedSquares(address, new, select, holdout)
    finally:
        delete(store, written)


def delete(store: Store, keys: Sequence[str]) -> None:
    """Delete files; those of a store that is away are left for ``sweep``."""
    for key in keys:
        try:
            store.delete(key)
        except StoreUnavailable:
            return


def sweep(store: Store, age: timedelta = SAFE_AGE) -> int:
    """Delete shared files that are older than ``age``; return their number. Raise StoreUnavailable if none can be listed."""
    old = [key for key in store.keys(f"{FOLDER}/") if BEGINNING + _made(key) < now() - age]
    for key in old:
        store.delete(key)
    return len(old)


def _made(key: str) -> timedelta:
    return timedelta(milliseconds=int(key.split("/")[1][:12], 16))


def _write(store: Store, folder: str, squares: Squares) -> Iterator[str]:
    for start in range(0, len(squares), SHARD):
        some = squares.take(np.arange(start, min(start + SHARD, len(squares))))
        with io.BytesIO() as file:
            np.savez_compressed(file, x=some.x, y=some.y)
            body = file.getvalue()
        key = f"{folder}/{hashlib.sha256(body).hexdigest()}.npz"
        store.put(key, body, "application/octet-stream")
        yield key


def _read(store: Store, keys: Sequence[str]) -> Squares:
    return joined([_shard(store, key) for key in keys])


def _shard(store: Store, key: str) -> Squares:
    try:
        body = store.get(key)
    except MissingObject:
        raise BrokenArtefact("A file of the training's drawings is missing in the object store.") from None
    if hashlib.sha256(body).hexdigest() != key.rpartition("/")[2].removesuffix(".npz"):
        raise BrokenArtefact("A file of the training's drawings is not the one that was written.")
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return Squares(arrays["x"], arrays["y"])
