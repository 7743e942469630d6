"""What trust wants to know about a labelled drawing. Every question is bounded, however much was collected."""

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

GIVEN = 1_000  # newest of a contributor or an address block that are looked at: more than an honest day
NEWEST_COMPARED = 500  # newest of a set among which near duplicates are looked for: a few milliseconds
SAID = 300  # newest of a pair: far above every cap
CHECKS = 50  # newest gold answers of a contributor: people change
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STANDS = ("accepted", "pending")
# What was accepted, and what a run has looked at before it was taken back: taking back makes no room for more.
TAUGHT = or_(Sample.status == "accepted", and_(EvidenceRow.wiped, Sample.offered_to.is_not(None)))


@dataclass(frozen=True)
class Claim:
    """A label that somebody gave a drawing, and what the networks made of it; ``look`` is the drawing's perceptual hash.

    ``block`` is a keyed hash of the address block it came from, None where that is not known. ``like`` are the label and
    those that the set declares confusable with it.
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
    """Collect the evidence about a claim; the sample ``but``, which is the claim's own, does not count in it."""
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
    """Count how a contributor answered gold questions lately."""
    newest = select(GoldAnswer.right).where(GoldAnswer.contributor_id == contributor).order_by(GoldAnswer.id.desc()).limit(CHECKS)
    answers = session.scalars(newest).all()
    return GoldRecord(sum(answers), len(answers) - sum(answers))


def id_at(moment: datetime) -> str:
    """Return what every id made from ``moment`` on is not smaller than."""
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
    decided: datetime  # when it was last looked at: what waited belongs to the round that lets it in, not to the one it came in
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
    """Return when this round began: with the set's last activation."""
    moments = []
    for learner in LEARNERS:  # one step down the index each; all activations together may be many
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
        # What was taken back counts where it was surprising; what fitted must not go on speaking for its author.
        .where(column == value, EvidenceRow.sample_id >= since, EvidenceRow.sample_id != but)
        .where(or_(Sample.status != "withdrawn", and_(EvidenceRow.wiped, EvidenceRow.surprising)))
        .order_by(EvidenceRow.sample_id.desc())
        .limit(GIVEN)
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
    rows = _rows(session, (*where, EvidenceRow.sample_id != but), SAID)
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
    """Tell whether somebody else gave it: another contributor from another, known, address block."""
    return None not in (row.block, claim.block) and not _same_place(row, claim)


def _is(column: InstrumentedAttribute[str | None], value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value
