"""The probability that the networks give to a person's label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from functions.domain.answer import REJECTION_THRESHOLD, ModelPrediction


def plausibility(
    model_predictions: Iterable[ModelPrediction], knowing: Mapping[str, Sequence[str]], label: str | None
) -> float | None:
    """Return how probable the networks find ``label``, 0..1; None where no network knows it.

    ``knowing`` has the labels of each version. The higher value of the two learners counts, because they fail at different
    drawings. Of each learner, the lower value of the original and the live version counts: otherwise wrong labels that were
    learned would make the next wrong labels plausible.
    """
    by_learner: dict[str, list[float]] = {}
    for prediction in model_predictions:
        if prediction.top and (label is None or label in knowing.get(prediction.version, ())):
            by_learner.setdefault(prediction.learner, []).append(_p(prediction, label))
    return max((min(found) for found in by_learner.values()), default=None)


def _p(prediction: ModelPrediction, label: str | None) -> float:
    if label is None:
        return prediction.reject
    # A label that is not among the best three counts as impossible: a recorded answer has only three.
    p = next((guess.p for guess in prediction.top if guess.label == label), 0.0)
    # The probability holds if it is a symbol; what a network rejects it can hardly imagine to be one.
    return p * min(1.0, (1.0 - prediction.reject) / REJECTION_THRESHOLD)
