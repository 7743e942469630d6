"""A drawing with the answer that both networks gave to it, and how it is kept: for the verbs *predict* and *read*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np
from sqlalchemy.orm import Session

from functions.dataset.admit import keep_drawing
from functions.dataset.assess import Predicts, recorded_predictions
from functions.domain.answer import Answer, ModelPrediction, combine
from functions.domain.drawing import Drawing, Square, to_png
from functions.records import objects, outbox
from functions.records.drawings import drawing_row
from functions.records.outbox import Object
from functions.records.tables import DrawingRow, Prediction, insert, new_id, now

BLANK: Square = np.zeros((28, 28), np.float32)


class LiveNetworks(Predicts, Protocol):
    """The part of the live models that an answer needs."""

    def confusable(self, set_name: str) -> tuple[tuple[str, ...], ...]:
        """Return the set's groups of labels that look alike; raise UnknownSet."""


class Examples(Protocol):
    """The part of ``VisitorExamples``, the visitor's own drawings, that an answer needs."""

    def adapt(
        self, set_name: str, model_predictions: tuple[ModelPrediction, ...], confusable: Sequence[Sequence[str]] = ()
    ) -> tuple[ModelPrediction, ...]:
        """Return the predictions, adapted to the visitor's own drawings."""


@dataclass(frozen=True)
class Predicted:
    """An answer with the predictions behind it; ``id`` is None if the prediction was not stored.

    It is not ``new`` where an earlier equal request stored it. The visitor's own drawings influence only ``answer``, not
    ``unadapted`` and ``model_predictions``.
    """

    id: str | None
    set_name: str
    answer: Answer
    unadapted: Answer
    model_predictions: tuple[ModelPrediction, ...]
    square: Square
    new: bool = True

    @property
    def adapted(self) -> bool:
        """Tell whether the visitor's own drawings changed the answer."""
        return self.answer != self.unadapted


def answer(runtime: LiveNetworks, set_name: str, drawing: Drawing | None, examples: Examples | None = None) -> Predicted:
    """Answer what ``drawing`` is, adapted to the visitor's ``examples``; None is a blank drawing. Nothing is stored.

    Raises:
        UnknownSet: there is no such symbol set.
        NothingLearned: the set has no networks yet.
    """
    square = BLANK if drawing is None else drawing.square
    model_predictions = runtime.ask(set_name, square)
    if drawing is None:
        model_predictions = tuple(replace(prediction, top=(), reject=0.0, probabilities={}) for prediction in model_predictions)
    confusable = runtime.confusable(set_name)
    unadapted = combine(model_predictions, confusable)
    adapted = unadapted
    if examples is not None and drawing is not None:
        adapted = combine(examples.adapt(set_name, model_predictions, confusable), confusable)
    return Predicted(None, set_name, adapted, unadapted, model_predictions, square)


@dataclass(frozen=True)
class ToKeep:
    """The rows of a drawing and of the answer to it, and their objects."""

    row: DrawingRow
    prediction: Prediction
    files: tuple[Object, Object]


def to_keep(predicted: Predicted, drawing: Drawing, contributor: str, reading: dict[str, Any] | None = None) -> ToKeep:
    """Make the rows and objects of an answered drawing; ``reading`` is where it belongs, if it is a glyph of a reading.

    The stored answer is unadapted, because the metrics and the trust rules must see the networks alone.
    """
    png = to_png(drawing.ink)
    row = drawing_row(predicted.set_name, contributor, drawing, png)
    prediction = Prediction(
        id=new_id(),
        set_name=predicted.set_name,
        drawing_id=row.id,
        contributor_id=contributor,
        answer=asdict(predicted.unadapted),
        opinions=_opinions(predicted) | ({} if reading is None else {"reading": reading}),
        created=now(),
    )
    return ToKeep(row, prediction, objects.of_drawing(row, png, prediction))


def keep(session: Session, kept: ToKeep) -> None:
    """Insert the rows, and send the objects."""
    keep_drawing(session, kept.row)
    insert(session, kept.prediction)
    outbox.send_new(session, *kept.files)


def shown_again(row: Prediction, square: Square | None) -> Predicted:
    """Return a stored prediction as it was shown; the square of a withdrawn drawing is blank."""
    shown = row.opinions.get("adapted", row.answer)
    models = recorded_predictions(row.opinions["models"])
    return Predicted(
        row.id,
        row.set_name,
        Answer.from_dict(shown),
        Answer.from_dict(row.answer),
        models,
        BLANK if square is None else square,
        new=False,
    )


def _opinions(predicted: Predicted) -> dict[str, Any]:
    """Return the ``opinions`` of a prediction's row; ``adapted`` is the answer that the author was shown instead."""
    models = [prediction.to_dict() for prediction in predicted.model_predictions]
    return {"models": models, "adapted": asdict(predicted.answer)} if predicted.adapted else {"models": models}
