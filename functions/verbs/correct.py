"""The verb *correct*: the true label of a prediction's drawing makes it a sample that teaches."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.dataset import splits
from functions.dataset.assess import assess, record_evidence, recorded_predictions
from functions.dataset.pictures import picture
from functions.domain.trust import Mode, SampleStatus
from functions.errors import Conflict, MissingObject, UnknownPrediction
from functions.records import facts, outbox
from functions.records.database import Database
from functions.records.drawings import is_wiped, square_of
from functions.records.evidence_log import wipe_evidence
from functions.records.runs import active_run
from functions.records.tables import DrawingRow, Prediction, Sample, new_id
from functions.store import Store


@dataclass(frozen=True)
class StatedLabel:
    """What a person says of a prediction: ``right``, or the true ``label`` (None is "not a symbol", which teaches too)."""

    right: bool = False
    label: str | None = None


@dataclass(frozen=True)
class Corrected:
    """The sample that a correction made (or found), its status, and the learn run that waits for it, if one does.

    One that is ``apart`` never teaches, because its author is one of those who only judge.
    """

    sample: str
    status: SampleStatus
    run: str | None
    apart: bool = False


def correct(
    database: Database,
    store: Store,
    wake: jobs.Wake,
    trust: Mode,
    *,
    prediction_id: str,
    verdict: StatedLabel,
    from_owner: bool = False,
    block: str | None = None,
    learn_after: float = 0.5,
) -> Corrected:
    """Turn a prediction's own drawing into a sample with its true label, and ask for a learn run.

    The same label again finds the same sample. Another label than before withdraws the earlier sample - its object goes,
    its row stays and tells why - and makes a new one: samples are immutable facts that snapshots refer to by id,
    so a label is never changed under a version that may have learned it.
    ``block`` is a keyed hash of the address block it came from, for the trust rules.

    Raises:
        UnknownPrediction: no kept prediction has that id.
        BadLabel: the set has no such label.
        Conflict: the drawing was withdrawn.
        StoreUnavailable: an uploaded picture is only in the store, and that cannot be reached.
    """
    png = _prefetch(database, store, prediction_id)
    with database.writing() as session:
        # Locked, so that two corrections of one prediction follow each other.
        prediction = session.get_one(Prediction, prediction_id, with_for_update=True)
        set_name = prediction.set_name
        symbols = registry.symbol_set(session, set_name)
        # What is right is what its author was shown, which their own drawings may have had a say in.
        label = prediction.opinions.get("adapted", prediction.answer)["label"] if verdict.right else verdict.label
        if label is not None:
            symbols.index(label)
        earlier = _latest(session, prediction_id)
        # Locked too: its author may be taking back everything just now.
        row = session.get_one(DrawingRow, prediction.drawing_id, with_for_update=True)
        if is_wiped(row):
            raise Conflict("This drawing was withdrawn, so it cannot be corrected any more.")
        if earlier is not None and earlier.label == label:
            apart = splits.expected_split(session, set_name, earlier.contributor_id) != "teach"
            return Corrected(earlier.id, earlier.status, _run_of(session, earlier), apart)  # type: ignore[arg-type]
        if png is None:
            png = picture(session, store, _key(prediction, earlier), row)
        if earlier is not None:
            earlier.status, earlier.reason = "withdrawn", "corrected again"
            wipe_evidence(session, earlier.id)
            outbox.remove(session, facts.picture_key(set_name, earlier.label, earlier.id))
            outbox.remove(session, facts.facts_key(set_name, earlier.label, earlier.id))
        weighed = assess(
            session,
            trust,
            symbols,
            source="correction",
            label=label,
            square=square_of(row),
            contributor=prediction.contributor_id,
            block=block,
            opinions=recorded_predictions(prediction.opinions["models"]),
            answered=prediction.answer["label"],
            from_owner=from_owner,
        )
        judgement = weighed.judgement
        sample = Sample(
            id=new_id(),
            set_name=set_name,
            label=label,
            status=judgement.status,
            reason=judgement.reason,
            source="correction",
            drawing_id=row.id,
            prediction_id=prediction_id,
            contributor_id=prediction.contributor_id,
        )
        session.add(sample)
        session.flush()
        record_evidence(session, weighed, sample)
        outbox.remove(session, facts.drawing_key(set_name, row.id))
        outbox.remove(session, facts.drawing_facts_key(set_name, row.id))
        outbox.send(session, facts.picture_key(set_name, label, sample.id), png, "image/png")
        outbox.send(session, facts.facts_key(set_name, label, sample.id), facts.facts(sample, row), "application/json")
        author = sample.contributor_id
        if judgement.status == "accepted":  # here, so that its author is told at once what it is for
            side = splits.splits_of(session, set_name, [author])[author]
            sample.side = splits.split_of_sample(side, "correction")
        else:
            side = splits.expected_split(session, set_name, author)
        teaches = sample.side == "teach"
        run = jobs.request(session, set_name, "learn", learn_after).id if teaches else None
    wake.outbox()
    if teaches:
        wake.runs(learn_after)
    return Corrected(sample.id, judgement.status, run, side != "teach")


def _prefetch(database: Database, store: Store, prediction_id: str) -> bytes | None:
    """Fetch the picture before the transaction, which should not wait for a slow store; None when it moved meanwhile."""
    with database.reading() as session:
        prediction = session.get(Prediction, prediction_id)
        if prediction is None:
            raise UnknownPrediction("There is no kept prediction with that id.")
        row = session.get_one(DrawingRow, prediction.drawing_id)
        with suppress(MissingObject):  # also where the drawing was withdrawn; the transaction tells that, with its reason
            return picture(session, store, _key(prediction, _latest(session, prediction_id)), row)
    return None


def _key(prediction: Prediction, latest: Sample | None) -> str:
    if latest is None:
        return facts.drawing_key(prediction.set_name, prediction.drawing_id)
    return facts.picture_key(prediction.set_name, latest.label, latest.id)


def _latest(session: Session, prediction_id: str) -> Sample | None:
    corrected_before = select(Sample).where(Sample.prediction_id == prediction_id, Sample.reason != "corrected again")
    return session.scalar(corrected_before.order_by(Sample.id.desc()).limit(1))


def _run_of(session: Session, sample: Sample) -> str | None:
    """Return the run that taught the sample, will teach it, or has tried to."""
    if sample.status != "accepted" or sample.side == "aside":
        return None
    return sample.taught_to or active_run(session, sample.set_name) or sample.offered_to
