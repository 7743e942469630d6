"""Personalisation: a visitor's own labelled drawings adapt the predictions, for this visitor alone. Pure.

A cache model (Grave et al. 2017, "Unbounded cache model"; Zhang et al. 2021, "Tip-Adapter"): the keys are embeddings of the
visitor's drawings, the values are the visitor's labels. Nothing is trained: a correction counts at once, and a withdrawn one no
longer. ``benchmarks/personalisation`` chose the constants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.domain.answer import ModelPrediction, model_prediction

Numbers = NDArray[np.float64]

REACH = 0.75  # smallest cosine at which a drawing votes; one visitor's drawings of a label: 0.86 (FNN), 0.95 (CNN)
STRENGTH = 5.0  # log-odds of a vote by an identical drawing: it overrules an unsure network; two overrule a sure one
LEAST = 1e-3  # smallest probability of a label with a vote, so that a label that the network does not know can win


@dataclass(frozen=True)
class Example:
    """A visitor's own drawings: ``keys`` (n, d) are embeddings of one version; a label of None is "not a symbol"."""

    keys: NDArray[np.float32]
    labels: tuple[str | None, ...]


def nearness(embedding: NDArray[np.floating], keys: NDArray[np.floating], reach: float = REACH) -> Numbers:
    """Return the similarity of ``embedding`` (..., d) to each of ``keys`` (n, d): (..., n) in 0..1, 0 below ``reach``."""
    here, own = embedding.astype(np.float64), keys.astype(np.float64)
    lengths = np.linalg.norm(here, axis=-1, keepdims=True) * np.linalg.norm(own, axis=-1)  # (..., n)
    cosine = here @ own.T / np.maximum(lengths, 1e-12)  # an embedding of zeros is similar to nothing
    near: Numbers = np.maximum(0.0, (cosine - reach) / (1 - reach))
    return near


def adapted(
    outputs: NDArray[np.floating],
    embedding: NDArray[np.floating],
    keys: NDArray[np.floating],
    classes: NDArray[np.floating],
    alike: NDArray[np.floating] | None = None,
    strength: float = STRENGTH,
    reach: float = REACH,
) -> Numbers:
    """Mix the votes of similar own drawings into a network's calibrated ``outputs`` (..., K + 1): labels, then the rejection.

    ``keys`` (n, d) are the embeddings of the own drawings; ``classes`` (n, K + 1) is 1 at the class of each. Each drawing adds up
    to ``strength`` to the log-odds of its class, in proportion to its similarity. Where no own drawing is similar to
    ``embedding`` (..., d), the outputs are returned unchanged.

    ``alike`` (K + 1, K + 1) is 1 where two classes are confusable. A drawing then votes for its whole group first, because
    somebody's 0 says nothing against an O. Within the group it votes for its own class: one person's 0 and O often differ.
    """
    given = outputs.astype(np.float64)
    own_votes = nearness(embedding, keys, reach) @ classes  # (..., K + 1)
    votes = own_votes if alike is None else own_votes @ alike
    labels, reject = given[..., :-1], given[..., -1:]
    joint = np.concatenate([labels * (1 - reject), reject], -1)  # (..., K + 1), sums to 1
    joint = np.where(votes > 0, np.maximum(joint, LEAST), joint) * np.exp(strength * (votes - votes.max(-1, keepdims=True)))
    if alike is not None:
        joint = _within_groups(joint, own_votes, alike, strength)
    joint /= joint.sum(-1, keepdims=True)
    symbol = joint[..., :-1].sum(-1, keepdims=True)
    labels = np.where(symbol > 0, joint[..., :-1] / np.maximum(symbol, 1e-300), labels)
    mixed: Numbers = np.where(votes.any(-1, keepdims=True), np.concatenate([labels, joint[..., -1:]], -1), given)
    return mixed


def _within_groups(joint: Numbers, own_votes: Numbers, alike: NDArray[np.floating], strength: float) -> Numbers:
    """Return ``joint`` (..., K + 1) with the sum of each group of confusable classes divided anew by the votes for each class."""
    most = (alike * own_votes[..., None, :]).max(-1)  # of the class's group: the exponential stays within 0..1
    weights = joint * np.exp(strength * (own_votes - most))
    divided: Numbers = weights * (joint @ alike) / np.maximum(weights @ alike, 1e-300)
    return divided


def adapt(
    model_predictions: Iterable[ModelPrediction], own: Mapping[str, Example], confusable: Sequence[Sequence[str]]
) -> tuple[ModelPrediction, ...]:
    """Return the predictions, those of learned versions adapted to a visitor's own drawings (``own``, by version).

    A label that only the visitor's drawings have is added. Drawings of labels in one group of ``confusable`` look alike.
    """
    return tuple(
        _adapted(prediction, own[prediction.version], confusable) if prediction.version in own else prediction
        for prediction in model_predictions
    )


def _adapted(prediction: ModelPrediction, own: Example, confusable: Sequence[Sequence[str]]) -> ModelPrediction:
    if prediction.role != "learned" or prediction.embedding is None:
        return prediction
    unknown = dict.fromkeys(label for label in own.labels if label is not None and label not in prediction.probabilities)
    labels = (*prediction.probabilities, *unknown)
    outputs = np.array([*prediction.probabilities.values(), *[0.0] * len(unknown), prediction.reject])
    places = {label: place for place, label in enumerate((*labels, None))}  # "not a symbol" comes last
    classes = np.eye(len(places))[[places[label] for label in own.labels]]  # (n, K + 1)
    mixed = adapted(outputs, prediction.embedding, own.keys, classes, _alike(labels, confusable))
    if np.array_equal(mixed, outputs):
        return prediction
    return model_prediction(prediction.learner, prediction.role, prediction.version, mixed, labels)


def _alike(labels: Sequence[str], confusable: Sequence[Sequence[str]]) -> Numbers | None:
    """Return which of K + 1 classes are confusable with each other, or None if none are."""
    groups = [[labels.index(label) for label in group if label in labels] for group in confusable]
    if all(len(places) < 2 for places in groups):
        return None
    alike: Numbers = np.eye(len(labels) + 1)
    for places in groups:
        alike[np.ix_(places, places)] = 1.0
    return alike
