"""An answer with the true label that a person gave its drawing later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from functions.domain.answer import REJECTION_THRESHOLD, Learner, Role

ModelRole = tuple[Learner, Role]


class ModelAnswer(NamedTuple):
    """The answer of one version; a label of None is "not a symbol"."""

    version: str
    label: str | None


@dataclass(frozen=True)
class LabelledAnswer:
    """An answer with the ``true`` label of its drawing; None means "not a symbol", there and in ``answered``."""

    at: datetime
    true: str | None
    answered: str | None
    by_model: Mapping[ModelRole, ModelAnswer]

    def is_right(self, model: ModelRole) -> bool:
        """Tell whether a model that answered was right."""
        return self.by_model[model].label == self.true

    def learned(self) -> dict[Learner, ModelAnswer]:
        """Return the answers of the live versions, by learner."""
        return {learner: answer for (learner, role), answer in self.by_model.items() if role == "learned"}


def labelled_answer(
    at: datetime, true: str | None, answer: Mapping[str, Any], model_predictions: Mapping[str, Any]
) -> LabelledAnswer:
    """Read the columns of a prediction's row. Predictions from before networks could reject have no ``reject``."""
    by_model = {}
    for prediction in model_predictions["models"]:
        if prediction["top"]:
            rejected = prediction.get("reject", 0.0) >= REJECTION_THRESHOLD
            label = None if rejected else prediction["top"][0]["label"]
            by_model[prediction["learner"], prediction["role"]] = ModelAnswer(prediction["version"], label)
    return LabelledAnswer(at, true, answer["label"], by_model)


def confusion(answers: Iterable[LabelledAnswer]) -> Counter[tuple[str | None, str | None]]:
    """Count (true label, answered label); None is "not a symbol"."""
    return Counter((answer.true, answer.answered) for answer in answers)
