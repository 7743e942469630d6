"""What was said of a drawing, in the order of time: the networks' answer, its author's label, later labels. Nobody is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.domain.answer import Answer
from functions.records.tables import Prediction, Sample

MOST = 20  # labels of a drawing; each correction makes a sample
By = Literal["networks", "author", "correction", "owner", "import"]
FIRST: dict[str, By] = {"contribution": "author", "correction": "correction", "import": "import"}


@dataclass(frozen=True)
class SaidLabel:
    """A label that was given to a drawing (None: not a symbol), when, and by whom."""

    label: str | None
    at: datetime
    by: By


def label_history(session: Session, sample: Sample) -> tuple[SaidLabel, ...]:
    """Return the labels of a sample's drawing up to the sample's own, oldest first."""
    before = select(Sample).where(Sample.drawing_id == sample.drawing_id, Sample.id < sample.id)
    earlier = list(session.scalars(before.order_by(Sample.id.desc()).limit(MOST)))[::-1]
    history, owner_decided = list(_answer(session, sample)), False
    for one in (*earlier, sample):
        by: By = "owner" if owner_decided else FIRST[one.source]
        history.append(SaidLabel(one.label, one.created, by))
        owner_decided = one.reason_figures == {"by": "owner"}  # of a sample that the owner replaced by the next one
    return tuple(history)


def _answer(session: Session, sample: Sample) -> tuple[SaidLabel, ...]:
    prediction = session.get(Prediction, sample.prediction_id) if sample.prediction_id is not None else None
    if prediction is None:
        return ()
    return (SaidLabel(Answer.from_dict(prediction.answer).label, prediction.created, "networks"),)
