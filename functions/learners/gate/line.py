"""The figures of a line's first version, with which the gate compares every later version of the line. Pure.

They are stored in the header beside the weights. A line that began before its set declared these groups of confusable labels
begins anew with the version that is live.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from functions.learners.evaluation.half_decided import LabelGroups
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.gate.decide import FirstVersion
from functions.learners.gate.paired import LabelAnswers
from functions.learners.gate.rules import recalls


@dataclass(frozen=True)
class ConfusableFigures:
    """Figures on the shipped hold-out (0..1): ``as_one`` counts confusable labels as one, ``credit`` as half right.

    ``known`` is the mean credit on the shipped selection squares. The mappings are by label.
    """

    groups: list[list[str]]
    as_one: float
    credit: float
    known: float
    recalls_as_one: dict[str, float]
    credits: dict[str, float]

    @classmethod
    def of(cls, holdout: Evaluation, fixed: int, known: float, confusable: LabelGroups) -> ConfusableFigures:
        """Return the figures of a version from its answers to the hold-out, whose first ``fixed`` symbols ship."""
        symbols = holdout.symbols
        y, given = holdout.y[symbols][:fixed], holdout.given[symbols][:fixed]
        answers = LabelAnswers(holdout.labels, y, given, given, confusable)
        as_one, credit = answers.as_one.after, answers.half_decided.after
        return cls(
            [list(group) for group in confusable],
            float(as_one.mean()),
            float(credit.mean()),
            known,
            recalls(holdout.labels, y, as_one),
            recalls(holdout.labels, y, credit),
        )

    @classmethod
    def read(cls, stored: dict[str, Any] | None, confusable: LabelGroups) -> ConfusableFigures | None:
        """Return the figures in a header; None where they are missing or belong to other groups."""
        figures = cls(**stored) if stored is not None else None
        return figures if figures is not None and figures.groups == [list(group) for group in confusable] else None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON value of a header."""
        return asdict(self)

    def first_version(self, fixed: int) -> FirstVersion:
        """Return the figures as the gate compares them."""
        return FirstVersion(self.as_one, fixed, self.recalls_as_one, self.credit, self.credits)
