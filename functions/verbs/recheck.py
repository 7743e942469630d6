"""The verb *look again*: samples that wait are accepted or quarantined when more is known about them."""

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
from functions.records.samples import find_sample
from functions.records.tables import DrawingRow, EvidenceRow, now

RECHECK_AFTER = timedelta(seconds=20)  # from one look at a sample to the next: agreement takes people longer than that
SAMPLES_PER_RECHECK = 20  # samples a look: a few milliseconds each, in a transaction that others may wait for


def recheck(database: Database, mode: Mode, learn_after: float = 0.5) -> int:
    """Judge anew those that wait and were not looked at lately; return how many wait no longer.

    What is accepted asks for a learn run after ``learn_after`` quiet seconds. Traces that are too old are forgotten.
    Nothing is judged where the owner decides (``moderated``), or where nothing is held (``open``).
    """
    with database.reading() as session:
        due = longest_unseen(session, now() - RECHECK_AFTER, SAMPLES_PER_RECHECK) if mode == "review" else []
        old = has_old_evidence(session)
    if not due and not old:  # most of the time; on SQLite a transaction that writes keeps all others from writing
        return 0
    with database.writing() as session:
        if old:
            delete_old_evidence(session)
        return sum(_decided(session, sample_id, learn_after) for sample_id in due)


def _decided(session: Session, sample_id: str, learn_after: float) -> bool:
    # Another worker may be looking at it; then it is done.
    trace = session.scalar(
        select(EvidenceRow).where(EvidenceRow.sample_id == sample_id, EvidenceRow.waiting).with_for_update(skip_locked=True)
    )
    if trace is None:
        return False
    sample = find_sample(session, sample_id, lock=True)
    if sample.status != "pending":  # the owner has decided, or it was taken back
        trace.waiting = False
        return False
    trace.looked_at = now()
    symbols = registry.symbol_set(session, sample.set_name)
    decision = reconsider(gather(session, claim_of(trace, sample, symbols), but=sample_id))
    if decision is None:
        return False
    trace.waiting = False
    sample.status, sample.reason, sample.reason_figures = decision.status, decision.code, dict(decision.figures)
    session.flush()
    row = session.get_one(DrawingRow, sample.drawing_id)
    objects.send_facts(session, sample, row)
    if decision.status == "accepted":
        jobs.request(session, sample.set_name, jobs.QUICK, learn_after)
    return True
