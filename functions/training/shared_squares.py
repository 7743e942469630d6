"""Share the squares of a training with other machines: as files in the object store, so that no node needs the database.

The files are Parquet (``learners.squares.parquet``), some thousands of squares each. A file's name is the SHA-256 of its bytes.
The files hold drawings, so they are deleted when their run ends; ``sweep`` deletes those of a killed worker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from functions.domain.problem import Problem
from functions.errors import BrokenArtefact, MissingObject, StoreUnavailable
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.squares import Squares, joined
from functions.learners.squares.parquet import from_parquet, to_parquet
from functions.learners.squares.sampling import HeldOut
from functions.records.tables import new_id, now
from functions.registry.version_facts import BEGINNING
from functions.store import Store, StoreAddress, open_store

FOLDER = "snapshots"
SHARD = 5_000  # squares of a file: about a megabyte, so that a node reads several files at once and repeats little
SAFE_AGE = timedelta(days=1)  # far longer than any run


@dataclass(frozen=True)
class Part:
    """Squares to share, with their ``weights`` (n,) if they have some."""

    squares: Squares
    weights: NDArray[np.float64] | None = None


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
        new, select, holdout = (read_part(store, keys).squares for keys in (self.new, self.select, self.holdout))
        return TrainingSquares(new, held_out=HeldOut(select, holdout))


@contextmanager
def shared(address: StoreAddress, squares: TrainingSquares) -> Iterator[SharedSquares]:
    """Write what a retraining needs of ``squares`` into the store, and delete the files at the end of the block.

    Raises:
        StoreUnavailable: the files cannot be written.
    """
    parts = squares.new, squares.held_out.select, squares.held_out.holdout
    with written(address, [Part(one) for one in parts]) as keys:
        yield SharedSquares(address, *keys)


@contextmanager
def written(address: StoreAddress, parts: Sequence[Part]) -> Iterator[list[tuple[str, ...]]]:
    """Write parts into the store; yield the keys of each part's files in order, and delete them at the end of the block.

    Raises:
        StoreUnavailable: the files cannot be written.
    """
    store, folder, keys = open_store(address), f"{FOLDER}/{new_id()}", list[str]()
    try:
        found = []
        for part in parts:
            before = len(keys)
            for key in _write(store, folder, part):
                keys.append(key)  # at once: a failure must leave no file
            found.append(tuple(keys[before:]))
        yield found
    finally:
        delete(store, keys)


def read_part(store: Store, keys: Sequence[str]) -> Part:
    """Read the files of a part; raise BrokenArtefact if one is missing or changed, StoreUnavailable if it cannot be read."""
    shards = [_shard(store, key) for key in keys]
    weights = [shard.weights for shard in shards if shard.weights is not None]
    return Part(joined([shard.squares for shard in shards]), np.concatenate(weights) if weights else None)


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


def _write(store: Store, folder: str, part: Part) -> Iterator[str]:
    for start in range(0, len(part.squares), SHARD):
        some = np.arange(start, min(start + SHARD, len(part.squares)))
        body = to_parquet(part.squares.take(some), None if part.weights is None else part.weights[some])
        key = f"{folder}/{hashlib.sha256(body).hexdigest()}.parquet"
        store.put(key, body, "application/vnd.apache.parquet")
        yield key


def _shard(store: Store, key: str) -> Part:
    try:
        body = store.get(key)
    except MissingObject:
        raise BrokenArtefact(Problem("shared_missing")) from None
    if hashlib.sha256(body).hexdigest() != key.rpartition("/")[2].removesuffix(".parquet"):
        raise BrokenArtefact(Problem("shared_changed"))
    return Part(*from_parquet(body))
