"""Queries for the statistics that the prompt policy needs. Every query is bounded, however many samples there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import bindparam, case, func, select
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
    found: dict[str, _Doubt] = {}
    for label, answered, count, believed in session.connection().execute(_DOUBTS, {"set": symbols.name, "limit": NEWEST_ANSWERS}):
        doubt = found.setdefault(label, _Doubt())
        right = answered in look_alikes(symbols, label)
        doubt.seen += count
        doubt.doubts += count - believed if right else count
        if not right and answered is not None:
            doubt.taken_for[answered] += count
    return found


def _people(
    session: Session, set_name: str, contributor: str | None, counts: dict[str | None, int], limit: int
) -> dict[str, int]:
    """Count the people, other than the contributor, of the newest samples of each label.

    Where a label has few samples among the newest, each older sample counts as another person: "few people drew it" must be true.
    """
    asked = {"set": set_name, "contributor": contributor or "", "limit": limit}
    return {
        label: people + (0 if count >= ENOUGH_DRAWINGS else max(counts.get(label, 0) - count, 0))
        for label, count, people in session.connection().execute(_PEOPLE, asked)
    }


def _own(session: Session, set_name: str, contributor: str | None) -> Counter[str]:
    if contributor is None:
        return Counter()
    return Counter(session.connection().scalars(_OWN, {"set": set_name, "contributor": contributor, "limit": OWN}))


# The statements are built once: building one for each request took longer than running it.
_E, _S = EvidenceRow.__table__.c, Sample.__table__.c
_answers = (
    select(_E.label, _E.answered, func.coalesce(_E.belief, 0.0).label("belief"), _S.status)
    .select_from(EvidenceRow.__table__.join(Sample.__table__, _S.id == _E.sample_id))
    .where(_E.set_name == bindparam("set"))
    .order_by(_E.sample_id.desc())
    .limit(bindparam("limit"))
    .subquery()
)
_DOUBTS = (
    select(_answers.c.label, _answers.c.answered, func.count(), func.sum(_answers.c.belief))
    .where(_answers.c.status == "accepted", _answers.c.label.is_not(None))
    .group_by(_answers.c.label, _answers.c.answered)
)
_newest = (
    select(_S.label, _S.contributor_id)
    .where(_S.set_name == bindparam("set"), _S.status == "accepted")
    .order_by(_S.id.desc())
    .limit(bindparam("limit"))
    .subquery()
)
_other = case((_newest.c.contributor_id != bindparam("contributor"), _newest.c.contributor_id))
_PEOPLE = (
    select(_newest.c.label, func.count(), func.count(_other.distinct()))
    .where(_newest.c.label.is_not(None))
    .group_by(_newest.c.label)
)
_theirs = (
    select(_S.set_name, _S.label, _S.status)
    .where(_S.contributor_id == bindparam("contributor"))
    .order_by(_S.created.desc())
    .limit(bindparam("limit"))
    .subquery()
)
_OWN = select(_theirs.c.label).where(
    _theirs.c.set_name == bindparam("set"), _theirs.c.status != "withdrawn", _theirs.c.label.is_not(None)
)
