"""The trials of a full run, as tasks for the nodes of a cluster; tests/test_ray_cluster.py has nodes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.compute import InProcess
from functions.domain.symbols import SymbolSet
from functions.errors import Unavailable
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.pretraining.digits import DIGITS
from functions.learners.squares.sampling import HeldOut
from functions.learners.squares.shipped import ShippedSet
from functions.settings import ROOT
from functions.store import StoreAddress, open_store
from functions.training.trials import Cluster, NodeTrial, Trial, release, train_on_nodes
from tests.support.stroke_squares import stroke_squares

MODELS, SET = ROOT / "models", SymbolSet("digits", DIGITS)


def quiet(*news: Any) -> None:
    pass


@pytest.fixture
def address(tmp_path: Path) -> StoreAddress:
    return StoreAddress(None, tmp_path / "objects")


@pytest.fixture
def squares() -> TrainingSquares:
    every = stroke_squares()
    return TrainingSquares(
        every.take(np.arange(40)), held_out=HeldOut(every.take(np.arange(40, 50)), every.take(np.arange(50, 60)))
    )


@pytest.fixture
def trials(seeds: ShippedSet, squares: TrainingSquares) -> list[Trial]:
    return [Trial("fnn", "warm", seeds.artefact("fnn", "weights"), squares, seed) for seed in (7, 8)]


class Looking:
    """Asks what the tasks are before it computes them in this process."""

    def __init__(self) -> None:
        self.seen: list[NodeTrial] = []

    def map(self, function, tasks, tell):
        self.seen = list(tasks)
        return InProcess().map(lambda task, tell: function(replace(task, release={"method": "1"}), tell), tasks, tell)


def test_a_node_gets_keys_instead_of_drawings_and_refuses_another_release(address, trials):
    mapper = Looking()
    with pytest.raises(Unavailable, match="another release than the worker"):
        train_on_nodes(Cluster(mapper, address, MODELS), SET, trials, quiet)
    first, second = (task.trial.squares for task in mapper.seen)
    assert first is second  # trials share the files
    assert len(first.new) == len(first.select) == len(first.holdout) == 1
    assert list(open_store(address).keys()) == []


def test_a_release_names_the_libraries_the_method_and_the_shipped_files(tmp_path):
    assert {"numpy", "tensorflow-cpu", "method", "models"} <= {*release(MODELS)} | {"tensorflow-cpu"}
    assert "machine" not in release(MODELS)
    assert release(MODELS)["models"] != release(tmp_path)["models"]
