"""Make the base networks of a symbol set: train, calibrate, judge, export, and write what ships in ``models/``."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import Any

import keras
from tqdm import tqdm

from functions.answer import LEARNERS, Learner
from functions.learners.architectures import Network, build
from functions.learners.artefact import About, compare_export, export, pack
from functions.learners.augment import MILD
from functions.learners.calibration import fit_temperature, probabilities, targets
from functions.learners.evaluate import Score, score
from functions.learners.rehearsal import split_selection
from functions.learners.sources import Collection
from functions.learners.squares import Squares
from functions.learners.training import Moment, Recipe, Trainer, predict_logits, shuffled

DIGITS = tuple("0123456789")
RECIPES: dict[Learner, Recipe] = {
    "fnn": Recipe(steps=22_000, rate=3e-3, strength=MILD),  # 18 times through 152,000 squares; about 6 minutes on 2 cores
    "cnn": Recipe(steps=10_000, rate=3e-3),  # 8 times; about 8 minutes
}
COMPARED = 500  # squares on which Keras and the export must agree


@dataclass(frozen=True)
class Made:
    """A finished base network: its bytes and figures."""

    learner: Learner
    weights: bytes
    tflite: bytes
    metrics: dict[str, Any]

    @property
    def version(self) -> str:
        """The name that its bytes give it."""
        return f"{self.learner}-{hashlib.sha256(self.tflite).hexdigest()[:8]}"


def make_all(collection: Collection, others: dict[str, Squares], *, seed: int, effort: float = 1.0) -> list[Made]:
    """Train both learners on ``collection``; ``others`` are more labelled squares to report on.

    ``effort`` scales the number of steps (1 is what ships). The same seed gives the same networks on the same machine.
    """
    keras.utils.set_random_seed(seed)
    return [make(learner, collection, others, seed=seed, effort=effort) for learner in LEARNERS]


def make(learner: Learner, collection: Collection, others: dict[str, Squares], *, seed: int, effort: float) -> Made:
    """Train, calibrate, judge and export one learner."""
    began = time.monotonic()
    recipe = replace(RECIPES[learner], steps=max(1, round(RECIPES[learner].steps * effort)))
    network = build(learner, len(DIGITS), seed=seed)
    _fit(network, recipe, collection.train, seed)
    trained = {"steps": recipe.steps, "seconds": round(time.monotonic() - began)}
    return finish(learner, network, collection, others, trained)


def finish(
    learner: Learner, network: Network, collection: Collection, others: dict[str, Squares], trained: dict[str, Any]
) -> Made:
    """Calibrate, judge and export a trained network; ``trained`` is what else its card says."""
    temperature = fit_temperature(predict_logits(network, collection.rehearsal.x), collection.rehearsal.y)

    def scored(squares: Squares) -> Score:
        return score(predict_logits(network, squares.x), squares.y, temperature)

    test, holdout = scored(collection.test), scored(collection.holdout)
    known = scored(split_selection(collection.rehearsal)[1])
    tflite = export(network, temperature)
    some = collection.test.x[:COMPARED]
    metrics: dict[str, Any] = {
        "accuracy": round(holdout.accuracy, 5),
        "holdout": holdout.figures(),
        "mnist_test": test.figures(),
        **{name: scored(squares).figures() for name, squares in others.items()},
        "temperature": round(temperature, 4),
        "parameters": int(network.count_params()),
        "parity": compare_export(tflite, some, probabilities(predict_logits(network, some), temperature)),
        **trained,
    }
    tqdm.write(f"{learner}: {100 * test.accuracy:.2f} % of MNIST's test, {100 * holdout.accuracy:.2f} % of the hold-out")
    about = About(learner, DIGITS, temperature, anchor=holdout.accuracy, known=known.accuracy)
    return Made(learner, pack(network.get_weights(), about), tflite, metrics)


def _fit(network: Network, recipe: Recipe, train: Squares, seed: int) -> None:
    loss = accuracy = 0.0
    with tqdm(total=recipe.steps, desc=str(network.name), unit="step", mininterval=2) as bar:

        def on_step(moment: Moment) -> None:
            nonlocal loss, accuracy
            # One batch says little: a running mean over about a hundred.
            fade = min(0.99, 1 - 1 / moment.step)
            loss, accuracy = fade * loss + (1 - fade) * moment.loss, fade * accuracy + (1 - fade) * moment.accuracy
            bar.update()
            if moment.step % 50 == 0:
                bar.set_postfix(loss=f"{loss:.4f}", accuracy=f"{accuracy:.4f}", refresh=False)

        wanted = targets(train.y, len(DIGITS))
        Trainer(network, recipe).fit(recipe, shuffled(train.x, wanted, recipe.batch, seed=seed), seed=seed, on_step=on_step)
