"""The verb *predict*: both networks answer what a drawing is; the drawing is stored only with consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from functions.dataset.admit import keep_drawing
from functions.dataset.assess import Predicts, recorded_predictions
from functions.domain.answer import Answer, ModelPrediction, combine
from functions.domain.drawing import Drawing, Square, to_png
from functions.records import objects, outbox
from functions.records.database import Database
from functions.records.drawings import drawing_row
from functions.records.idempotency import RequestKey, find_subject, keep_key
from functions.records.tables import Prediction, insert, new_id, now

BLANK: Square = np.zeros((28, 28), np.float32)


class LiveNetworks(Predicts, Protocol):
    """The part of the live models that predict needs."""

    def confusable(self, set_name: str) -> tuple[tuple[str, ...], ...]:
        """Return the set's groups of labels that look alike; raise UnknownSet."""


class Examples(Protocol):
    """The part of ``VisitorExamples``, the visitor's own drawings, that predict needs."""

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


def predict(
    database: Database,
    runtime: LiveNetworks,
    *,
    set_name: str,
    drawing: Drawing | None,
    contributor: str | None = None,
    examples: Examples | None = None,
    key: RequestKey | None = None,
) -> Predicted:
    """Answer what ``drawing`` is; None is a blank drawing, for which the networks predict nothing.

    The visitor's ``examples`` adapt the answer. The stored answer is unadapted, because the metrics and the trust rules must see
    the networks alone. A ``contributor`` is given only with consent: then drawing and answer are stored for a correction.
    Without a contributor, only the ``examples`` read the database. A stored prediction with the same ``key`` is returned again.

    Raises:
        UnknownSet: there is no such symbol set.
        NothingLearned: the set has no networks yet.
        KeyReused: the key was used for another request.
    """
    square = BLANK if drawing is None else drawing.square
    model_predictions = runtime.ask(set_name, square)
    if drawing is None:
        model_predictions = tuple(replace(prediction, top=(), reject=0.0, probabilities={}) for prediction in model_predictions)
    confusable = runtime.confusable(set_name)
    unadapted = combine(model_predictions, confusable)
    answer = unadapted
    if examples is not None and drawing is not None:
        answer = combine(examples.adapt(set_name, model_predictions, confusable), confusable)
    if drawing is None or contributor is None:
        return Predicted(None, set_name, answer, unadapted, model_predictions, square)
    png = to_png(drawing.ink)
    row = drawing_row(set_name, contributor, drawing, png)
    prediction = Prediction(
        id=new_id(),
        set_name=set_name,
        drawing_id=row.id,
        contributor_id=contributor,
        answer=asdict(unadapted),
        opinions=_kept(model_predictions, answer if answer != unadapted else None),
        created=now(),
    )
    files = objects.of_drawing(row, png, prediction)
    try:
        with database.writing() as session:
            if (earlier := _earlier(session, key, square)) is not None:
                return earlier
            keep_drawing(session, row)
            insert(session, prediction)
            keep_key(session, key, prediction.id)
            outbox.send_new(session, *files)
    except IntegrityError:
        # Two equal requests at once: the other one has stored the unique key, so its prediction answers this request too.
        with database.reading() as session:
            if (earlier := _earlier(session, key, square)) is None:
                raise
            return earlier
    return Predicted(prediction.id, set_name, answer, unadapted, model_predictions, square)


def _earlier(session: Session, key: RequestKey | None, square: Square) -> Predicted | None:
    """Return the prediction that an earlier equal request stored, as it was shown; None if there is none."""
    if (prediction_id := find_subject(session, key)) is None:
        return None
    row = session.get_one(Prediction, prediction_id)
    shown = row.opinions.get("adapted", row.answer)
    models = recorded_predictions(row.opinions["models"])
    return Predicted(row.id, row.set_name, Answer.from_dict(shown), Answer.from_dict(row.answer), models, square, new=False)


def _kept(model_predictions: tuple[ModelPrediction, ...], adapted: Answer | None) -> dict[str, Any]:
    """Return the ``opinions`` of a prediction's row; ``adapted`` is the answer that the author was shown instead."""
    models = [prediction.to_dict() for prediction in model_predictions]
    return {"models": models} if adapted is None else {"models": models, "adapted": asdict(adapted)}
