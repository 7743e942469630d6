"""The verb *recheck*: waiting samples are accepted or quarantined when there is more evidence."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.trust import Mode, reconsider
from functions.records import objects
from functions.records.database import Database
from functions.records.evidence import gather
from functions.records.evidence_log import claim_of, delete_old_evidence, has_old_evidence, longest_unseen
from functions.records.tables import DrawingRow, EvidenceRow, Sample, now

RECHECK_AFTER = timedelta(seconds=20)  # between two checks of a sample: people need longer to agree
SAMPLES_PER_RECHECK = 20  # a few milliseconds each, in which other writers wait


def recheck(database: Database, mode: Mode, learn_after: float = 0.5) -> int:
    """Recheck waiting samples that were not checked lately, and delete old evidence; return how many samples wait no longer.

    An accepted sample requests a quick run after ``learn_after`` quiet seconds. The modes ``moderated`` (the owner decides) and
    ``open`` (no sample waits) need no rechecks.
    """
    with database.reading() as session:
        due = longest_unseen(session, now() - RECHECK_AFTER, SAMPLES_PER_RECHECK) if mode == "review" else []
        old = has_old_evidence(session)
    if not due and not old:  # most of the time; on SQLite a writing transaction blocks all other writers
        return 0
    with database.writing() as session:
        if old:
            delete_old_evidence(session)
        return sum(_decided(session, sample_id, learn_after) for sample_id in due)


def _decided(session: Session, sample_id: str, learn_after: float) -> bool:
    waiting = select(EvidenceRow).where(EvidenceRow.sample_id == sample_id, EvidenceRow.waiting)
    evidence = session.scalar(waiting.with_for_update(skip_locked=True))
    if evidence is None:  # another worker is rechecking the sample
        return False
    # Not waited for: who decides about it now may wait for what was locked here for the samples before it.
    sample = session.get(Sample, sample_id, with_for_update={"skip_locked": True})
    if sample is None:
        return False
    if sample.status != "pending":  # the owner has decided, or the sample was withdrawn
        evidence.waiting = False
        return False
    evidence.looked_at = now()
    symbols = registry.symbol_set(session, sample.set_name)
    decision = reconsider(gather(session, claim_of(evidence, sample, symbols), but=sample_id))
    if decision is None:
        return False
    evidence.waiting = False
    sample.status, sample.reason, sample.reason_figures = decision.status, decision.code, dict(decision.figures)
    session.flush()
    row = session.get_one(DrawingRow, sample.drawing_id)
    objects.send_facts(session, sample, row)
    if decision.status == "accepted":
        jobs.request(session, sample.set_name, jobs.QUICK, learn_after)
    return True
