"""The verb *predict*: both networks' answer to a drawing, kept only with consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np

from functions.dataset.admit import keep_drawing
from functions.dataset.assess import Predicts
from functions.domain.answer import Answer, ModelPrediction, combine
from functions.domain.drawing import Drawing, Square, to_png
from functions.records import objects
from functions.records.database import Database
from functions.records.tables import Prediction, new_id

BLANK: Square = np.zeros((28, 28), np.float32)


class LiveNetworks(Predicts, Protocol):
    """What predict needs of the live models."""

    def confusable(self, set_name: str) -> tuple[tuple[str, ...], ...]:
        """Return the set's groups of labels that look alike; raise UnknownSet."""


class Hand(Protocol):
    """What predict needs of ``VisitorExamples``: the visitor's own drawings."""

    def adapt(
        self, set_name: str, model_predictions: tuple[ModelPrediction, ...], confusable: Sequence[Sequence[str]] = ()
    ) -> tuple[ModelPrediction, ...]:
        """Return the predictions, adapted to the visitor's own drawings."""


@dataclass(frozen=True)
class Predicted:
    """An answer and what it rests on; ``id`` is None when nothing was kept.

    ``model_predictions`` and ``unadapted`` are the networks' own, whatever ``answer`` says to who asked.
    """

    id: str | None
    set_name: str
    answer: Answer
    unadapted: Answer
    model_predictions: tuple[ModelPrediction, ...]
    square: Square

    @property
    def adapted(self) -> bool:
        """Tell whether the asker's own drawings had a say in the answer."""
        return self.answer != self.unadapted


def predict(
    database: Database,
    runtime: LiveNetworks,
    *,
    set_name: str,
    drawing: Drawing | None,
    contributor: str | None = None,
    hand: Hand | None = None,
) -> Predicted:
    """Answer what ``drawing`` is; None is a blank one, about which no network predicts anything.

    ``hand`` adapts the answer to who asks. What is kept as the answer is the networks' own: what judges them, or weighs a label
    by what they say, must not be flattered by it.

    A ``contributor`` is named only with the author's consent: drawing and answer are then kept so that they can be corrected.
    Without one the database is not touched, unless the ``hand`` reads it.

    Raises:
        UnknownSet: there is no such symbol set.
        NothingLearned: it has no networks yet.
    """
    square = BLANK if drawing is None else drawing.square
    model_predictions = runtime.ask(set_name, square)
    if drawing is None:
        model_predictions = tuple(replace(prediction, top=(), reject=0.0, probabilities={}) for prediction in model_predictions)
    confusable = runtime.confusable(set_name)
    unadapted = combine(model_predictions, confusable)
    answer = (
        combine(hand.adapt(set_name, model_predictions, confusable), confusable) if hand is not None and drawing else unadapted
    )
    if drawing is None or contributor is None:
        return Predicted(None, set_name, answer, unadapted, model_predictions, square)
    png = to_png(drawing.ink)
    with database.writing() as session:
        row = keep_drawing(session, set_name, contributor, drawing, png)
        prediction = Prediction(
            id=new_id(),
            set_name=set_name,
            drawing_id=row.id,
            contributor_id=contributor,
            answer=asdict(unadapted),
            opinions=_kept(model_predictions, answer if answer != unadapted else None),
        )
        session.add(prediction)
        session.flush()
        objects.send_drawing(session, row, png, prediction)
    return Predicted(prediction.id, set_name, answer, unadapted, model_predictions, square)


def _kept(model_predictions: tuple[ModelPrediction, ...], adapted: Answer | None) -> dict[str, Any]:
    """Return what a prediction's row keeps beside the networks' answer; ``adapted`` is what its author was shown instead."""
    models = [prediction.to_dict() for prediction in model_predictions]
    return {"models": models} if adapted is None else {"models": models, "adapted": asdict(adapted)}
