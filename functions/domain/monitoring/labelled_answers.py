"""An answer with the true label that a person gave its drawing later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from functions.domain.answer import LEARNERS, REJECTION_THRESHOLD, Learner, Role

ModelRole = tuple[Learner, Role]
MODELS: tuple[ModelRole, ...] = tuple((learner, role) for learner in sorted(LEARNERS) for role in ("learned", "original"))


class ModelAnswer(NamedTuple):
    """The answer of one version; a label of None is "not a symbol"."""

    version: str
    label: str | None


class VersionScore(NamedTuple):
    """The right ones of some answers of a live version, and those of its learner's original to the same drawings."""

    right: int
    answers: int
    original_right: int
    original_answers: int


@dataclass(frozen=True)
class LabelledAnswer:
    """An answer with the ``true`` label of its drawing; None means "not a symbol", there and in ``answered``."""

    at: datetime
    true: str | None
    answered: str | None
    by_model: Mapping[ModelRole, ModelAnswer]

    # Both are kept with the answer: each request counts thousands of answers.
    @cached_property
    def flags(self) -> bytes:
        """One byte, 0 or 1, for each figure that ``accuracy`` counts, in its order."""
        models = [self.by_model.get(model) for model in MODELS]
        right = [model is not None and model.label == self.true for model in models]
        learned = [model.label for model in models[::2] if model is not None]
        both = len(learned) == len(LEARNERS)
        differ = both and len(set(learned)) > 1
        answered = [model is not None for model in models]
        return bytes([True, self.answered == self.true, *answered, *right, both, differ, *(differ and one for one in right[::2])])

    @cached_property
    def scores(self) -> dict[tuple[str, Learner], VersionScore]:
        """The score of each live version that answered, by its id and learner."""
        found = {}
        for (learner, role), model in self.by_model.items():
            if role == "learned":
                original = self.by_model.get((learner, "original"))
                beside = (original.label == self.true, 1) if original else (0, 0)
                found[model.version, learner] = VersionScore(model.label == self.true, 1, *beside)
        return found


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
    return Counter(map(attrgetter("true", "answered"), answers))
