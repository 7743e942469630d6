"""The traces that trust leaves and follows: kept for two weeks, then forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from functions.domain.symbols import SymbolSet
from functions.records.evidence import DAY, Claim, id_at
from functions.records.tables import EvidenceRow, Sample, now

KEEP_EVIDENCE = timedelta(days=14)  # as long as people may take to agree on a drawing that waits
# Written out, not bound: only so do the partial indexes ix_traces_waiting and ix_traces_wiped serve the questions.
WAITING, WIPED = text("traces.waiting"), text("traces.wiped")
ROWS_PER_CLEANUP = 1_000  # traces forgotten in one go: some milliseconds


def log_evidence(session: Session, claim: Claim, sample: Sample, *, surprising: bool, waiting: bool) -> None:
    """Remember where a sample came from and how it looked."""
    session.add(
        EvidenceRow(
            sample_id=sample.id,
            set_name=claim.set_name,
            contributor_id=claim.contributor,
            block=claim.block,
            look=claim.look,
            label=claim.label,
            asked=claim.asked,
            answered=claim.answered,
            belief=claim.belief,
            surprising=surprising,
            waiting=waiting,
        )
    )


def claim_of(trace: EvidenceRow, sample: Sample, symbols: SymbolSet) -> Claim:
    """Return the claim that left a trace."""
    return Claim(
        set_name=trace.set_name,
        source=sample.source,  # type: ignore[arg-type]
        label=trace.label,
        contributor=trace.contributor_id,
        block=trace.block,
        look=trace.look,
        like=look_alikes(symbols, trace.label),
        asked=trace.asked,
        answered=trace.answered,
        belief=trace.belief,
    )


def look_alikes(symbols: SymbolSet, label: str | None) -> frozenset[str | None]:
    """Return a label and those that the set declares confusable with it."""
    return frozenset({label, *(other for group in symbols.confusable if label in group for other in group)})


def longest_unseen(session: Session, before: datetime, limit: int) -> list[str]:
    """Return the samples that wait and were last looked at before a moment, the longest unseen first."""
    waiting = select(EvidenceRow.sample_id).where(WAITING, EvidenceRow.looked_at <= before)
    return list(session.scalars(waiting.order_by(EvidenceRow.looked_at).limit(limit)))


def traces_of(session: Session, samples: Collection[str]) -> dict[str, EvidenceRow]:
    """Return the traces of some samples; older ones have none any more."""
    found = session.scalars(select(EvidenceRow).where(EvidenceRow.sample_id.in_(samples)))
    return {trace.sample_id: trace for trace in found}


def wipe_evidence(session: Session, *samples: str) -> None:
    """Forget how samples looked, as their author takes them back, and where they came from as soon as they are a day old.

    Until then it is known that somebody gave them: who could give, take back and give again would be held by no cap of a day.
    """
    theirs = EvidenceRow.sample_id.in_(samples)
    session.execute(delete(EvidenceRow).where(theirs, EvidenceRow.sample_id < id_at(now() - DAY)))
    session.execute(update(EvidenceRow).where(theirs).values(look=0, belief=None, waiting=False, wiped=True))


def oldest_is_old(session: Session) -> bool:
    """Tell whether there is a trace to forget."""
    oldest, wiped = (session.scalar(select(func.min(EvidenceRow.sample_id)).where(*which)) for which in ((), (WIPED,)))
    return (oldest is not None and oldest < id_at(now() - KEEP_EVIDENCE)) or (wiped is not None and wiped < id_at(now() - DAY))


def forget_old(session: Session) -> int:
    """Forget traces that are older than two weeks, and wiped ones older than a day, some at a time; return how many."""
    old = select(EvidenceRow.sample_id).order_by(EvidenceRow.sample_id).limit(ROWS_PER_CLEANUP)
    ids = list(session.scalars(old.where(EvidenceRow.sample_id < id_at(now() - KEEP_EVIDENCE))))
    ids += session.scalars(old.where(WIPED, EvidenceRow.sample_id < id_at(now() - DAY)))
    if ids:
        session.execute(delete(EvidenceRow).where(EvidenceRow.sample_id.in_(ids)))
    return len(ids)
