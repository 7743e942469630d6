"""Admit a labelled drawing to the dataset, for the verbs *contribute* and *correct*.

A sample, its evidence, its objects and its run are stored together, in the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from functions import jobs
from functions.dataset import splits
from functions.dataset.assess import Assessment, assess, still_holds
from functions.dataset.labelled_drawing import LabelledDrawing, Sender
from functions.domain.trust import Mode
from functions.domain.webhooks import Event
from functions.records import objects, webhooks
from functions.records.contributors import ensure_contributor
from functions.records.evidence_log import log_evidence
from functions.records.tables import DrawingRow, Sample, insert, new_id, now


@dataclass(frozen=True)
class Admitted:
    """A new sample, and the quick run that will learn it; None where no run will learn it now."""

    sample: Sample
    run: str | None


def keep_drawing(session: Session, row: DrawingRow) -> None:
    """Insert the row of a drawing, and the row of a new contributor."""
    ensure_contributor(session, row.contributor_id)
    insert(session, row)


def admit(
    session: Session,
    trust: Mode,
    labelled: LabelledDrawing,
    sender: Sender,
    row: DrawingRow,
    *,
    learn_after: float,
    assessment: Assessment | None = None,
) -> Admitted:
    """Create the sample of a kept drawing: assess it, store its evidence, send its objects, and request a quick run.

    The run starts after ``learn_after`` quiet seconds. An ``assessment`` from before the transaction is used if it still holds.

    Raises:
        IntegrityError: another sample has the same ``idempotency``.
    """
    if assessment is None or not still_holds(session, assessment):
        assessment = assess(session, trust, labelled, sender)
    status = assessment.decision.status
    # A correction gets its split at once, because the answer to its author names it; a contribution gets it from the next run.
    split: splits.SampleSplit | None = None
    if status == "accepted" and labelled.source == "correction":
        split = splits.split_of_new(session, labelled.symbols.name, labelled.contributor, labelled.source)
    sample = Sample(
        id=new_id(),
        set_name=labelled.symbols.name,
        label=labelled.label,
        status=status,
        reason=assessment.decision.code,
        reason_figures=dict(assessment.decision.figures),
        source=labelled.source,
        drawing_id=row.id,
        prediction_id=labelled.prediction_id,
        contributor_id=labelled.contributor,
        idempotency=labelled.idempotency,
        split=split,
        created=now(),
    )
    session.flush()
    insert(session, sample)
    log_evidence(session, assessment.claim, sample, surprising=assessment.surprising, waiting=assessment.waiting)
    objects.send_sample(session, sample, row, labelled.png)
    if status in ("pending", "quarantined"):
        webhooks.tell(session, Event.SAMPLE_WAITING, sample.set_name, sample=sample.id, status=status)
    learned = status == "accepted" and split in (None, "train")
    run = jobs.request(session, sample.set_name, jobs.QUICK, learn_after) if learned else None
    return Admitted(sample, run)
