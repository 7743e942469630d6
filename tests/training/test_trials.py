"""The trials of a full run, here and on the nodes of a cluster."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.compute import InProcess, RayMapper
from functions.domain.drawing import from_strokes, parse_strokes, square_to_bytes
from functions.domain.symbols import SymbolSet
from functions.errors import Unavailable
from functions.learners.continual.protocol import Candidate, TrainingSquares
from functions.learners.pretraining.digits import DIGITS
from functions.learners.squares import Squares
from functions.learners.squares.sampling import HeldOut
from functions.learners.squares.shipped import ShippedSet
from functions.settings import ROOT
from functions.store import StoreAddress, open_store
from functions.training.lanes import FULL
from functions.training.trainer_pool import ShippedTrainerPool
from functions.training.trials import Cluster, NodeTrial, Trial, release, train_here, train_on_nodes
from tests.support.ray_cluster import cluster

MODELS, SET = ROOT / "models", SymbolSet("digits", DIGITS)


def quiet(*news: Any) -> None:
    pass


@pytest.fixture
def address(tmp_path: Path) -> StoreAddress:
    return StoreAddress(None, tmp_path / "objects")


@pytest.fixture
def squares() -> TrainingSquares:
    rows = json.loads(gzip.decompress((ROOT / "tests" / "strokes.json.gz").read_bytes()))
    body = b"".join(square_to_bytes(from_strokes(parse_strokes(row["strokes"], *row["box"])).square) for row in rows)
    every = Squares(np.frombuffer(body, np.uint8).reshape(-1, 28, 28), np.array([int(row["label"]) for row in rows]))
    return TrainingSquares(
        every.take(np.arange(40)), held_out=HeldOut(every.take(np.arange(40, 50)), every.take(np.arange(50, 60)))
    )


@pytest.fixture
def trials(seeds: ShippedSet, squares: TrainingSquares) -> list[Trial]:
    return [Trial("fnn", "warm", seeds.artefact("fnn", "weights"), squares, seed) for seed in (7, 8)]


def outcome(candidate: Candidate) -> dict[str, Any]:
    """Return everything of a candidate but the time that it took."""
    return {**vars(candidate), "metrics": {name: one for name, one in candidate.metrics.items() if name != "seconds"}}


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


@pytest.mark.long_run
@pytest.mark.timeout(600)
def test_two_nodes_make_the_same_versions_as_this_process(address, trials):
    here = train_here(ShippedTrainerPool(MODELS).trainers(SET, FULL), trials, quiet)
    steps = []
    with cluster(2) as nodes:
        there = train_on_nodes(Cluster(RayMapper(nodes.address), address, MODELS), SET, trials, lambda *news: steps.append(news))
    assert [outcome(one) for one in there] == [outcome(one) for one in here]
    assert here[0].sha256 != here[1].sha256
    assert "fitting" in {step.code for _, _, step in steps}
    assert list(open_store(address).keys()) == []
