"""Combine the predictions of two networks into one answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Status = Literal["sure", "unsure", "not_a_symbol", "empty"]
Learner = Literal["fnn", "cnn"]
Role = Literal["original", "learned"]
LEARNERS: tuple[Learner, ...] = ("fnn", "cnn")
ROLES: tuple[Role, ...] = ("original", "learned")

SURE = 0.5  # above 0.5, no other label can be more probable
REJECTION_THRESHOLD = 0.5  # calibration moves each network's own rejection threshold to 0.5
SMALLEST_ALTERNATIVE = 0.02  # of the answer's p: a clean oval gives at least this to the other of O and 0


@dataclass(frozen=True)
class Guess:
    """One label and its calibrated probability, 0..1."""

    label: str
    p: float


@dataclass(frozen=True)
class ModelPrediction:
    """The prediction of one version of one learner.

    ``top`` has the most probable label first, and is empty for an empty drawing. ``reject`` is the rejection probability, 0..1;
    from 0.5 on, the drawing is "not a symbol". ``probabilities`` has every label of the version, given that the drawing is a
    symbol. ``embedding`` (d,) is the output of the penultimate layer, None where the artefact has no such output.
    ``instead_of`` is the live version where that cannot be loaded.
    """

    learner: Learner
    role: Role
    version: str
    top: tuple[Guess, ...]
    reject: float = 0.0
    probabilities: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)
    embedding: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    instead_of: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as the database has it."""
        top = [{"label": guess.label, "p": guess.p} for guess in self.top]
        return {"learner": self.learner, "role": self.role, "version": self.version, "top": top, "reject": self.reject}


@dataclass(frozen=True)
class Answer:
    """The combined answer of both learned networks; ``alternatives`` are probable labels that look like ``label``, best first.

    ``p`` is the probability of the label; for the status ``not_a_symbol``, the rejection probability.
    """

    status: Status
    label: str | None
    p: float | None
    alternatives: tuple[Guess, ...] = ()

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Answer:
        """Return the answer in the row of a prediction."""
        alternatives = tuple(Guess(**guess) for guess in kept.get("alternatives", ()))
        return cls(kept["status"], kept["label"], kept["p"], alternatives)


EMPTY = Answer("empty", None, None)


def top_guesses(probabilities: NDArray[np.floating], labels: tuple[str, ...], count: int = 3) -> tuple[Guess, ...]:
    """Return the ``count`` most probable labels of ``probabilities`` (n,), best first."""
    best = np.argsort(-probabilities, kind="stable")[:count]
    return tuple(Guess(labels[i], round(float(probabilities[i]), 6)) for i in best)


def model_prediction(
    learner: Learner,
    role: Role,
    version: str,
    outputs: NDArray[np.floating],
    labels: tuple[str, ...],
    embedding: NDArray[np.float32] | None = None,
) -> ModelPrediction:
    """Return the prediction from a version's ``outputs`` (labels + 1,): label probabilities, then the rejection probability."""
    known = outputs[:-1]
    named = dict(zip(labels, (float(p) for p in known), strict=True))
    return ModelPrediction(learner, role, version, top_guesses(known, labels), round(float(outputs[-1]), 6), named, embedding)


def combine(model_predictions: tuple[ModelPrediction, ...], confusable: tuple[tuple[str, ...], ...] = ()) -> Answer:
    """Combine the predictions of the learned networks into one answer; ``confusable`` are groups of labels that look alike.

    The rules, in order. An empty drawing: ``EMPTY``. The mean of ``reject`` is at least 0.5: "not a symbol". Both networks agree:
    their label, with the mean of their probabilities. They differ: the more probable label. The status is ``unsure`` where
    neither probability is above 0.5.

    Look-alikes of at least 2 % of the label's probability become ``alternatives``, and the status is ``unsure``: a drawing alone
    does not tell ``0`` from ``O``; the probabilities, of the label too, are then means of both networks, and show only how often
    people mean each.
    """
    learned = [prediction for prediction in model_predictions if prediction.role == "learned" and prediction.top]
    if not learned:
        return EMPTY
    reject = sum(prediction.reject for prediction in learned) / len(learned)
    if reject >= REJECTION_THRESHOLD:
        return Answer("not_a_symbol", None, round(reject, 6))
    best = [prediction.top[0] for prediction in learned]
    surest = max(best, key=lambda guess: guess.p)
    agreed = all(guess.label == surest.label for guess in best)
    p = sum(guess.p for guess in best) / len(best) if agreed else surest.p
    alternatives = _alternatives(learned, surest.label, p, confusable)
    if alternatives and not agreed:
        p = _mean(learned, surest.label)  # as the alternatives have it: together they are at most 1
    status: Status = "sure" if surest.p > SURE and not alternatives else "unsure"
    return Answer(status, surest.label, round(p, 6), alternatives)


def _alternatives(
    learned: list[ModelPrediction], label: str, p: float, confusable: tuple[tuple[str, ...], ...]
) -> tuple[Guess, ...]:
    look_alikes = {other for group in confusable if label in group for other in group if other != label}
    means = {other: _mean(learned, other) for other in look_alikes}
    found = [Guess(other, round(mean, 6)) for other, mean in means.items() if mean >= SMALLEST_ALTERNATIVE * p]
    return tuple(sorted(found, key=lambda guess: (-guess.p, guess.label)))


def _mean(learned: list[ModelPrediction], label: str) -> float:
    # A version that does not know a label yet gives it the probability 0.
    return sum(model.probabilities.get(label, 0.0) for model in learned) / len(learned)
