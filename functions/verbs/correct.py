"""The verb *correct*: a prediction's drawing becomes a sample with its true label."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from functions import registry
from functions.dataset import splits
from functions.dataset.admit import admit
from functions.dataset.assess import recorded_predictions
from functions.dataset.labelled_drawing import LabelledDrawing, Sender
from functions.dataset.pictures import picture, picture_here
from functions.domain.symbols import SymbolSet
from functions.domain.trust import Mode, SampleStatus
from functions.errors import Conflict, MissingObject, UnknownPrediction
from functions.records import objects, outbox
from functions.records.database import Database
from functions.records.drawings import is_wiped, square_of
from functions.records.evidence_log import wipe_evidence
from functions.records.idempotency import RequestKey, find_subject, keep_key
from functions.records.runs import active_run
from functions.records.tables import DrawingRow, Prediction, Sample
from functions.store import Store, names


@dataclass(frozen=True)
class Correction:
    """A person's verdict about a prediction: ``right``, or the true ``label`` (None is "not a symbol").

    A request with the ``key`` of an earlier one finds the sample of that one, also if it was corrected again meanwhile.
    """

    prediction: str
    right: bool = False
    label: str | None = None
    key: RequestKey | None = None


@dataclass(frozen=True)
class Corrected:
    """The new or existing sample of a correction, its status, and the quick run that will learn it, if there is one.

    A sample that is ``apart`` is never trained on, because its author's split is validation or test.
    """

    sample: str
    status: SampleStatus
    run: str | None
    apart: bool = False


def correct(
    database: Database,
    store: Store,
    trust: Mode,
    correction: Correction,
    sender: Sender = Sender(),  # noqa: B008 - frozen
    *,
    learn_after: float = 0.5,
) -> Corrected:
    """Create a sample from a prediction's drawing and its true label, and request a quick run.

    A repeated label finds the same sample. Another label withdraws the earlier sample and creates a new one: snapshots refer to
    samples by id, so the label of a sample that a version may have learned never changes.

    Raises:
        UnknownPrediction: no kept prediction has that id.
        BadLabel: the set has no such label.
        Conflict: the drawing was withdrawn.
        KeyReused: the key was used for another request.
        StoreUnavailable: only the store has the uploaded picture, and the store cannot be reached.
    """
    png = _prefetch(database, store, correction.prediction)
    try:
        return _correct(database, store, trust, correction, sender, png, learn_after)
    except IntegrityError:
        # The same key at once for another prediction: the other request has stored it.
        with database.reading() as session:
            find_subject(session, correction.key)
        raise


def _correct(
    database: Database, store: Store, trust: Mode, correction: Correction, sender: Sender, png: bytes | None, learn_after: float
) -> Corrected:
    with database.writing() as session:
        # Locked, so that two corrections of one prediction follow each other.
        prediction = session.get_one(Prediction, correction.prediction, with_for_update=True)
        symbols = registry.symbol_set(session, prediction.set_name)
        label = _true_label(prediction, correction, symbols)
        earlier = _latest(session, prediction.id)
        # Locked too: its author may be withdrawing everything now.
        row = session.get_one(DrawingRow, prediction.drawing_id, with_for_update=True)
        if (known := find_subject(session, correction.key)) is not None:
            return _found(session, session.get_one(Sample, known))
        if is_wiped(row):
            raise Conflict("This drawing was withdrawn, so it cannot be corrected any more.")
        if earlier is not None and earlier.label == label:
            keep_key(session, correction.key, earlier.id)
            return _found(session, earlier)
        if png is None:
            png = picture(session, store, _key(prediction, earlier), row)
        if earlier is not None:
            _withdraw(session, earlier)
        outbox.remove(session, *objects.keys_of_drawing(row))
        labelled = _labelled(prediction, symbols, label, row, png)
        admitted = admit(session, trust, labelled, sender, row, learn_after=learn_after)
        keep_key(session, correction.key, admitted.sample.id)
        sample, apart = admitted.sample, _is_apart(session, admitted.sample)
    return Corrected(sample.id, sample.status, admitted.run, apart)  # type: ignore[arg-type]


def _found(session: Session, sample: Sample) -> Corrected:
    return Corrected(sample.id, sample.status, _run_of(session, sample), _is_apart(session, sample))  # type: ignore[arg-type]


def _true_label(prediction: Prediction, correction: Correction, symbols: SymbolSet) -> str | None:
    # "Right" is about the shown answer, which the author's own drawings may have changed.
    shown = prediction.opinions.get("adapted", prediction.answer)["label"]
    label: str | None = shown if correction.right else correction.label
    if label is not None:
        symbols.index(label)
    return label


def _labelled(prediction: Prediction, symbols: SymbolSet, label: str | None, row: DrawingRow, png: bytes) -> LabelledDrawing:
    return LabelledDrawing(
        symbols=symbols,
        label=label,
        source="correction",
        contributor=prediction.contributor_id,
        square=square_of(row),
        png=png,
        predictions=recorded_predictions(prediction.opinions["models"]),
        answered=prediction.answer["label"],
        prediction_id=prediction.id,
    )


def _withdraw(session: Session, replaced: Sample) -> None:
    """Withdraw a sample that was corrected again; only its row with the reason remains."""
    replaced.status, replaced.reason, replaced.reason_figures = "withdrawn", "corrected_again", {}
    wipe_evidence(session, replaced.id)
    outbox.remove(session, *objects.keys_of_sample(replaced))


def _is_apart(session: Session, sample: Sample) -> bool:
    return splits.expected_split(session, sample.set_name, sample.contributor_id) != "train"


def _prefetch(database: Database, store: Store, prediction_id: str) -> bytes | None:
    """Fetch the picture before the transaction, which must not wait for a slow store; None if the picture has moved."""
    with database.reading() as session:
        prediction = session.get(Prediction, prediction_id)
        if prediction is None:
            raise UnknownPrediction("There is no kept prediction with that id.")
        row = session.get_one(DrawingRow, prediction.drawing_id)
        key = _key(prediction, _latest(session, prediction_id))
        found = picture_here(session, key, row)
    if found is None:  # asked without a connection to the database, of which there are few
        with suppress(MissingObject):  # also for a withdrawn drawing, which the transaction refuses with its reason
            return store.get(key)
    return found


def _key(prediction: Prediction, latest: Sample | None) -> str:
    if latest is None:
        return names.drawing_key(prediction.set_name, prediction.drawing_id)
    return names.picture_key(prediction.set_name, latest.label, latest.id)


def _latest(session: Session, prediction_id: str) -> Sample | None:
    corrected_before = select(Sample).where(Sample.prediction_id == prediction_id, Sample.reason != "corrected_again")
    return session.scalar(corrected_before.order_by(Sample.id.desc()).limit(1))


def _run_of(session: Session, sample: Sample) -> str | None:
    """Return the run that learned the sample, will learn it, or has tried to."""
    if sample.status != "accepted" or sample.split == "unused":
        return None
    return sample.taught_to or active_run(session, sample.set_name) or sample.offered_to
