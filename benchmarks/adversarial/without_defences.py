"""Fine-tune without trust rules, without a gate and without a selection of weights, to compare with the platform."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import keras

from functions.domain.answer import Learner
from functions.learners.calibration import fit_temperature
from functions.learners.continual.fine_tuner import recipe_of
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.continual.rehearsal_batches import RehearsalBatches, plan_rehearsal, rejection_threshold
from functions.learners.networks.architectures import build, trainable_in_fine_tuning
from functions.learners.networks.export import export
from functions.learners.networks.training import Trainer, predict_logits
from functions.learners.squares import Squares
from functions.learners.squares.sampling import split_selection
from functions.learners.weights_file import pack, unpack


@dataclass(frozen=True)
class UngatedVersion:
    """A version with the fields that ``learn`` publishes."""

    labels: tuple[str, ...]
    weights: bytes
    tflite: bytes
    sha256: str
    metrics: dict[str, Any]
    gate: dict[str, Any]


class UngatedTrainer:
    """Fine-tunes as the platform's trainer does, with replay, but always accepts the new weights, without averaging."""

    def __init__(self, learner: Learner, labels: tuple[str, ...], rehearsal: Squares) -> None:
        keras.utils.set_random_seed(0)
        self._learner, self._network = learner, build(learner, len(labels) + 1)
        self._rehearse, self._select = split_selection(rehearsal)
        self._recipe = recipe_of(learner)
        self._trainer = Trainer(self._network, self._recipe, variables=trainable_in_fine_tuning(self._network))

    def fine_tune(self, live: bytes, squares: TrainingSquares, *, seed: int, **_more: Any) -> UngatedVersion:
        """Learn new squares from the weights ``live``."""
        weights, about = unpack(live)
        self._network.set_weights(weights)
        plan = plan_rehearsal(squares.new, self._rehearse, squares.earlier, seed=seed)
        plan = replace(plan, train=squares.new, augmented=squares.augmented)  # without validation squares
        remembered = predict_logits(self._network, plan.rehearse.x)
        batches = RehearsalBatches(plan, len(about.labels) + 1, remembered, seed=seed)
        learned = self._trainer.fit(self._recipe, batches, seed=seed)
        self._network.set_weights(learned)
        logits = predict_logits(self._network, self._select.x)
        about = replace(
            about, temperature=fit_temperature(logits, self._select.y), threshold=rejection_threshold(logits, self._select.y)
        )
        tflite = export(self._network, about.temperature, about.threshold)
        gate = {"accepted": True, "reason": "Nobody asked."}
        return UngatedVersion(
            about.labels, pack(learned, about), tflite, hashlib.sha256(tflite).hexdigest(), {"steps": self._recipe.steps}, gate
        )
