"""Time a full run's trials in this process and on two local Ray nodes: two learners, two starts, the same drawings.

    python -m benchmarks.full_retrain --drawings 20000
    python -m benchmarks.full_retrain --drawings 600 --learner fnn     # a first look

The drawings are MNIST's training digits. Both ways compute the same trials with the same seed, and the benchmark compares their
weights. Two nodes of one machine share its processors: on two cores they can win only what one process leaves unused.
Requires requirements-ray.txt.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from functions.compute import RayMapper
from functions.domain.run_step import Step
from functions.domain.symbols import SymbolSet
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.pretraining.digits import DIGITS
from functions.learners.squares import Squares
from functions.learners.squares.shipped import load_shipped
from functions.store import StoreAddress
from functions.training.lanes import FULL
from functions.training.trainer_pool import ShippedTrainerPool
from functions.training.trials import Cluster, Trial, train_here, train_on_nodes
from tests.support.ray_cluster import cluster

ROOT = Path(__file__).resolve().parent.parent
SEED = 1


def make_trials(options: argparse.Namespace) -> list[Trial]:
    """Return the trials. Both starts are the shipped weights, with a seed each: the start does not change the time."""
    with np.load(options.data / "mnist.npz") as arrays:
        x, y = arrays["x_train"][: options.drawings], arrays["y_train"][: options.drawings]
    squares, shipped = TrainingSquares(Squares(x.astype(np.uint8), y.astype(np.int64))), load_shipped(options.models, "digits")
    learners: Sequence[str] = [options.learner] if options.learner else ["fnn", "cnn"]
    return [
        Trial(learner, start, shipped.artefact(learner, "weights"), squares, SEED + place)  # type: ignore[arg-type]
        for learner in learners
        for place, start in enumerate(("warm", "base"))
    ]


def main() -> None:
    """Print the minutes of both ways side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawings", type=int, default=20_000)
    parser.add_argument("--learner", choices=["fnn", "cnn"], default="", help="the only learner that is trained")
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    options = parser.parse_args()
    trials = make_trials(options)
    began = time.monotonic()
    trainers = ShippedTrainerPool(options.models).trainers(SymbolSet("digits", DIGITS), FULL)
    here = train_here(trainers, trials, quiet)
    in_process = time.monotonic() - began
    with tempfile.TemporaryDirectory() as folder, cluster(options.nodes) as nodes:
        found = Cluster(RayMapper(nodes.address), StoreAddress(None, Path(folder)), options.models)
        began = time.monotonic()
        there = train_on_nodes(found, SymbolSet("digits", DIGITS), trials, quiet)
        on_nodes = time.monotonic() - began
    same = sum(one.sha256 == other.sha256 for one, other in zip(here, there, strict=True))
    print(f"{options.drawings:,} drawings, {len(trials)} trials, {os.cpu_count()} processors")
    print(f"in this process      {in_process / 60:6.1f} minutes")
    print(f"on {options.nodes} local Ray nodes {on_nodes / 60:6.1f} minutes, {same} of {len(there)} results the same to the bit")


def quiet(place: int, progress: float, step: Step) -> None:
    """Report nothing."""


if __name__ == "__main__":
    main()
