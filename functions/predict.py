"""The verb *predict*: both networks' answer to a drawing, kept only with consent."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Protocol

import numpy as np

from functions.answer import Answer, Opinion, combine
from functions.drawing import Drawing, Square, to_png
from functions.records.database import Database
from functions.records.drawings import drawing_row
from functions.records.people import ensure_contributor
from functions.records.tables import Prediction, new_id
from functions.store import objects, outbox
from functions.wake import Wake

BLANK: Square = np.zeros((28, 28), np.float32)


class Networks(Protocol):
    """What predict needs of ``runtime.Runtime``."""

    def ask(self, set_name: str, square: Square) -> tuple[Opinion, ...]:
        """Return the opinions of both learners' original and learned versions; raise UnknownSet, NothingLearned."""

    def confusable(self, set_name: str) -> tuple[tuple[str, ...], ...]:
        """Return the set's groups of labels that look alike; raise UnknownSet."""


@dataclass(frozen=True)
class Predicted:
    """An answer and what it rests on; ``id`` is None when nothing was kept."""

    id: str | None
    set_name: str
    answer: Answer
    opinions: tuple[Opinion, ...]
    square: Square


def predict(
    database: Database,
    runtime: Networks,
    wake: Wake,
    *,
    set_name: str,
    drawing: Drawing | None,
    contributor: str | None = None,
) -> Predicted:
    """Answer what ``drawing`` is; None is a blank one, about which no network has an opinion.

    A ``contributor`` is named only with the author's consent: drawing and answer are then kept so that they can be corrected.
    Without one the database is not touched at all.

    Raises:
        UnknownSet: there is no such symbol set.
        NothingLearned: it has no networks yet.
    """
    square = BLANK if drawing is None else drawing.square
    opinions = runtime.ask(set_name, square)
    if drawing is None:
        opinions = tuple(replace(opinion, top=(), reject=0.0, probabilities={}) for opinion in opinions)
    answer = combine(opinions, runtime.confusable(set_name))
    if drawing is None or contributor is None:
        return Predicted(None, set_name, answer, opinions, square)
    png = to_png(drawing.ink)
    with database.writing() as session:
        ensure_contributor(session, contributor)
        row = drawing_row(set_name, contributor, drawing, png)
        session.add(row)
        session.flush()
        prediction = Prediction(
            id=new_id(),
            set_name=set_name,
            drawing_id=row.id,
            contributor_id=contributor,
            answer=asdict(answer),
            opinions={"models": [opinion.told() for opinion in opinions]},
        )
        session.add(prediction)
        session.flush()
        outbox.send(session, objects.drawing_key(set_name, row.id), png, "image/png")
        facts = objects.drawing_facts(row, prediction)
        outbox.send(session, objects.drawing_facts_key(set_name, row.id), facts, "application/json")
    wake.outbox()
    return Predicted(prediction.id, set_name, answer, opinions, square)
