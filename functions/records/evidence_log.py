"""Evidence about samples: stored for two weeks, then deleted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from functions.domain.symbols import SymbolSet
from functions.records.evidence import DAY, Claim, id_at
from functions.records.tables import EvidenceRow, Sample, now

KEEP_EVIDENCE = timedelta(days=14)  # people need days to agree about a sample that waits
# Literal SQL, not a bound value: otherwise the partial indexes ix_traces_waiting and ix_traces_wiped are not used.
WAITING, WIPED = text("traces.waiting"), text("traces.wiped")
_INSERT = EvidenceRow.__table__.insert()  # type: ignore[attr-defined]
ROWS_PER_CLEANUP = 1_000  # some milliseconds


def log_evidence(session: Session, claim: Claim, sample: Sample, *, surprising: bool, waiting: bool) -> None:
    """Store the evidence about a sample, for the assessment of later samples."""
    row = {
        "sample_id": sample.id,
        "set_name": claim.set_name,
        "contributor_id": claim.contributor,
        "block": claim.block,
        "look": claim.look,
        "label": claim.label,
        "asked": claim.asked,
        "answered": claim.answered,
        "belief": claim.belief,
        "surprising": surprising,
        "waiting": waiting,
    }
    session.execute(_INSERT, row)


def claim_of(row: EvidenceRow, sample: Sample, symbols: SymbolSet) -> Claim:
    """Return the claim that a row of evidence was stored for."""
    return Claim(
        set_name=row.set_name,
        source=sample.source,  # type: ignore[arg-type]
        label=row.label,
        contributor=row.contributor_id,
        block=row.block,
        look=row.look,
        like=look_alikes(symbols, row.label),
        asked=row.asked,
        answered=row.answered,
        belief=row.belief,
    )


def look_alikes(symbols: SymbolSet, label: str | None) -> frozenset[str | None]:
    """Return a label and its look-alikes, as the set declares them."""
    return frozenset({label, *(other for group in symbols.confusable if label in group for other in group)})


def longest_unseen(session: Session, before: datetime, limit: int) -> list[str]:
    """Return up to ``limit`` waiting samples that were last checked before a moment, the longest unchecked first."""
    waiting = select(EvidenceRow.sample_id).where(WAITING, EvidenceRow.looked_at <= before)
    return list(session.scalars(waiting.order_by(EvidenceRow.looked_at).limit(limit)))


def evidence_of(session: Session, samples: Collection[str]) -> dict[str, EvidenceRow]:
    """Return the stored evidence by sample; older samples have none."""
    found = session.scalars(select(EvidenceRow).where(EvidenceRow.sample_id.in_(samples)))
    return {row.sample_id: row for row in found}


def wipe_evidence(session: Session, *samples: str) -> None:
    """Delete the hashes of withdrawn samples' pictures at once, and the rest of the evidence when a sample is a day old.

    The caps of a day must count withdrawn samples: otherwise a contributor could contribute and withdraw without limit.
    """
    theirs = EvidenceRow.sample_id.in_(samples)
    session.execute(delete(EvidenceRow).where(theirs, EvidenceRow.sample_id < id_at(now() - DAY)))
    session.execute(update(EvidenceRow).where(theirs).values(look=0, belief=None, waiting=False, wiped=True))


def has_old_evidence(session: Session) -> bool:
    """Tell whether there is evidence to delete."""
    oldest, wiped = (session.scalar(select(func.min(EvidenceRow.sample_id)).where(*which)) for which in ((), (WIPED,)))
    return (oldest is not None and oldest < id_at(now() - KEEP_EVIDENCE)) or (wiped is not None and wiped < id_at(now() - DAY))


def delete_old_evidence(session: Session) -> int:
    """Delete some rows of evidence older than two weeks, and of wiped ones older than a day; return their number."""
    old = select(EvidenceRow.sample_id).order_by(EvidenceRow.sample_id).limit(ROWS_PER_CLEANUP)
    ids = list(session.scalars(old.where(EvidenceRow.sample_id < id_at(now() - KEEP_EVIDENCE))))
    ids += session.scalars(old.where(WIPED, EvidenceRow.sample_id < id_at(now() - DAY)))
    if ids:
        session.execute(delete(EvidenceRow).where(EvidenceRow.sample_id.in_(ids)))
    return len(ids)
