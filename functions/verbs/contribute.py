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
from functions.errors import KeyReused
from functions.records.database import Database
from functions.records.drawings import drawing_row, drawing_sha256, has_strokes, strokes_bytes
from functions.records.idempotency import GivenKey, RequestKey, find_subject, keep_key
from functions.records.tables import DrawingRow, Sample

SITTING = 30.0  # seconds; a session of contributions becomes few runs, while one correction is learned at once


@dataclass(frozen=True)
class Contribution:
    """A drawing, its author's label, the author, and the request's Idempotency-Key."""

    set_name: str
    label: str
    drawing: Drawing
    contributor: str
    key: GivenKey | None = None


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
        KeyReused: the Idempotency-Key was used for another request.
    """
    given, png = contribution, to_png(contribution.drawing.ink)
    predictions = predictions_of(networks, given.set_name, given.drawing.square)
    earlier = _Earlier(given, png)
    row = drawing_row(given.set_name, given.contributor, given.drawing, png)
    # Assessed before the transaction, which the other writers wait for.
    with database.reading() as session:
        labelled = _labelled(session, given, png, predictions, earlier.kept)
        assessment = assess(session, trust, labelled, sender)
    try:
        with database.writing() as session:
            if (found := earlier.find(session)) is not None:
                return found
            keep_drawing(session, row)
            delay = max(learn_after, SITTING)
            admitted = admit(session, trust, labelled, sender, row, learn_after=delay, assessment=assessment)
            keep_key(session, earlier.key, admitted.sample.id)
    except IntegrityError:
        # Two equal requests at once: the other one has stored the unique key, so its sample answers this request too.
        with database.reading() as session:
            if (found := earlier.find(session)) is None:
                registry.symbol_set(session, given.set_name)  # or the owner has deleted it meanwhile
                raise
            return found
    return Contributed(admitted.sample.id, given.label, admitted.sample.status, new=True)  # type: ignore[arg-type]


def _labelled(
    session: Session, given: Contribution, png: bytes, predictions: tuple[ModelPrediction, ...], idempotency: str | None
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
        idempotency=idempotency,
    )


class _Earlier:
    """Finds the sample that an earlier equal request made.

    Earlier releases kept a key only in its sample, as one of the hashes ``in_samples``. The first one is ``kept`` there still,
    because a sample's facts in the bucket have it, so a rebuilt database knows the key too.
    """

    def __init__(self, given: Contribution, png: bytes) -> None:
        self._given, self._png = given, png
        self.key: RequestKey | None = None
        self._in_samples: list[str] = []
        if given.key is not None:
            self.key = given.key.with_request("contribution", given.set_name, given.label, drawing_sha256(given.drawing, png))
            self._in_samples = _hashes_in_samples(given, given.key, png)

    @property
    def kept(self) -> str | None:
        """The hash that a new sample keeps."""
        return self._in_samples[0] if self._in_samples else None

    def find(self, session: Session) -> Contributed | None:
        """Return the earlier sample; None if there is none; raise KeyReused."""
        if self.key is None:
            return None
        if (sample_id := find_subject(session, self.key)) is not None:
            return _found(session.get_one(Sample, sample_id))
        found = list(session.scalars(select(Sample).where(Sample.idempotency.in_(self._in_samples))))
        if not found:
            return None
        sample = min(found, key=lambda one: one.id)
        if not self._is_same(sample, session.get_one(DrawingRow, sample.drawing_id)):
            raise KeyReused("This Idempotency-Key was already used for another drawing or label; use a new one for each.")
        return _found(sample)

    def _is_same(self, sample: Sample, row: DrawingRow) -> bool:
        same = (sample.set_name, sample.label) == (self._given.set_name, self._given.label)
        if sample.status != "withdrawn":  # a withdrawn drawing has no strokes left to compare
            same = same and has_strokes(row, self._given.drawing)
        if row.strokes is None:  # strokes are the record: another release may draw them a little differently
            same = same and row.png_sha256 == hashlib.sha256(self._png).hexdigest()
        return same


def _found(sample: Sample) -> Contributed:
    return Contributed(sample.id, sample.label, sample.status, new=False)  # type: ignore[arg-type]


def _hashes_in_samples(given: Contribution, key: GivenKey, png: bytes) -> list[str]:
    """Return the hashes of an earlier request, the contributor's own first; without a contributor, the hash has the body."""
    drawn = hashlib.sha256(png + b"\n" + (strokes_bytes(given.drawing) or b"")).hexdigest()
    body = hashlib.sha256("\n".join((given.set_name, given.label, drawn)).encode()).hexdigest()
    anonymous = _hash("body", body, key.text)
    return [_hash("contributor", given.contributor, key.text), anonymous] if key.named else [anonymous]


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
