"""From two networks' probabilities to one answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Status = Literal["sure", "unsure", "not_a_symbol", "empty"]
Learner = Literal["fnn", "cnn"]
Role = Literal["original", "learned"]
LEARNERS: tuple[Learner, ...] = ("fnn", "cnn")
ROLES: tuple[Role, ...] = ("original", "learned")

SURE = 0.5  # above one half no other label can be more probable


@dataclass(frozen=True)
class Guess:
    """One label and its calibrated probability, 0..1."""

    label: str
    p: float


@dataclass(frozen=True)
class Opinion:
    """What one version of one learner says; ``top`` has the most probable label first, and is empty for an empty drawing."""

    learner: Learner
    role: Role
    version: str
    top: tuple[Guess, ...]


@dataclass(frozen=True)
class Answer:
    """The one answer given from both learned networks."""

    status: Status
    label: str | None
    p: float | None


EMPTY = Answer("empty", None, None)


def top_guesses(probabilities: NDArray[np.float32], labels: tuple[str, ...], count: int = 3) -> tuple[Guess, ...]:
    """Return the ``count`` most probable labels of ``probabilities`` (n,), best first."""
    best = np.argsort(-probabilities, kind="stable")[:count]
    return tuple(Guess(labels[i], round(float(probabilities[i]), 6)) for i in best)


def combine(opinions: tuple[Opinion, ...]) -> Answer:
    """Give one answer from the learned networks' opinions.

    Both agree: that label, with the mean of their probabilities. They differ: the more confident one.
    Neither is above one half: the same label, marked ``unsure``. Nothing was drawn: ``EMPTY``.
    """
    best = [opinion.top[0] for opinion in opinions if opinion.role == "learned" and opinion.top]
    if not best:
        return EMPTY
    surest = max(best, key=lambda guess: guess.p)
    status: Status = "sure" if surest.p > SURE else "unsure"
    agreed = all(guess.label == surest.label for guess in best)
    p = sum(guess.p for guess in best) / len(best) if agreed else surest.p
    return Answer(status, surest.label, round(p, 6))
