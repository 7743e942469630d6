"""From two networks' probabilities to one answer. Pure."""

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

SURE = 0.5  # above one half no other label can be more probable
REJECTED = 0.5  # a network's last output is shifted so that its own threshold lies here
WORTH_TELLING = 0.02  # of the answer's p: what a tablet's clean oval, an O or a 0, gives the other reading at the least


@dataclass(frozen=True)
class Guess:
    """One label and its calibrated probability, 0..1."""

    label: str
    p: float


@dataclass(frozen=True)
class ModelPrediction:
    """What one version of one learner says.

    ``top`` has the most probable label first, and is empty for an empty drawing. ``reject`` is how surely the drawing is not a
    symbol, 0..1, from one half on rejected. ``probabilities`` are those of every label the version knows, if it is a symbol;
    ``embedding`` (d,) is what it made of the drawing just before its last layer, None where it does not show that.
    """

    learner: Learner
    role: Role
    version: str
    top: tuple[Guess, ...]
    reject: float = 0.0
    probabilities: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)
    embedding: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)

    def told(self) -> dict[str, Any]:
        """Return it as the API gives it and the database keeps it."""
        top = [{"label": guess.label, "p": guess.p} for guess in self.top]
        return {"learner": self.learner, "role": self.role, "version": self.version, "top": top, "reject": self.reject}


@dataclass(frozen=True)
class Answer:
    """The one answer given from both learned networks; ``alternatives`` look like the label and are probable too, best first.

    ``p`` is the label's probability; where the status is ``not_a_symbol``, how surely it is none.
    """

    status: Status
    label: str | None
    p: float | None
    alternatives: tuple[Guess, ...] = ()


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
    """Return what a version's ``outputs`` (labels + 1,) say: the labels' probabilities, then how surely it is not a symbol."""
    known = outputs[:-1]
    named = dict(zip(labels, (float(p) for p in known), strict=True))
    return ModelPrediction(learner, role, version, top_guesses(known, labels), round(float(outputs[-1]), 6), named, embedding)


def combine(opinions: tuple[ModelPrediction, ...], confusable: tuple[tuple[str, ...], ...] = ()) -> Answer:
    """Give one answer from the learned networks' opinions; ``confusable`` are groups of labels that look alike.

    They reject the drawing, by the mean of their ``reject``: it is not a symbol. Otherwise both agree: that label, with the mean
    of their probabilities. They differ: the more confident one. Neither is above one half: the same label, marked ``unsure``.
    Nothing was drawn: ``EMPTY``.

    Look-alikes that are at least a fiftieth as probable as the label are told beside it, and the answer is then ``unsure``
    however probable the label is: what decides between ``0`` and ``O`` is how often people meant each, not this drawing.
    """
    learned = [model_prediction for model_prediction in opinions if model_prediction.role == "learned" and model_prediction.top]
    if not learned:
        return EMPTY
    reject = sum(model_prediction.reject for model_prediction in learned) / len(learned)
    if reject >= REJECTED:
        return Answer("not_a_symbol", None, round(reject, 6))
    best = [model_prediction.top[0] for model_prediction in learned]
    surest = max(best, key=lambda guess: guess.p)
    agreed = all(guess.label == surest.label for guess in best)
    p = sum(guess.p for guess in best) / len(best) if agreed else surest.p
    alternatives = _alternatives(learned, surest.label, p, confusable)
    status: Status = "sure" if surest.p > SURE and not alternatives else "unsure"
    return Answer(status, surest.label, round(p, 6), alternatives)


def _alternatives(
    learned: list[ModelPrediction], label: str, p: float, confusable: tuple[tuple[str, ...], ...]
) -> tuple[Guess, ...]:
    look_alikes = {other for group in confusable if label in group for other in group if other != label}
    # A version that does not know a label, because it was added later, gives it nothing.
    means = {other: sum(one.probabilities.get(other, 0.0) for one in learned) / len(learned) for other in look_alikes}
    told = [Guess(other, round(mean, 6)) for other, mean in means.items() if mean >= WORTH_TELLING * p]
    return tuple(sorted(told, key=lambda guess: (-guess.p, guess.label)))
