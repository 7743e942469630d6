"""The trials of a full run: each learner is trained from each of its starts, here or on the nodes of a cluster.

Here and there ``train`` does it, so a seed gives the same weights. A node opens its trainers from the files that ship with its
own installation, and reads the squares from the object store. It refuses a trial if its libraries or files are not the worker's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from functions.compute import InProcess, TaskMapper
from functions.compute.mapper import TellStep, TellTask
from functions.domain.problem import Problem
from functions.domain.symbols import SymbolSet
from functions.errors import Unavailable
from functions.learners.continual.protocol import Candidate, LearnerTrainer, TrainingSquares
from functions.store import StoreAddress
from functions.training.lanes import FULL
from functions.training.model_card import TRAINING_CODE, made_with
from functions.training.shared_squares import SharedSquares, shared
from functions.training.trainer_pool import ShippedTrainerPool


@dataclass(frozen=True)
class Trial:
    """One training of a ``learner`` from the ``weights`` of a ``start`` (warm or base), the bytes of an ``npz`` file."""

    learner: str
    start: str
    weights: bytes
    squares: TrainingSquares | SharedSquares
    seed: int


@dataclass(frozen=True)
class Cluster:
    """Where trials may be computed: ``mapper`` sends them to nodes, which read squares from ``store``.

    The nodes have the same release, with the same files in ``models``.
    """

    mapper: TaskMapper
    store: StoreAddress
    models: Path


@dataclass(frozen=True)
class NodeTrial:
    """A trial with what a node needs to know about its worker."""

    trial: Trial
    symbols: SymbolSet
    models: Path
    release: Mapping[str, str]


def train(trainers: Mapping[str, LearnerTrainer], trial: Trial, tell: TellStep) -> Candidate:
    """Do a trial with the trainer of its learner."""
    squares = trial.squares.read() if isinstance(trial.squares, SharedSquares) else trial.squares
    return trainers[trial.learner].retrain(trial.weights, squares, seed=trial.seed, on_progress=tell)


def train_here(trainers: Mapping[str, LearnerTrainer], trials: Sequence[Trial], tell: TellTask) -> list[Candidate]:
    """Do trials one after the other in this process."""
    return InProcess().map(partial(train, trainers), trials, tell)


def train_on_nodes(cluster: Cluster, symbols: SymbolSet, trials: Sequence[Trial], tell: TellTask) -> list[Candidate]:
    """Do trials on the nodes of a cluster, as many at once as it has processors for.

    Raises:
        StoreUnavailable: the squares cannot be written, or a node cannot read them.
        Unavailable: a node has another release.
    """
    with ExitStack() as files:
        stored: dict[int, SharedSquares] = {}  # learners may share their squares
        tasks = []
        for trial in trials:
            if isinstance(trial.squares, TrainingSquares):
                if id(trial.squares) not in stored:
                    stored[id(trial.squares)] = files.enter_context(shared(cluster.store, trial.squares))
                trial = replace(trial, squares=stored[id(trial.squares)])
            tasks.append(NodeTrial(trial, symbols, cluster.models, release(cluster.models)))
        return cluster.mapper.map(train_on_node, tasks, tell)


def train_on_node(task: NodeTrial, tell: TellStep) -> Candidate:
    """Do a trial in a process of a cluster."""
    require_same_release(release(task.models), task.release)
    return train(_pool(task.models).trainers(task.symbols, FULL), task.trial, tell)


def require_same_release(here: Mapping[str, str], there: Mapping[str, str]) -> None:
    """Raise Unavailable if this node has another release than the worker, and name a difference."""
    for name in sorted({*here, *there}):
        if (ours := here.get(name)) != (theirs := there.get(name)):
            raise Unavailable(Problem("cluster_release", name=name, ours=str(ours), theirs=str(theirs)))


def release(models: Path) -> dict[str, str]:
    """Return what the weights of a trial depend on beside the machine: libraries, method and shipped files."""
    try:
        files = hashlib.sha256((models / "manifest.json").read_bytes()).hexdigest()[:16]
    except OSError:
        files = "missing"
    return {**code_and_libraries(), "models": files}


def code_and_libraries() -> dict[str, str]:
    """Return the versions of the libraries and of the method of a training."""
    libraries = {name: version for name, version in made_with().items() if name != "machine"}
    return {**libraries, "method": str(TRAINING_CODE)}


@lru_cache(maxsize=1)
def _pool(models: Path) -> ShippedTrainerPool:
    """Return the trainers of this process: Ray's processes do many tasks, and networks stay compiled."""
    return ShippedTrainerPool(models)
