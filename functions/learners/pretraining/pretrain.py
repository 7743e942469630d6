"""Make the base networks of a symbol set: train, calibrate, evaluate, export."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from functions.domain.answer import Learner
from functions.errors import BadSettings
from functions.learners.calibration import (
    Logits,
    answers,
    fit_temperature,
    fit_threshold,
    label_probabilities,
    without_label_prior,
)
from functions.learners.evaluation.half_decided import as_one_figure, credits_of
from functions.learners.evaluation.metrics import confusion, score
from functions.learners.evaluation.reliability import reliability_bins
from functions.learners.networks.architectures import Network, build
from functions.learners.networks.devices import Strategy, is_chief
from functions.learners.networks.export import compare_export, export, rounded
from functions.learners.networks.pixel_augment import MILD, STRONG
from functions.learners.networks.training import Recipe, StepInfo, Trainer, predict_logits
from functions.learners.pretraining.collection import Collection
from functions.learners.pretraining.mixture import frequencies, mixture
from functions.learners.squares import Pixels, Squares, Weights, digest_of
from functions.learners.squares.sampling import split_selection
from functions.learners.squares.shipped import load_shipped
from functions.learners.weights_file import ModelHeader, pack, unpack

# The last stage augments less, so that the network adapts to common handwriting.
SETTLE = Recipe(steps=1_500, rate=5e-4, warm=0.05, strength=MILD)
CNN, FNN = Recipe(steps=0, rate=3e-3, strength=STRONG), Recipe(steps=0, rate=3e-3, strength=MILD)
# On 2 idle cores a thousand steps take about 70 s (CNN) and 20 s (FNN).
RECIPES: dict[tuple[str, Learner], tuple[Recipe, ...]] = {
    ("digits", "cnn"): (replace(CNN, steps=12_000), SETTLE),
    ("digits", "fnn"): (replace(FNN, steps=16_000),),
    ("characters", "cnn"): (replace(CNN, steps=20_000), replace(SETTLE, steps=12_000, rate=1.5e-3)),
    ("characters", "fnn"): (replace(FNN, steps=20_000),),
    ("mnist", "cnn"): (replace(CNN, steps=18_000), SETTLE),
    ("mnist", "fnn"): (replace(FNN, steps=16_000),),
}
# From networks that are trained already: one cycle up to a lower rate, so that what they know stays.
CONTINUED: dict[tuple[str, Learner], tuple[Recipe, ...]] = {
    ("digits", "cnn"): (replace(CNN, steps=6_000, rate=1e-3, warm=0.1, strength=MILD),),
    ("digits", "fnn"): (replace(FNN, steps=10_000, rate=2e-3, warm=0.1),),
    ("characters", "cnn"): (replace(CNN, steps=6_000, rate=1e-3, warm=0.1, strength=MILD),),
    ("characters", "fnn"): (replace(FNN, steps=10_000, rate=2e-3, warm=0.1),),
}
COMPARED_SQUARES = 500  # squares on which Keras and the export must agree
CURVE_POINTS = 200  # of a training's curves
SHOWN_MISTAKES = 40  # on the contact sheet
OnStep = Callable[[StepInfo], None]


@dataclass(frozen=True)
class PretrainedNetwork:
    """A finished base network: its files, its figures, and the data of its plots."""

    learner: Learner
    weights: bytes
    tflite: bytes
    metrics: dict[str, Any]
    history: list[dict[str, float]]
    confusion: NDArray[np.int64]
    worst: tuple[Pixels, list[str], list[str], NDArray[np.float64]]  # squares, true labels, given labels, confidences
    start: str | None = None  # the id of the network that the training continued from

    @property
    def version(self) -> str:
        """The id of the version: the learner and a digest of the network."""
        return f"{self.learner}-{hashlib.sha256(self.tflite).hexdigest()[:8]}"


@dataclass(frozen=True)
class Start:
    """A trained network that a training continues from."""

    version: str  # its id
    weights: Weights


def shipped_start(models: Path, set_name: str, learner: Learner, **same: int | None) -> Start:
    """Return the network in ``models`` to continue from.

    ``same`` are options that divide the data, such as the seed: they must be those of the network's own training. Otherwise it
    may have been trained on pictures of the hold-out.

    Raises:
        BadSettings: there is no such network, or it was trained with other options.
    """
    shipped = load_shipped(models, set_name)
    command = json.loads((models / set_name / "card.json").read_text())["command"]
    for option, value in same.items():
        found = re.search(rf"--{option} (\d+)", command)
        if (int(found[1]) if found else None) != value:
            raise BadSettings(f"The networks to continue from were made by `{command}`; --{option} has to be the same.")
    weights, _ = unpack(shipped.artefact(learner, "weights"))
    return Start(shipped.entry["versions"][learner]["id"], weights)


@dataclass(frozen=True)
class Training:
    """The pretraining of one learner, from nothing or from ``start``. ``effort`` scales the steps; shipped networks have 1.

    Weights are kept below ``work``, so that an interrupted training continues and a finished one is only evaluated again. The
    same seed gives the same network on the same machine.
    """

    set_name: str
    learner: Learner
    collection: Collection
    seed: int
    effort: float
    work: Path
    start: Start | None = None

    @property
    def stages(self) -> tuple[Recipe, ...]:
        """The recipes of the training, in order."""
        recipes = (CONTINUED if self.start else RECIPES)[self.set_name, self.learner]
        return tuple(replace(recipe, steps=max(1, round(recipe.steps * self.effort))) for recipe in recipes)

    @cached_property
    def _data(self) -> str:
        digest = hashlib.sha256()
        for pool in self.collection.pools:
            digest.update(repr((pool.name, pool.share)).encode() + pool.squares.x.tobytes() + pool.squares.y.tobytes())
            digest.update(b"" if pool.weights is None else pool.weights.tobytes())
        for weight in self.start.weights if self.start else ():
            digest.update(weight.tobytes())
        return digest.hexdigest()

    def _kept(self, stages: int) -> Path:
        """Return the file of the weights after so many stages; its name is a digest of everything that they depend on."""
        depends = repr((self.learner, self.stages[:stages], self.seed, self._data))
        return self.work / f"{self.set_name}-{self.learner}-{hashlib.sha256(depends.encode()).hexdigest()[:12]}.npz"

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the weights after each stage."""
        return tuple(self._kept(stage) for stage in range(1, len(self.stages) + 1))

    @property
    def file(self) -> Path:
        """The file of the trained weights."""
        return self.files[-1]

    def run(self, here: Strategy, tell: OnStep | None = None) -> None:
        """Train on the devices of ``here``, unless that is done; every machine calls it, only the chief writes.

        ``tell`` hears each step, counted over all stages.
        """
        whole = sum(recipe.steps for recipe in self.stages)
        keras.utils.set_random_seed(self.seed)
        with here.scope():
            network = build(self.learner, self.collection.outputs, seed=self.seed)
        if self.start:
            network.set_weights(self.start.weights)
        history: list[dict[str, float]] = []
        seconds = done = 0
        for stage, recipe in enumerate(self.stages):
            file = self._kept(stage + 1)
            if file.exists():
                weights, history, trained = _read(file)
                network.set_weights(weights)
                seconds, done = trained["seconds"], trained["steps"]
                continue
            seed, began = self.seed + stage, time.monotonic()
            batches = mixture(self.collection.pools, recipe.batch, self.collection.outputs, seed=seed)
            checkpoint = file.with_suffix(".checkpoint")
            with TrainingHistory(f"{self.set_name} {self.learner}", recipe.steps, done, history) as shown:
                trainer = Trainer(network, recipe, here)
                on_step = shown if tell is None else _both(shown, tell, done, whole)
                trainer.fit(recipe, batches, seed=seed, on_step=on_step, checkpoint=checkpoint, about=file.name)
            seconds, done = seconds + round(time.monotonic() - began), done + recipe.steps
            if is_chief(here):
                _write(file, network.get_weights(), history, {"steps": done, "seconds": seconds})

    def evaluated(self) -> PretrainedNetwork:
        """Calibrate, evaluate and export the trained network."""
        weights, history, trained = _read(self.file)
        network = build(self.learner, self.collection.outputs)
        weights[-1] = without_label_prior(weights[-1], frequencies(self.collection.pools, self.collection.outputs))
        network.set_weights([rounded(w) for w in weights])
        made = _evaluated(self.learner, network, self.collection, history, trained)
        return replace(made, start=self.start.version if self.start else None)


def _both(shown: OnStep, tell: OnStep, done: int, whole: int) -> OnStep:
    """Return a listener for a stage after ``done`` of ``whole`` steps, which lets both others hear."""

    def on_step(info: StepInfo) -> None:
        shown(info)
        tell(replace(info, step=done + info.step, steps=whole))

    return on_step


def _evaluated(
    learner: Learner, network: Network, collection: Collection, history: list[dict[str, float]], trained: dict[str, Any]
) -> PretrainedNetwork:
    select = split_selection(collection.rehearsal)[1]
    selected, heldout = predict_logits(network, select.x), predict_logits(network, collection.holdout.x)
    temperature, threshold = fit_temperature(selected, select.y), fit_threshold(selected, select.y)
    credit = credits_of(collection.labels, collection.confusable)

    def scored(logits: Logits, squares: Squares) -> dict[str, Any]:
        figures = score(logits, squares.y, temperature, threshold).figures()
        return figures | as_one_figure(credit, squares.y, logits[:, :-1].argmax(1))

    known, holdout = score(selected, select.y, temperature), scored(heldout, collection.holdout)
    tests = {name: scored(predict_logits(network, squares.x), squares) for name, squares in collection.tests.items()}
    tflite = export(network, temperature, threshold)
    shown = next(iter(collection.tests.values()))
    logits = predict_logits(network, shown.x)
    shown_p, some = label_probabilities(logits, temperature), logits[:COMPARED_SQUARES]
    none = len(collection.labels)
    symbols = collection.holdout.y < none
    p = label_probabilities(heldout[symbols], temperature)
    metrics: dict[str, Any] = {
        "accuracy": holdout["accuracy"],
        "holdout": holdout,
        **tests,
        "temperature": round(temperature, 4),
        "threshold": round(threshold, 4),
        "reliability": reliability_bins(p, collection.holdout.y[symbols]),
        "parameters": int(network.count_params()),
        "parity": compare_export(tflite, shown.x[:COMPARED_SQUARES], answers(some, temperature, threshold)),
        **trained,
    }
    about = ModelHeader(
        learner,
        collection.labels,
        temperature,
        threshold,
        anchor=holdout["accuracy"],
        known=known.accuracy,
        squares=digest_of(select, collection.holdout),
    )
    return PretrainedNetwork(
        learner,
        pack(network.get_weights(), about),
        tflite,
        metrics,
        history,
        confusion(shown.y[shown.y < none], shown_p[shown.y < none].argmax(1), none),
        _worst(shown_p, shown, collection.labels),
    )


def _worst(
    p: NDArray[np.float64], squares: Squares, labels: tuple[str, ...]
) -> tuple[Pixels, list[str], list[str], NDArray[np.float64]]:
    """Return the mistakes with the highest confidence, from the labels' probabilities ``p`` (n, K)."""
    best, sure = p.argmax(1), p.max(1)
    wrong = np.flatnonzero((best != squares.y) & (squares.y < len(labels)))
    order = wrong[np.argsort(-sure[wrong], kind="stable")][:SHOWN_MISTAKES]
    return squares.x[order], [labels[i] for i in squares.y[order]], [labels[i] for i in best[order]], sure[order]


class TrainingHistory:
    """Shows a bar with loss, accuracy and remaining time, and adds points of the curves to ``history``, from step ``done`` on."""

    def __init__(self, name: str, steps: int, done: int, history: list[dict[str, float]]) -> None:
        self._history, self._done = history, done
        self._bar = tqdm(total=steps, desc=name, unit="step", mininterval=2)
        self._every = max(1, steps // CURVE_POINTS)
        self._loss = self._accuracy = 0.0
        self._seen = 0

    def __enter__(self) -> TrainingHistory:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, info: StepInfo) -> None:
        """Add the figures of one step."""
        self._seen += 1
        # A running mean over about a hundred batches.
        fade = min(0.99, 1 - 1 / self._seen)
        self._loss = fade * self._loss + (1 - fade) * info.loss
        self._accuracy = fade * self._accuracy + (1 - fade) * info.accuracy
        self._bar.update(info.step - self._bar.n)
        if info.step % 50 == 0:
            self._bar.set_postfix(loss=f"{self._loss:.4f}", accuracy=f"{self._accuracy:.4f}", refresh=False)
        if info.step % self._every == 0:
            self._history.append(
                {"step": self._done + info.step, "loss": round(self._loss, 5), "accuracy": round(self._accuracy, 5)}
            )


def _write(path: Path, weights: Weights, history: list[dict[str, float]], trained: dict[str, Any]) -> None:
    arrays: dict[str, Any] = {f"w{i:03}": w for i, w in enumerate(weights)}
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, about=np.array(json.dumps({"history": history, "trained": trained})), **arrays)
    partial.replace(path)


def _read(path: Path) -> tuple[Weights, list[dict[str, float]], dict[str, Any]]:
    with np.load(path, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        return [arrays[name] for name in sorted(arrays.files) if name != "about"], about["history"], about["trained"]
