"""Learning from people: the only class that the worker sees."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from functions.answer import Learner
from functions.learners import fine_tuning
from functions.learners.architectures import build
from functions.learners.artefact import About, compare_export, export, pack, unpack
from functions.learners.augment import GENTLE
from functions.learners.averaging import SHARES, Trial, Weights, choose, mixed, trial
from functions.learners.calibration import Logits, fit_temperature, probabilities
from functions.learners.evaluate import Score, score
from functions.learners.gate import Verdict, judge, refuse
from functions.learners.rehearsal import split_selection
from functions.learners.squares import Squares
from functions.learners.training import Moment, Recipe, Trainer, predict_logits

__all__ = ["Candidate", "Squares", "Teacher"]

OnProgress = Callable[[float, str], None]  # 0..1 and what is done, in words
RATES = {"fnn": 0.02, "cnn": 0.03}  # chosen with benchmarks/learning.py on the first twelve writers
LEAST = {
    "fnn": 120,
    "cnn": 40,
}  # steps for one correction; the FNN needs more to bend without breaking, and takes less time for each
EPOCHS = 12  # how often a retrain sees each collected square; later ones add nothing (benchmarks/learning.py)
MOST_STEPS = 6_000  # about five minutes
COMPARED = 200  # squares on which Keras and the export must agree


@dataclass(frozen=True)
class Candidate:
    """A version that could be published: its bytes, its figures and whether the gate lets it answer."""

    weights: bytes
    tflite: bytes
    sha256: str  # of ``tflite``
    metrics: dict[str, Any]
    gate: dict[str, Any]  # accepted: bool, reason: str, and the test's figures


class Teacher:
    """Teaches one learner of one symbol set. Stays warm: what is compiled once serves every later lesson. Not thread-safe.

    ``rehearsal`` squares keep the network right about what it knew; two fifths of them never teach but choose how much is
    learned. ``holdout`` squares are only for the gate.
    """

    def __init__(self, learner: Learner, labels: tuple[str, ...], rehearsal: Squares, holdout: Squares) -> None:
        self._learner, self._labels = learner, labels
        self._rehearse, self._select = split_selection(rehearsal)
        self._holdout = holdout
        self._recipe = Recipe(
            steps=0, batch=2 * fine_tuning.HALF, rate=RATES[learner], warm=0.1, momentum=0.9, average=0.0,
            freeze_statistics=True, strength=GENTLE,
        )  # fmt: skip
        self._trainer: Trainer | None = None

    def warm_up(self) -> None:
        """Compile everything once with squares at hand, so that the first correction need not wait for it."""
        network = self._ready().network
        weights, some = network.get_weights(), self._rehearse.take(np.arange(min(8, len(self._rehearse))))
        about = About(self._learner, self._labels, 1.0)
        self._learn(pack(weights, about), some, None, replace(self._recipe, steps=2), 0, lambda _progress, _step: None)

    def fine_tune(
        self, live: bytes, new: Squares, *, seed: int, on_progress: OnProgress, taught: Squares | None = None
    ) -> Candidate:
        """Learn ``new`` squares in at most 300 small steps from the weights ``live``.

        ``taught`` are squares from people that earlier lessons taught (some hundreds are enough); they join the rehearsal, so
        that an earlier visitor's hand is not forgotten for a later one's. The same arguments give the same bytes on the same
        machine.
        """
        recipe = replace(self._recipe, steps=fine_tuning.steps_for(len(new), LEAST[self._learner]))
        return self._learn(live, new, taught, recipe, seed, on_progress)

    def train(self, live: bytes, collected: Squares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Learn everything that was collected, several times over, from the weights ``live``."""
        steps = int(np.clip(EPOCHS * len(collected) / fine_tuning.HALF, 300, MOST_STEPS))
        return self._learn(live, collected, None, replace(self._recipe, steps=steps), seed, on_progress)

    def _ready(self) -> Trainer:
        if self._trainer is None:
            keras.utils.set_random_seed(0)
            self._trainer = Trainer(build(self._learner, len(self._labels)), self._recipe)
        return self._trainer

    def _learn(
        self, live: bytes, new: Squares, taught: Squares | None, recipe: Recipe, seed: int, on_progress: OnProgress
    ) -> Candidate:
        began = time.monotonic()
        weights, about = unpack(live)
        trainer = self._ready()
        lesson = fine_tuning.plan_lesson(new, self._rehearse, taught, seed=seed)
        trainer.network.set_weights(weights)
        before, new_before = self._score(self._holdout, about.temperature), self._score(new, about.temperature)
        known = self._score(self._select, about.temperature).accuracy

        def on_step(moment: Moment) -> None:
            if moment.step % 10 == 0 or moment.step == moment.steps:
                on_progress(0.8 * moment.step / moment.steps, f"learning, step {moment.step} of {moment.steps}")

        batches = fine_tuning.Mixture(lesson, len(self._labels), self._logits(lesson.rehearse), seed=seed)
        learned = trainer.fit(recipe, batches, seed=seed, on_step=on_step)
        on_progress(0.8, "choosing how much to keep of it")
        floor = fine_tuning.floor(known, about.known, few=lesson.few)
        trials = [self._try(weights, learned, share, lesson.judge, len(new), about.temperature) for share in SHARES]
        on_progress(0.9, "judging it on squares kept apart")
        verdict = refuse("Kept out: any share of what these drawings teach makes it worse about drawings it knows.")
        share, temperature, after = 0.0, about.temperature, before
        trainer.network.set_weights(weights)
        for chosen in choose(trials, floor, few=lesson.few):
            share = chosen.share
            trainer.network.set_weights(mixed(weights, learned, share))
            temperature = fit_temperature(self._logits(self._select), self._select.y)
            after = self._score(self._holdout, temperature)
            verdict = judge(before.right, after.right, anchor=about.anchor)
            if verdict.accepted:
                break
        new_after = self._score(new, temperature)
        metrics = {
            "holdout": {"before": before.figures(), "after": after.figures()},
            "new": {"before": new_before.figures(), "after": new_after.figures()},
            "share": share,
            "trials": [vars(t) for t in trials],
            "temperature": round(temperature, 4),
            "steps": recipe.steps,
            "seed": seed,
        }
        return self._publishable(replace(about, temperature=temperature), verdict, metrics, began)

    def _try(self, live: Weights, learned: Weights, share: float, new: Squares, count: int, temperature: float) -> Trial:
        self._ready().network.set_weights(mixed(live, learned, share))
        return trial(share, (self._logits(self._select), self._select.y), (self._logits(new), new.y), count, temperature)

    def _publishable(self, about: About, verdict: Verdict, metrics: dict[str, Any], began: float) -> Candidate:
        network = self._ready().network
        tflite = export(network, about.temperature)
        compared = self._select.take(np.arange(min(COMPARED, len(self._select))))
        metrics["parity"] = compare_export(tflite, compared.x, probabilities(self._logits(compared), about.temperature))
        metrics["seconds"] = round(time.monotonic() - began, 2)
        body = pack(network.get_weights(), about)
        return Candidate(body, tflite, hashlib.sha256(tflite).hexdigest(), metrics, verdict.as_dict())

    def _logits(self, squares: Squares) -> Logits:
        return predict_logits(self._ready().network, squares.x)

    def _score(self, squares: Squares, temperature: float) -> Score:
        return score(self._logits(squares), squares.y, temperature)
