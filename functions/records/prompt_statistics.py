"""Queries for the statistics that the prompt policy needs. Every query is bounded, however many samples there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.domain.prompts import LabelStatistics
from functions.domain.symbols import SymbolSet
from functions.records.evidence_log import look_alikes
from functions.records.label_counts import counts_by_label
from functions.records.tables import EvidenceRow, Sample

NEWEST_ANSWERS = 1_000  # answered drawings of the last two weeks, to measure doubt: some milliseconds
NEWEST = 2_000  # samples of a set among which people are counted
OWN = 200  # newest drawings of a contributor: a long session
ENOUGH_DRAWINGS = 30  # newest drawings of a label: with fewer, the number of its people is not known


@dataclass
class _Doubt:
    """The networks' doubt about a label: the number of drawings, the sum of doubts, and the wrong answers."""

    seen: int = 0
    doubts: float = 0.0
    taken_for: Counter[str] = field(default_factory=Counter)


def label_statistics(
    session: Session, symbols: SymbolSet, contributor: str | None, *, newest: int = NEWEST
) -> list[LabelStatistics]:
    """Return the statistics of each label of a set for a contributor, None for a new contributor.

    People are counted among the ``newest`` samples of the set.
    """
    counts, doubts = counts_by_label(session, symbols.name), _doubts(session, symbols)
    people = _people(session, symbols.name, contributor, counts, newest)
    own = _own(session, symbols.name, contributor)
    found = []
    for label in symbols.labels:
        doubt = doubts.get(label, _Doubt())
        mostly = doubt.taken_for.most_common(1)
        found.append(
            LabelStatistics(
                label,
                accepted=counts.get(label, 0),
                seen=doubt.seen,
                doubt=doubt.doubts / doubt.seen if doubt.seen else 0.0,
                taken_for=mostly[0][0] if mostly else None,
                people=people.get(label, counts.get(label, 0)),
                own=own[label],
            )
        )
    return found


def _doubts(session: Session, symbols: SymbolSet) -> dict[str, _Doubt]:
    """Return the networks' doubt about the latest accepted drawings, by label; a wrong or unknown label is a doubt of 1."""
    newest = (
        select(EvidenceRow.label, EvidenceRow.answered, EvidenceRow.belief, Sample.status)
        .join(Sample, Sample.id == EvidenceRow.sample_id)
        .where(EvidenceRow.set_name == symbols.name)
        .order_by(EvidenceRow.sample_id.desc())
        .limit(NEWEST_ANSWERS)
        .subquery()
    )
    rows = session.execute(select(newest.c.label, newest.c.answered, newest.c.belief).where(newest.c.status == "accepted"))
    found: dict[str, _Doubt] = {}
    for label, answered, belief in rows:
        if label is None:
            continue
        doubt = found.setdefault(label, _Doubt())
        right = answered in look_alikes(symbols, label)
        doubt.seen += 1
        doubt.doubts += 1 - (belief or 0.0) if right else 1.0
        if not right and answered is not None:
            doubt.taken_for[answered] += 1
    return found


def _people(
    session: Session, set_name: str, contributor: str | None, counts: dict[str | None, int], limit: int
) -> dict[str, int]:
    """Count the people, other than the contributor, of the newest samples of each label.

    Where a label has few samples among the newest, each older sample counts as another person: "few people drew it" must be true.
    """
    newest = select(Sample.label, Sample.contributor_id).where(Sample.set_name == set_name, Sample.status == "accepted")
    some = newest.order_by(Sample.id.desc()).limit(limit).subquery()
    grouped = select(some.c.label, some.c.contributor_id, func.count()).group_by(some.c.label, some.c.contributor_id)
    looked_at: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for label, person, count in session.execute(grouped):
        if label is not None:
            looked_at[label] += count
            people[label] += person != contributor
    return {
        label: people[label] + (0 if count >= ENOUGH_DRAWINGS else max(counts.get(label, 0) - count, 0))
        for label, count in looked_at.items()
    }


def _own(session: Session, set_name: str, contributor: str | None) -> Counter[str]:
    if contributor is None:
        return Counter()
    newest = (
        select(Sample.set_name, Sample.label, Sample.status)
        .where(Sample.contributor_id == contributor)
        .order_by(Sample.created.desc())
        .limit(OWN)
        .subquery()
    )
    theirs = (newest.c.set_name == set_name, newest.c.status != "withdrawn", newest.c.label.is_not(None))
    return Counter(session.scalars(select(newest.c.label).where(*theirs)))
