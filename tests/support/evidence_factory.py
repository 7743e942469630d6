"""Samples with the traces they leave, for the tests of trust."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from functions.domain.trust import GoldRecord
from functions.records.contributors import ensure_contributor
from functions.records.evidence import Claim, gather, id_at
from functions.records.evidence_log import log_evidence
from functions.records.tables import EvidenceRow, Sample, new_id
from tests.support.factories import add_sample

HOME, OFFICE, LIBRARY = "1" * 32, "2" * 32, "3" * 32  # address blocks
ANN, BOB, CAT = "a" * 32, "b" * 32, "c" * 32
FAR = 0x0F0F0F0F  # another look than 0: 16 bits differ

NINE = Claim(
    set_name="digits",
    source="correction",
    label="9",
    contributor=ANN,
    block=HOME,
    look=0,
    like=frozenset({"9"}),
    asked=True,
    answered="4",
    belief=0.005,
)


def gold_record(session: Session, contributor: str) -> GoldRecord:
    """Return what the trust rules know of a contributor's answers to gold questions."""
    return gather(session, replace(NINE, contributor=contributor)).record


def with_evidence(
    session: Session, status: str = "accepted", *, surprising: bool = True, at: datetime | None = None, **changes: Any
) -> Sample:
    """Add a sample with a trace: a 4 that Ann called 9 at home just now, unless it is said otherwise."""
    claim = replace(NINE, **changes)
    ensure_contributor(session, claim.contributor)
    sample = add_sample(session, claim.label, status)
    id_now = new_id() if at is None else id_at(at) + new_id()[12:]
    sample.id, sample.contributor_id = id_now, claim.contributor
    if at is not None:
        sample.created = at
    session.flush()
    log_evidence(session, claim, sample, surprising=surprising, waiting=status == "pending")
    session.flush()
    return sample


def looked_at(session: Session, sample: str, at: datetime) -> None:
    """Let the last look at a sample have been at a moment."""
    session.get_one(EvidenceRow, sample).looked_at = at
