"""The networks that ``year.py`` begins from, with the squares that are rehearsed, choose and judge for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions.domain.answer import Learner
from functions.learners.calibration import Logits, fit_temperature, fit_threshold
from functions.learners.continual.weight_averaging import symbol_accuracy
from functions.learners.networks.export import pack, unpack
from functions.learners.pretraining.sources import emnist_files, read_emnist, read_mnist
from functions.learners.squares import Squares, Weights, joined
from functions.learners.squares.sampling import split_selection
from functions.learners.squares.shipped import load_shipped

Answering = Callable[[Weights, Squares], Logits]


@dataclass(frozen=True)
class Base:
    """Where a year begins. ``unseen`` are form digits that neither teach, choose nor decide anything."""

    name: str
    labels: tuple[str, ...]
    weights: dict[Learner, bytes]
    rehearsal: Squares
    holdout: Squares
    unseen: Squares


def shipped(models: Path, data: Path, learners: list[Learner]) -> Base:
    """Return the digits' networks that ship: they learned from a tablet's writers 1 to 10."""
    seeds = load_shipped(models, "digits")
    weights = {learner: seeds.artefact(learner, "weights") for learner in learners}
    return Base("shipped", seeds.labels, weights, seeds.rehearsal(), seeds.holdout(), read_mnist(data / "mnist.npz")[1])


def mnist_alone(folder: Path, models: Path, data: Path, answering: dict[Learner, Answering]) -> Base:
    """Return the networks in ``folder``, which learned MNIST and nothing else; no tablet is in anything they are given.

    The shipped rehearsal's form digits are rehearsed. Those from EMNIST come first, so that they choose: the networks know
    MNIST's by heart. One half of MNIST's test digits is the hold-out, the other ``unseen``. Temperature, threshold and what
    later versions are held against are settled as for any base network.
    """
    seeds = load_shipped(models, "digits")
    train, test = read_mnist(data / "mnist.npz")
    emnist = read_emnist(emnist_files(data)[0]).squares
    kept = seeds.rehearsal()
    rehearsal = joined([kept.take(among(kept, emnist)), kept.take(among(kept, train))])
    order = np.random.default_rng(0).permutation(len(test))
    holdout, unseen = test.take(np.sort(order[: len(test) // 2])), test.take(np.sort(order[len(test) // 2 :]))
    weights = {
        learner: settled((folder / f"{learner}.npz").read_bytes(), logits, rehearsal, holdout)
        for learner, logits in answering.items()
    }
    return Base("MNIST alone", seeds.labels, weights, rehearsal, holdout, unseen)


def among(squares: Squares, others: Squares) -> NDArray[np.bool_]:
    """Return which of ``squares`` (n,) are also among ``others``, pixel for pixel."""
    known = {x.tobytes() for x in others.x}
    return np.array([x.tobytes() in known for x in squares.x], bool)


def settled(body: bytes, logits: Answering, rehearsal: Squares, holdout: Squares) -> bytes:
    """Return the weights ``body`` with what a line starts from: temperature, threshold, and the accuracies to be kept."""
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
