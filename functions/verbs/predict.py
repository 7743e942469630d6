"""The verb *predict*: both networks answer what a drawing is; the drawing is stored only with consent."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from functions.dataset.predicted import Examples, LiveNetworks, Predicted, answer, keep, shown_again, to_keep
from functions.domain.drawing import Drawing, Square
from functions.records.database import Database
from functions.records.idempotency import RequestKey, find_subject, keep_key
from functions.records.tables import Prediction


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
    predicted = answer(runtime, set_name, drawing, examples)
    if drawing is None or contributor is None:
        return predicted
    kept = to_keep(predicted, drawing, contributor)
    try:
        with database.writing() as session:
            if (earlier := _earlier(session, key, predicted.square)) is not None:
                return earlier
            keep(session, kept)
            keep_key(session, key, kept.prediction.id)
    except IntegrityError:
        # Two equal requests at once: the other one has stored the unique key, so its prediction answers this request too.
        with database.reading() as session:
            if (earlier := _earlier(session, key, predicted.square)) is None:
                raise
            return earlier
    return replace(predicted, id=kept.prediction.id)


def _earlier(session: Session, key: RequestKey | None, square: Square) -> Predicted | None:
    """Return the prediction that an earlier equal request stored, as it was shown; None if there is none."""
    if (prediction_id := find_subject(session, key)) is None:
        return None
    return shown_again(session.get_one(Prediction, prediction_id), square)
