"""Train a committee of three networks on ten drawings of each digit."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.few_labels.morphing import morphs
from benchmarks.one_minute import Body, small
from functions.learners.calibration import probabilities
from functions.learners.networks.pixel_augment import Strength
from functions.learners.networks.training import Recipe, StepInfo, Trainer, predict_logits
from functions.learners.pretraining.mixture import Pool, mixture
from functions.learners.pretraining.sources import read_mnist
from functions.learners.squares import Pixels, Squares

DIGITS = 10
A_LABEL = 10  # labelled drawings
SEEDS = 5
TEST_DIGITS = 10_000  # training digits in the test with ``--test-on training``
MEMBERS = 3  # networks in the ensemble
STRONG = Strength(turn=0.25, scale=0.2, stretch=0.3, slant=0.3, shift=2.0, bend=1.8, pen=0.6)
RECIPE = Recipe(steps=1_500, batch=64, rate=3e-3, warm=0.1, decay=3e-3, average=0.995, strength=STRONG)
MORPHED = 0.5  # share of a batch
# Pseudo-labels: the share of the unlabelled digits that is used, and the steps.
ROUNDS = ((0.5, 600), (0.9, 1_200))
LABELLED = 0.15  # share of a batch then
BLOCK = 1_000
BODY: Body = ((24, 5, 2, "same"), (32, 3, 1, "same"), (48, 3, 2, "same"), (64, 3, 1, "valid"), (64, 3, 1, "valid"))
DROPOUT = 0.3
Probabilities = NDArray[np.float64]  # (n, 10)
Tell = Callable[[StepInfo], None]


@dataclass(frozen=True)
class Figures:
    """The accuracy of one draw in percent; ``unlabelled`` is None if unlabelled digits were not used."""

    seed: int
    labelled: float
    unlabelled: float | None
    seconds: float


def _network(seed: int) -> Any:
    return small(DIGITS, seed=seed, body=BODY, dropout=DROPOUT)


class Committee:
    """An ensemble of networks with the same training data; the training step is compiled once for all networks."""

    def __init__(self, recipe: Recipe = RECIPE) -> None:
        self._network = _network(0)
        self._recipe, self._trainer = recipe, Trainer(self._network, recipe)
        self._members: list[Any] = []

    def learn(self, pools: Sequence[Pool], steps: int, members: int, seed: int, tell: Tell) -> None:
        """Train ``members`` new networks on ``pools``, which replace the former ones."""
        recipe = replace(self._recipe, steps=steps)
        self._members = []
        for member in range(members):
            mine = 10 * seed + member
            self._network.set_weights(_network(mine).get_weights())
            batch = mixture(pools, recipe.batch, DIGITS, seed=mine)
            self._members.append(self._trainer.fit(recipe, batch, seed=mine, on_step=tell))

    def answer(self, x: Pixels) -> Probabilities:
        """Return the mean of all members' answers (n, 10) to ``x`` (n, 28, 28)."""
        total = np.zeros((len(x), DIGITS))
        for weights in self._members:
            self._network.set_weights(weights)
            total += probabilities(predict_logits(self._network, x))
        return total / len(self._members)


def draw(train: Squares, seed: int) -> tuple[Squares, Squares]:
    """Return ten squares of each label drawn from ``train``, and all others."""
    order = np.random.default_rng(seed).permutation(len(train))
    chosen = np.concatenate([order[train.y[order] == label][:A_LABEL] for label in range(DIGITS)])
    return train.take(chosen), train.take(np.setdiff1d(order, chosen))


def upright(squares: Squares) -> Squares:
    """Return squares without slant: rows are moved sideways until the covariance of rows and columns is zero."""
    parts = [_upright(squares.x[i : i + BLOCK]) for i in range(0, len(squares), BLOCK)]
    return Squares(np.concatenate(parts), squares.y)


def _upright(x: Pixels) -> Pixels:
    side = x.shape[1]
    ink, at = x / 255.0, np.arange(side)
    mass = ink.sum((1, 2)) + 1e-9
    rows = at - (ink.sum(2) @ at / mass)[:, None]  # (n, 28), from the centre of mass
    columns = at - (ink.sum(1) @ at / mass)[:, None]
    along = np.einsum("nyx,ny,nx->n", ink, rows, columns) / (np.einsum("nyx,ny->n", ink, rows**2) + 1e-9)
    look = at + along[:, None, None] * rows[:, :, None]  # (n, 28, 28), the column that each pixel shows
    left = np.floor(look).astype(np.int64)
    padded = np.pad(ink, ((0, 0), (0, 0), (side, side)))
    left, share = np.clip(left + side, 0, 3 * side - 2), look - left
    shown = np.take_along_axis(padded, left, 2) * (1 - share) + np.take_along_axis(padded, left + 1, 2) * share
    return np.asarray(np.round(255 * shown), np.uint8)


def pseudo_labelled(p: Probabilities, x: Pixels, share: float) -> Squares:
    """Return the ``share`` of squares with the most confident pseudo-labels, of each label."""
    named, sure = p.argmax(1), p.max(1)
    kept = [np.flatnonzero(named == label) for label in range(DIGITS)]
    kept = [own[np.argsort(-sure[own], kind="stable")][: round(share * len(own))] for own in kept]
    some = np.concatenate(kept)
    return Squares(x[some], named[some])


def learn_from(labelled: Squares, committee: Committee, seed: int, tell: Tell) -> None:
    """Train the committee on the labelled squares alone."""
    pools = [Pool("labelled", labelled, 1 - MORPHED), Pool("between them", morphs(labelled), MORPHED)]
    committee.learn(pools, RECIPE.steps, MEMBERS, seed, tell)


def learn_from_unlabelled(labelled: Squares, x: Pixels, committee: Committee, seed: int, tell: Tell) -> None:
    """Train on unlabelled pictures ``x`` (n, 28, 28) too, after the ``committee`` was trained on the labelled squares."""
    for share, steps in ROUNDS:
        named = pseudo_labelled(committee.answer(x), x, share)
        committee.learn([Pool("labelled", labelled, LABELLED), Pool("named", named, 1 - LABELLED)], steps, 1, seed, tell)


def few_labels(data: Path) -> float:
    """Return the mean accuracy in percent over five draws of 100 labels; ``data`` is the folder with ``mnist.npz``."""
    return float(np.mean([one.labelled for one in each_draw(data)]))


def each_draw(data: Path, *, seeds: Sequence[int] = range(SEEDS), on: str = "test", unlabelled: bool = False) -> list[Figures]:
    """Return the figures of each draw, tested on MNIST's ``"test"`` digits or on ``"training"`` digits that were not drawn."""
    train, test = read_mnist(data / "mnist.npz")
    test = upright(test)
    committee, made = Committee(), []
    steps = MEMBERS * RECIPE.steps + unlabelled * sum(steps for _, steps in ROUNDS)
    with tqdm(total=steps * len(seeds), unit="step") as shown:

        def tell(moment: StepInfo) -> None:
            shown.set_postfix(loss=f"{moment.loss:.3f}", refresh=False)
            shown.update()

        for seed in seeds:
            shown.set_description(f"seed {seed}")
            began = time.perf_counter()
            labelled, others = draw(train, seed)
            if on == "training":
                order = np.random.default_rng(seed).permutation(len(others))
                test, others = upright(others.take(order[:TEST_DIGITS])), others.take(order[TEST_DIGITS:])
            labelled = upright(labelled)
            learn_from(labelled, committee, seed, tell)
            alone, more = right(committee, test), None
            if unlabelled:
                learn_from_unlabelled(labelled, upright(others).x, committee, seed, tell)
                more = right(committee, test)
            made.append(Figures(seed, alone, more, time.perf_counter() - began))
            shown.write(f"seed {seed}: {in_words(made[-1])}")
    return made


def right(committee: Committee, squares: Squares) -> float:
    """Return the accuracy in percent."""
    return 100 * float((committee.answer(squares.x).argmax(1) == squares.y).mean())


def in_words(one: Figures) -> str:
    """Return the figures of one draw as text."""
    more = "" if one.unlabelled is None else f"; {one.unlabelled:.2f} % with unlabelled digits"
    return f"{one.labelled:.2f} % from 100 labels{more} ({one.seconds:.0f} s)"
