"""Queries for the evidence about a labelled drawing. Every query is bounded, however many samples there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from functions.domain.answer import LEARNERS
from functions.domain.trust import (
    ALIKE,
    SAME,
    DailyCounts,
    Evidence,
    GoldRecord,
    NearDuplicates,
    PairCounts,
    RoundCounts,
    Source,
    conceivable,
    hash_distance,
)
from functions.domain.trust.rules import BLOCK_AN_HOUR
from functions.records.samples import accepted_this_hour
from functions.records.tables import Activation, EvidenceRow, GoldAnswer, Sample, now

NEWEST_OF_AUTHOR = 1_000  # samples of a contributor or an address block: more than an honest day
NEWEST_COMPARED = 500  # samples of a set that are searched for near duplicates: a few milliseconds
NEWEST_OF_PAIR = 300  # samples with the same answer and the same label: far above every cap
NEWEST_GOLD_ANSWERS = 50  # of a contributor: people change
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STANDS = ("accepted", "pending")
# A withdrawn sample counts if a run has considered it: otherwise a withdrawal would make room under the caps.
TAUGHT = or_(Sample.status == "accepted", and_(EvidenceRow.wiped, Sample.offered_to.is_not(None)))


@dataclass(frozen=True)
class Claim:
    """A label that a contributor gave a drawing, and the networks' answer; ``look`` is the drawing's perceptual hash.

    ``block`` is a keyed hash of the sender's address block, None where it is not known. ``like`` has the label and its
    look-alikes.
    """

    set_name: str
    source: Source
    label: str | None
    contributor: str
    block: str | None
    look: int
    like: frozenset[str | None]
    asked: bool
    answered: str | None
    belief: float | None
    from_owner: bool = False


def gather(session: Session, claim: Claim, *, but: str = "") -> Evidence:
    """Return the evidence about a claim; the claim's own sample ``but`` does not count."""
    at = now()
    day, begun = id_at(at - DAY), _round_began(session, claim.set_name)
    latest = _latest(session, claim.set_name, but)
    since = [row for row in latest if row.decided >= begun and row.status == "accepted"]
    return Evidence(
        source=claim.source,
        label=claim.label,
        answered=claim.answered,
        asked=claim.asked,
        belief=claim.belief,
        alike=claim.answered in claim.like,
        from_owner=claim.from_owner,
        accepted_this_hour=accepted_this_hour(session, claim.contributor),
        block_this_hour=_of_block(session, claim.block, id_at(at - HOUR)),
        contributor=_given(session, EvidenceRow.contributor_id, claim.contributor, day, but),
        block=_given(session, EvidenceRow.block, claim.block, day, but) if claim.block else DailyCounts(),
        record=record(session, claim.contributor),
        pair=_pair(session, claim, begun, day, but),
        round=RoundCounts(len(since), sum(row.surprising for row in since)),
        near=_near(latest, claim),
    )


def record(session: Session, contributor: str) -> GoldRecord:
    """Count the right and wrong answers to gold questions among a contributor's latest."""
    newest = select(GoldAnswer.right).where(GoldAnswer.contributor_id == contributor).order_by(GoldAnswer.id.desc())
    answers = session.scalars(newest.limit(NEWEST_GOLD_ANSWERS)).all()
    return GoldRecord(sum(answers), len(answers) - sum(answers))


def id_at(moment: datetime) -> str:
    """Return the smallest id that can be made at ``moment``; later ids are larger."""
    return f"{int(moment.timestamp() * 1000):012x}"


@dataclass(frozen=True)
class _Row:
    sample_id: str
    look: int
    label: str | None
    block: str | None
    contributor: str
    surprising: bool
    belief: float | None
    decided: datetime  # the last check: a sample belongs to the round in which it was accepted, not to the one in which it came
    status: str
    taught: bool


def _rows(session: Session, where: Sequence[ColumnElement[bool] | InstrumentedAttribute[bool]], limit: int) -> list[_Row]:
    place = (EvidenceRow.sample_id, EvidenceRow.look, EvidenceRow.label, EvidenceRow.block, EvidenceRow.contributor_id)
    columns = (*place, EvidenceRow.surprising, EvidenceRow.belief, EvidenceRow.looked_at)
    question = select(*columns, Sample.status, TAUGHT).join(Sample, Sample.id == EvidenceRow.sample_id).where(*where)
    return [_Row(*tuple(row)) for row in session.execute(question.order_by(EvidenceRow.sample_id.desc()).limit(limit))]


def _latest(session: Session, set_name: str, but: str) -> list[_Row]:
    return _rows(session, (EvidenceRow.set_name == set_name, EvidenceRow.sample_id != but), NEWEST_COMPARED)


def _round_began(session: Session, set_name: str) -> datetime:
    """Return the beginning of this round: the set's last activation."""
    moments = []
    for learner in LEARNERS:  # one index lookup each; the number of all activations has no limit
        newest = select(Activation.created).where(Activation.set_name == set_name, Activation.learner == learner)
        moments.append(session.scalar(newest.order_by(Activation.id.desc()).limit(1)))
    return max((moment for moment in moments if moment is not None), default=now() - DAY)


def _of_block(session: Session, block: str | None, since: str) -> int:
    if block is None:
        return 0
    some = (
        select(EvidenceRow.sample_id)
        .where(EvidenceRow.block == block, EvidenceRow.sample_id >= since)
        .limit(BLOCK_AN_HOUR)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def _given(
    session: Session, column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], value: str, since: str, but: str
) -> DailyCounts:
    newest = (
        select(EvidenceRow.surprising, TAUGHT.label("taught"))
        .join(Sample, Sample.id == EvidenceRow.sample_id)
        # A withdrawn sample counts only if it was surprising: a plausible one must not improve its author's share any more.
        .where(column == value, EvidenceRow.sample_id >= since, EvidenceRow.sample_id != but)
        .where(or_(Sample.status != "withdrawn", and_(EvidenceRow.wiped, EvidenceRow.surprising)))
        .order_by(EvidenceRow.sample_id.desc())
        .limit(NEWEST_OF_AUTHOR)
        .subquery()
    )
    accepted = newest.c.surprising & newest.c.taught
    counts = select(func.count(), func.sum(case((newest.c.surprising, 1), else_=0)), func.sum(case((accepted, 1), else_=0)))
    count, surprising, accepted_surprising = session.execute(counts.select_from(newest)).one()
    return DailyCounts(count, int(surprising or 0), int(accepted_surprising or 0))


def _pair(session: Session, claim: Claim, begun: datetime, day: str, but: str) -> PairCounts:
    if not claim.asked or claim.label == claim.answered:
        return PairCounts()
    where = (
        EvidenceRow.set_name == claim.set_name,
        _is(EvidenceRow.answered, claim.answered),
        _is(EvidenceRow.label, claim.label),
        EvidenceRow.asked,
    )
    rows = _rows(session, (*where, EvidenceRow.sample_id != but), NEWEST_OF_PAIR)
    taught = [row for row in rows if row.taught]
    blocks = {row.block for row in rows if row.status in STANDS and conceivable(row.label, row.belief) and _other(row, claim)}
    return PairCounts(
        accepted_surprising=sum(row.surprising and row.decided >= begun for row in taught),
        accepted_surprising_today=sum(row.surprising and row.sample_id >= day for row in taught),
        from_block=sum(row.block == claim.block and row.decided >= begun for row in taught) if claim.block else 0,
        agreeing_blocks=len(blocks),
    )


def _near(latest: list[_Row], claim: Claim) -> NearDuplicates:
    near = [(hash_distance(row.look, claim.look), row) for row in latest if row.status in STANDS]
    others = [row for far, row in near if far <= ALIKE and _other(row, claim)]
    return NearDuplicates(
        repeats=sum(far <= SAME and row.label == claim.label and _same_place(row, claim) for far, row in near),
        agree=len({row.block for row in others if row.label == claim.label}),
        differ=len({row.block for row in others if row.label not in claim.like and row.status == "accepted"}),
    )


def _same_place(row: _Row, claim: Claim) -> bool:
    return row.contributor == claim.contributor or (claim.block is not None and row.block == claim.block)


def _other(row: _Row, claim: Claim) -> bool:
    """Tell whether another contributor, from another and known address block, gave a row's label."""
    return None not in (row.block, claim.block) and not _same_place(row, claim)


def _is(column: InstrumentedAttribute[str | None], value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value
