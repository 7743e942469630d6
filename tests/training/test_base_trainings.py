"""Base networks on the nodes of a cluster; tests/test_ray_cluster.py trains one there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from functions.compute import InProcess
from functions.errors import Unavailable
from functions.learners.pretraining.mixture import Pool
from functions.learners.squares import Squares
from functions.store import StoreAddress, open_store
from functions.training.base_trainings import BaseTask, train_base_on_node, train_base_on_nodes
from functions.training.shared_squares import read_part
from functions.training.trials import Cluster


def some(count: int) -> Squares:
    return Squares(np.arange(count * 784, dtype=np.uint32).astype(np.uint8).reshape(-1, 28, 28), np.arange(count) % 10)


POOLS = Pool("forms", some(30), 0.6), Pool("letters", some(12), 0.4, np.linspace(0.2, 1, 12))


def training(folder: Path, learner: str) -> Any:
    """Return what a node is told of a training, without its network."""
    collection = SimpleNamespace(pools=POOLS, labels=tuple("0123456789"))
    file = folder / f"{learner}.npz"
    return SimpleNamespace(set_name="digits", learner=learner, seed=1, effort=0.1, start=None, collection=collection, file=file)


class Looking:
    """Reads what the tasks name instead of training."""

    def __init__(self) -> None:
        self.tasks: list[BaseTask] = []
        self.read: list[Any] = []

    def map(self, function: Any, tasks: Any, tell: Any) -> list[bytes]:
        self.tasks = list(tasks)
        for task in tasks:
            self.read.append([read_part(open_store(task.store), pool.keys) for pool in task.pools])
        return [task.learner.encode() for task in tasks]


@pytest.fixture
def address(tmp_path: Path) -> StoreAddress:
    return StoreAddress(None, tmp_path / "objects")


def test_nodes_read_the_pools_from_the_store_and_each_training_leaves_its_file(address: StoreAddress, tmp_path: Path) -> None:
    mapper, both = Looking(), [training(tmp_path, "fnn"), training(tmp_path, "cnn")]
    train_base_on_nodes(Cluster(mapper, address, tmp_path), both, lambda *news: None)
    assert [(task.learner, [pool.name for pool in task.pools]) for task in mapper.tasks] == [
        ("fnn", ["forms", "letters"]),
        ("cnn", ["forms", "letters"]),
    ]
    for forms, letters in mapper.read:
        assert np.array_equal(forms.squares.x, POOLS[0].squares.x)
        assert forms.weights is None
        assert np.array_equal(letters.weights, POOLS[1].weights)
    assert [one.file.read_bytes() for one in both] == [b"fnn", b"cnn"]
    assert list(open_store(address).keys()) == []


def test_what_is_trained_already_goes_to_no_node(address: StoreAddress, tmp_path: Path) -> None:
    mapper, both = Looking(), [training(tmp_path, "fnn"), training(tmp_path, "cnn")]
    both[0].file.write_bytes(b"trained before")
    train_base_on_nodes(Cluster(mapper, address, tmp_path), both, lambda *news: None)
    assert [task.learner for task in mapper.tasks] == ["cnn"]
    assert both[0].file.read_bytes() == b"trained before"


def test_a_node_with_another_release_refuses(address: StoreAddress, tmp_path: Path) -> None:
    task = BaseTask("digits", "fnn", 1, 1.0, None, ("0",), address, (), {"method": "another"})
    with pytest.raises(Unavailable, match="another release"):
        InProcess().map(train_base_on_node, [task], lambda *news: None)
