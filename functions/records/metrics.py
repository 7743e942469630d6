"""What is known about how well a set's networks do: on the hold-out, and on what people corrected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.answer import REJECTED
from functions.records.tables import Prediction, Sample

LATEST = 5000  # corrections that are looked at: enough for a tenth of a percent, and read in well under a second


@dataclass
class Tally:
    """How often something was right."""

    right: int = 0
    count: int = 0

    def add(self, right: bool) -> None:
        """Count one answer."""
        self.right += right
        self.count += 1

    @property
    def accuracy(self) -> float | None:
        """The share that was right, None for none at all."""
        return round(self.right / self.count, 6) if self.count else None


@dataclass
class LiveAccuracy:
    """What the answers were worth, judged by the labels people gave afterwards."""

    answer: Tally = field(default_factory=Tally)
    models: dict[tuple[str, str], Tally] = field(default_factory=dict)  # (learner, role)
    confusion: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)  # (true label, answered label)


def live_accuracy(session: Session, set_name: str, latest: int = LATEST) -> LiveAccuracy:
    """Compare each of the latest corrected predictions with its sample's label.

    An answer was given before its drawing could be learned, so this is an honest estimate, but of the drawings that people
    cared to judge. Only accepted samples count. What is not a symbol is answered rightly by rejecting it, and a symbol is not.
    """
    question = (
        select(Sample.label, Prediction.answer, Prediction.opinions)
        .join(Prediction, Prediction.id == Sample.prediction_id)
        .where(Sample.set_name == set_name, Sample.status == "accepted")
        .order_by(Sample.id.desc())
        .limit(latest)
    )
    result = LiveAccuracy()
    for label, answer, opinions in session.execute(question):
        result.answer.add(answer["label"] == label)
        result.confusion[label, answer["label"]] += 1
        for opinion in opinions["models"]:
            tally = result.models.setdefault((opinion["learner"], opinion["role"]), Tally())
            rejected = opinion.get("reject", 0.0) >= REJECTED  # an opinion from before networks could reject has none
            tally.add((None if rejected else opinion["top"][0]["label"]) == label)
    return result
