"""The personal head: what a visitor's own labelled drawings add to the networks' word, for them alone. Pure.

A cache model (Grave et al. 2017, "Unbounded cache model"; Zhang et al. 2021, "Tip-Adapter"): the keys are what a network made of
their drawings just before its last layer, the values are the labels they gave. Nothing is trained, so it knows a correction at
once and has forgotten it as soon as it is taken back. ``benchmarks/personalisation`` chose the constants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.domain.answer import ModelPrediction, model_prediction

Numbers = NDArray[np.float64]

REACH = 0.75  # cosine of embeddings from which on a drawing speaks for another; one hand's of a label: 0.86 (FNN), 0.95 (CNN)
STRENGTH = 5.0  # log-odds that a drawing just like it gives: more than a doubt; a network that is sure takes a second one
LEAST = 1e-3  # what a label has at the least that speaks here: also one that the network does not know yet can be named


@dataclass(frozen=True)
class Example:
    """A visitor's own drawings as one version sees them: ``keys`` (n, d) and the ``labels`` they gave, None is "not a symbol"."""

    keys: NDArray[np.float32]
    labels: tuple[str | None, ...]


def nearness(embedding: NDArray[np.floating], keys: NDArray[np.floating], reach: float = REACH) -> Numbers:
    """Return how near ``embedding`` (..., d) is to each of ``keys`` (n, d): (..., n), 1 in its direction, 0 beyond ``reach``."""
    here, own = embedding.astype(np.float64), keys.astype(np.float64)
    lengths = np.linalg.norm(here, axis=-1, keepdims=True) * np.linalg.norm(own, axis=-1)  # (..., n)
    cosine = here @ own.T / np.maximum(lengths, 1e-12)  # nothing is near an embedding of zeros
    near: Numbers = np.maximum(0.0, (cosine - reach) / (1 - reach))
    return near


def adapted(
    outputs: NDArray[np.floating],
    embedding: NDArray[np.floating],
    keys: NDArray[np.floating],
    classes: NDArray[np.floating],
    strength: float = STRENGTH,
    reach: float = REACH,
) -> Numbers:
    """Mix the votes of similar own drawings into a network's calibrated ``outputs`` (..., K + 1): labels, then the rejection.

    ``keys`` (n, d) are the embeddings of the own drawings, ``classes`` (n, K + 1) what each speaks for: 1 at its class and at
    those that look like it. Each adds up to ``strength`` to the log-odds of its class, less the farther it is, and nothing
    beyond ``reach``. Where no own drawing is near ``embedding`` (..., d), the outputs come back unchanged.
    """
    given = outputs.astype(np.float64)
    votes = nearness(embedding, keys, reach) @ classes  # (..., K + 1)
    labels, reject = given[..., :-1], given[..., -1:]
    joint = np.concatenate([labels * (1 - reject), reject], -1)  # all K + 1 together sum to one
    joint = np.where(votes > 0, np.maximum(joint, LEAST), joint) * np.exp(strength * (votes - votes.max(-1, keepdims=True)))
    joint /= joint.sum(-1, keepdims=True)
    symbol = joint[..., :-1].sum(-1, keepdims=True)
    labels = np.where(symbol > 0, joint[..., :-1] / np.maximum(symbol, 1e-300), labels)
    mixed: Numbers = np.where(votes.any(-1, keepdims=True), np.concatenate([labels, joint[..., -1:]], -1), given)
    return mixed


def adapt(
    opinions: Iterable[ModelPrediction], own: Mapping[str, Example], confusable: Sequence[Sequence[str]]
) -> tuple[ModelPrediction, ...]:
    """Return the learned versions' ``opinions`` with a visitor's own drawings in them, by version; the others as they are.

    A label that only the visitor's drawings know is among them then. Between the labels of one group of ``confusable`` nothing is
    decided: their drawings look alike whichever was meant, so one speaks for the whole group.
    """
    return tuple(_adapted(one, own[one.version], confusable) if one.version in own else one for one in opinions)


def _adapted(one: ModelPrediction, own: Example, confusable: Sequence[Sequence[str]]) -> ModelPrediction:
    if one.role != "learned" or one.embedding is None:
        return one
    unknown = dict.fromkeys(label for label in own.labels if label is not None and label not in one.probabilities)
    labels = (*one.probabilities, *unknown)
    outputs = np.array([*one.probabilities.values(), *[0.0] * len(unknown), one.reject])
    speaks_for = {label: _class(label, labels, confusable) for label in set(own.labels)}
    classes = np.stack([speaks_for[label] for label in own.labels])  # (n, K + 1)
    given = adapted(outputs, one.embedding, own.keys, classes)
    if np.array_equal(given, outputs):
        return one
    return model_prediction(one.learner, one.role, one.version, given, labels)


def _class(label: str | None, labels: tuple[str, ...], confusable: Sequence[Sequence[str]]) -> Numbers:
    alike = {label}.union(*(group for group in confusable if label in group))
    speaks_for: Numbers = np.array([float(other in alike) for other in (*labels, None)])  # "not a symbol" comes last
    return speaks_for
