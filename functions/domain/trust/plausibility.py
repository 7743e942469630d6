"""What the networks make of a label that a person gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from functions.domain.answer import REJECTION_THRESHOLD, ModelPrediction


def plausibility(
    model_predictions: Iterable[ModelPrediction], knowing: Mapping[str, Sequence[str]], label: str | None
) -> float | None:
    """Return how far the networks can imagine ``label``, 0..1, None where none of them knows it.

    ``knowing`` gives the labels of each version. One network that can imagine the label is enough, for the two fail at different
    drawings. Of each learner, though, the shipped and the live version must both be able to: otherwise wrong labels
    that were learned would make the next wrong ones plausible, step by step.
    """
    by_learner: dict[str, list[float]] = {}
    for prediction in model_predictions:
        if prediction.top and (label is None or label in knowing.get(prediction.version, ())):
            by_learner.setdefault(prediction.learner, []).append(_p(prediction, label))
    return max((min(found) for found in by_learner.values()), default=None)


def _p(prediction: ModelPrediction, label: str | None) -> float:
    if label is None:
        return prediction.reject
    # A label that is not among the best three is taken for impossible: the record of an answer keeps no more.
    p = next((guess.p for guess in prediction.top if guess.label == label), 0.0)
    # The probability holds if it is a symbol; what a network rejects it can hardly imagine to be one.
    return p * min(1.0, (1.0 - prediction.reject) / REJECTION_THRESHOLD)
