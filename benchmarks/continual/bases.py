"""Load the base networks of the rounds, with their replay, validation and test squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions.domain.answer import Learner
from functions.learners.calibration import Logits, fit_temperature, fit_threshold
from functions.learners.continual.weight_averaging import symbol_accuracy
from functions.learners.pretraining.sources import emnist_files, read_emnist, read_mnist
from functions.learners.squares import Squares, Weights, joined
from functions.learners.squares.sampling import split_selection
from functions.learners.squares.shipped import load_shipped
from functions.learners.weights_file import pack, unpack

Answering = Callable[[Weights, Squares], Logits]


@dataclass(frozen=True)
class Base:
    """The start of the rounds. ``unseen`` are digits from forms that are in no training, validation or hold-out set."""

    name: str
    labels: tuple[str, ...]
    weights: dict[Learner, bytes]
    rehearsal: Squares
    holdout: Squares
    unseen: Squares


def shipped(models: Path, data: Path, learners: list[Learner]) -> Base:
    """Return the shipped digits' networks; tablet writers 1 to 10 are in their training set."""
    seeds = load_shipped(models, "digits")
    weights = {learner: seeds.artefact(learner, "weights") for learner in learners}
    return Base("shipped", seeds.labels, weights, seeds.rehearsal(), seeds.holdout(), read_mnist(data / "mnist.npz")[1])


def mnist_alone(folder: Path, models: Path, data: Path, answering: dict[Learner, Answering]) -> Base:
    """Return the networks in ``folder``, trained on MNIST alone; none of their sets has a tablet drawing.

    The digits from forms in the shipped replay set are replayed. EMNIST's digits come first, so that they are the validation set:
    the networks were trained on MNIST's. One half of MNIST's test digits is the hold-out, the other half ``unseen``. Temperature,
    threshold and reference accuracies are set as for any base network.
    """
    seeds = load_shipped(models, "digits")
    train, test = read_mnist(data / "mnist.npz")
    emnist = read_emnist(emnist_files(data)[0]).squares
    kept = seeds.rehearsal()
    rehearsal = joined([kept.take(among(kept, emnist)), kept.take(among(kept, train))])
    order = np.random.default_rng(0).permutation(len(test))
    holdout, unseen = test.take(np.sort(order[: len(test) // 2])), test.take(np.sort(order[len(test) // 2 :]))
    weights = {
        learner: calibrated((folder / f"{learner}.npz").read_bytes(), logits, rehearsal, holdout)
        for learner, logits in answering.items()
    }
    return Base("MNIST alone", seeds.labels, weights, rehearsal, holdout, unseen)


def among(squares: Squares, others: Squares) -> NDArray[np.bool_]:
    """Return which of ``squares`` (n,) are also among ``others``, pixel for pixel."""
    known = {x.tobytes() for x in others.x}
    return np.array([x.tobytes() in known for x in squares.x], bool)


def calibrated(body: bytes, logits: Answering, rehearsal: Squares, holdout: Squares) -> bytes:
    """Return the weights ``body`` with the temperature, threshold and reference accuracies of a first version."""
    weights, about = unpack(body)
    select = split_selection(rehearsal)[1]
    given = logits(weights, select)
    about = replace(
        about,
        temperature=fit_temperature(given, select.y),
        threshold=fit_threshold(given, select.y),
        anchor=symbol_accuracy(logits(weights, holdout), holdout.y),
        known=symbol_accuracy(given, select.y),
    )
    return pack(weights, about)
