"""One answer, and what a person then said of its drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from functions.domain.answer import REJECTED, Learner, Role

Voice = tuple[Learner, Role]


class ModelAnswer(NamedTuple):
    """What one version answered; a label of None is "not a symbol"."""

    version: str
    label: str | None


@dataclass(frozen=True)
class LabelledAnswer:
    """An answer whose drawing a person named ``true`` at a moment; None is "not a symbol" there and in ``answered``."""

    at: datetime
    true: str | None
    answered: str | None
    said: Mapping[Voice, ModelAnswer]

    def right(self, voice: Voice) -> bool:
        """Tell whether a voice that was heard was right."""
        return self.said[voice].label == self.true

    def learned(self) -> dict[Learner, ModelAnswer]:
        """Return what the versions said that gave the answer, by learner."""
        return {learner: said for (learner, role), said in self.said.items() if role == "learned"}


def labelled_answer(at: datetime, true: str | None, answer: Mapping[str, Any], opinions: Mapping[str, Any]) -> LabelledAnswer:
    """Read what a prediction's row keeps. Opinions from before networks could reject have no ``reject``."""
    said = {}
    for opinion in opinions["models"]:
        if opinion["top"]:
            rejected = opinion.get("reject", 0.0) >= REJECTED
            label = None if rejected else opinion["top"][0]["label"]
            said[opinion["learner"], opinion["role"]] = ModelAnswer(opinion["version"], label)
    return LabelledAnswer(at, true, answer["label"], said)


def confusion(some: Iterable[LabelledAnswer]) -> Counter[tuple[str | None, str | None]]:
    """Count (true label, answered label); None is "not a symbol"."""
    return Counter((one.true, one.answered) for one in some)
