"""The verb *contribute*: a drawing with its author's label becomes a sample."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from functions import registry
from functions.dataset.admit import admit, keep_drawing
from functions.dataset.assess import Predicts, assess, predictions_of
from functions.dataset.labelled_drawing import LabelledDrawing, Sender
from functions.domain.answer import ModelPrediction, combine
from functions.domain.drawing import Drawing, to_png
from functions.domain.trust import Mode, SampleStatus
from functions.errors import Conflict
from functions.records.database import Database
from functions.records.drawings import drawing_row, strokes_bytes
from functions.records.tables import DrawingRow, Sample

SITTING = 30.0  # seconds; a session of contributions becomes few runs, while one correction is learned at once


@dataclass(frozen=True)
class Contribution:
    """A drawing, its author's label, and the author.

    ``named`` tells that the request named the contributor (by cookie or token); only then an ``idempotency`` key is the
    contributor's own.
    """

    set_name: str
    label: str
    drawing: Drawing
    contributor: str
    named: bool
    idempotency: str | None = None


@dataclass(frozen=True)
class Contributed:
    """The sample of a contribution; ``new`` is False for a repeated request, which finds the sample of the first one."""

    sample: str
    label: str | None
    status: SampleStatus
    new: bool


def contribute(
    database: Database,
    trust: Mode,
    contribution: Contribution,
    sender: Sender = Sender(),  # noqa: B008 - frozen
    *,
    networks: Predicts | None = None,
    learn_after: float = 0.5,
) -> Contributed:
    """Store a labelled drawing in one transaction; its picture is delivered to the store afterwards.

    The trust rules compare the label with the predictions of the ``networks``.

    Raises:
        UnknownSet, BadLabel: the set or the label does not exist.
        Conflict: the idempotency key was used for another drawing or label.
    """
    given, png = contribution, to_png(contribution.drawing.ink)
    predictions = predictions_of(networks, given.set_name, given.drawing.square)
    keys = _idempotency_hashes(given, png)
    row = drawing_row(given.set_name, given.contributor, given.drawing, png)
    # Assessed before the transaction, which the other writers wait for.
    with database.reading() as session:
        labelled = _labelled(session, given, png, predictions, keys)
        assessment = assess(session, trust, labelled, sender)
    try:
        with database.writing() as session:
            if (earlier := _earlier(session, keys, given, png)) is not None:
                return earlier
            keep_drawing(session, row)
            delay = max(learn_after, SITTING)
            admitted = admit(session, trust, labelled, sender, row, learn_after=delay, assessment=assessment)
    except IntegrityError:
        # Two equal requests at once: the other one has stored the unique key, so its sample answers this request too.
        with database.reading() as session:
            if (earlier := _earlier(session, keys, given, png)) is None:
                raise
            return earlier
    return Contributed(admitted.sample.id, given.label, admitted.sample.status, new=True)  # type: ignore[arg-type]


def _labelled(
    session: Session, given: Contribution, png: bytes, predictions: tuple[ModelPrediction, ...], keys: list[str]
) -> LabelledDrawing:
    """Return the labelled drawing, or raise UnknownSet or BadLabel."""
    symbols = registry.symbol_set(session, given.set_name)
    symbols.index(given.label)
    return LabelledDrawing(
        symbols=symbols,
        label=given.label,
        source="contribution",
        contributor=given.contributor,
        square=given.drawing.square,
        png=png,
        predictions=predictions,
        answered=combine(predictions, symbols.confusable).label,
        idempotency=keys[0] if keys else None,
    )


def _idempotency_hashes(given: Contribution, png: bytes) -> list[str]:
    """Return the hashes of an earlier equal request; a new sample gets the first hash.

    Without a named contributor the hash includes the body, so that nobody finds another person's sample by guessing a key. A
    client that lost the first answer may or may not have its cookie, so a named contributor has both hashes.
    """
    if given.idempotency is None:
        return []
    body = hashlib.sha256("\n".join((given.set_name, given.label, _fingerprint(given.drawing, png))).encode()).hexdigest()
    anonymous = _hash("body", body, given.idempotency)
    return [_hash("contributor", given.contributor, given.idempotency), anonymous] if given.named else [anonymous]


def _earlier(session: Session, keys: list[str], given: Contribution, png: bytes) -> Contributed | None:
    found = list(session.scalars(select(Sample).where(Sample.idempotency.in_(keys)))) if keys else []
    if not found:
        return None
    sample = min(found, key=lambda one: one.id)
    row = session.get_one(DrawingRow, sample.drawing_id)
    same = (sample.set_name, sample.label) == (given.set_name, given.label)
    if sample.status != "withdrawn":  # a withdrawn drawing has no strokes left to compare
        same = same and row.strokes == strokes_bytes(given.drawing)
    if row.strokes is None:  # strokes are the record: another release may draw them a little differently
        same = same and row.png_sha256 == hashlib.sha256(png).hexdigest()
    if not same:
        raise Conflict("This Idempotency-Key was already used for another drawing or label.")
    return Contributed(sample.id, sample.label, sample.status, new=False)  # type: ignore[arg-type]


def _fingerprint(drawing: Drawing, png: bytes) -> str:
    return hashlib.sha256(png + b"\n" + (strokes_bytes(drawing) or b"")).hexdigest()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
