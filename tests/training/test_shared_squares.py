"""Squares as files in the object store, for nodes that have no database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from functions.errors import BrokenArtefact
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.squares import Squares
from functions.learners.squares.sampling import HeldOut
from functions.store import StoreAddress, open_store
from functions.training import shared_squares
from functions.training.shared_squares import SHARD, shared, sweep


def some(count: int, seed: int) -> Squares:
    rng = np.random.default_rng(seed)
    return Squares(rng.integers(0, 256, (count, 28, 28), np.uint8), rng.integers(0, 400, count))


@pytest.fixture
def address(tmp_path: Path) -> StoreAddress:
    return StoreAddress(None, tmp_path / "objects")


def equal(one: Squares, other: Squares) -> bool:
    return np.array_equal(one.x, other.x) and np.array_equal(one.y, other.y)


def test_a_node_reads_the_same_arrays_and_the_files_are_gone_afterwards(address, monkeypatch):
    monkeypatch.setattr(shared_squares, "SHARD", 100)
    squares = TrainingSquares(some(250, 1), held_out=HeldOut(some(120, 2), some(0, 3)))
    with shared(address, squares) as found:
        assert [len(keys) for keys in (found.new, found.select, found.holdout)] == [3, 2, 0]
        read = found.read()
    assert equal(read.new, squares.new)
    assert equal(read.held_out.select, squares.held_out.select)
    assert equal(read.held_out.holdout, squares.held_out.holdout)
    assert list(open_store(address).keys()) == []


def test_the_files_are_gone_after_an_error(address):
    with pytest.raises(ZeroDivisionError), shared(address, TrainingSquares(some(5, 1))):
        raise ZeroDivisionError
    assert list(open_store(address).keys()) == []


def test_a_file_that_is_missing_or_changed_is_refused(address):
    with shared(address, TrainingSquares(some(5, 1))) as found:
        store = open_store(address)
        store.put(found.new[0], b"other", "application/octet-stream")
        with pytest.raises(BrokenArtefact, match="not the one"):
            found.read()
        store.delete(found.new[0])
        with pytest.raises(BrokenArtefact, match="missing"):
            found.read()


def test_files_of_a_killed_worker_are_swept_after_a_day(address):
    store = open_store(address)
    with shared(address, TrainingSquares(some(5, 1))) as found:
        assert sweep(store) == 0
        assert sweep(store, timedelta(0)) == 1
        assert not store.exists(found.new[0])


def test_a_full_run_needs_few_files():
    assert 60_000 / SHARD <= 12  # the most squares of a full run
