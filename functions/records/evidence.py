"""Queries for the evidence about a labelled drawing. Every query is bounded, however many samples there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, or_, select, true
from sqlalchemy.orm import Session

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
from functions.records.tables import Activation, EvidenceRow, GoldAnswer, Sample, now

NEWEST_OF_AUTHOR = 1_000  # samples of a contributor or an address block: more than an honest day
NEWEST_COMPARED = 500  # samples of a set that are searched for near duplicates: a few milliseconds
NEWEST_OF_PAIR = 300  # samples with the same answer and the same label: far above every cap
NEWEST_GOLD_ANSWERS = 50  # of a contributor: people change
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STANDS = ("accepted", "pending")


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
    session.flush()
    connection = session.connection()
    at = now()
    asked: dict[str, Any] = {
        "set": claim.set_name,
        "contributor": claim.contributor,
        "block": claim.block,
        "answered": claim.answered,
        "label": claim.label,
        "but": but,
        "an_hour_ago": at - HOUR,
        "hour": id_at(at - HOUR),
        "day": id_at(at - DAY),
    }
    figures = _Figures(*connection.execute(_FIGURES, asked).one())
    # This round begins at the set's last activation.
    asked["begun"] = max((moment for moment in figures[: len(LEARNERS)] if moment is not None), default=at - DAY)
    latest = [_Latest(*row) for row in connection.execute(_LATEST, asked).all()]
    since = [row for row in latest if row.this_round and row.status == "accepted"]
    return Evidence(
        source=claim.source,
        label=claim.label,
        answered=claim.answered,
        asked=claim.asked,
        belief=claim.belief,
        alike=claim.answered in claim.like,
        from_owner=claim.from_owner,
        accepted_this_hour=figures.accepted_this_hour,
        block_this_hour=figures.block_this_hour,
        contributor=DailyCounts(figures.of_contributor, figures.of_contributor_surprising, figures.of_contributor_accepted),
        block=DailyCounts(figures.of_block, figures.of_block_surprising, figures.of_block_accepted),
        record=GoldRecord(figures.gold_right, figures.gold - figures.gold_right),
        pair=_pair(connection, claim, asked),
        round=RoundCounts(len(since), sum(row.surprising for row in since)),
        near=_near(latest, claim),
    )


def newest(session: Session, claim: Claim) -> tuple[str | None, ...]:
    """Return the newest samples that the claim's caps count: of its contributor, its address block and its confusion pair.

    As long as they are the same, the caps of evidence that was gathered earlier still hold. A claim that agrees with the answer
    has no pair.
    """
    asked: dict[str, Any] = {"contributor": claim.contributor, "block": claim.block}
    if not _differs(claim):
        return tuple(session.connection().execute(_NEWEST_OF_AUTHOR, asked).one())
    asked |= {"set": claim.set_name, "answered": claim.answered, "label": claim.label}
    return tuple(session.connection().execute(_NEWEST[claim.answered is not None, claim.label is not None], asked).one())


def id_at(moment: datetime) -> str:
    """Return the smallest id that can be made at ``moment``; later ids are larger."""
    return f"{int(moment.timestamp() * 1000):012x}"


# The statements are built once: building one for each request took longer than running it.
_E, _S = EvidenceRow.__table__.c, Sample.__table__.c
_JOINED = EvidenceRow.__table__.join(Sample.__table__, _S.id == _E.sample_id)
_OTHERS = _E.sample_id != bindparam("but")
# A withdrawn sample counts if a run has considered it: otherwise a withdrawal would make room under the caps.
_TAUGHT = or_(_S.status == "accepted", and_(_E.wiped, _S.offered_to.is_not(None)))
# The last check: a sample belongs to the round in which it was accepted, not to the one in which it came.
_THIS_ROUND = (_E.looked_at >= bindparam("begun")).label("this_round")


class _Latest(NamedTuple):
    look: int
    label: str | None
    block: str | None
    contributor: str
    surprising: bool
    this_round: bool
    status: str


def _newest(where: ColumnElement[bool], limit: int, *columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).select_from(_JOINED).where(where, _OTHERS).order_by(_E.sample_id.desc()).limit(limit)


class _Figures(NamedTuple):
    """The counts behind a claim, none of them about its drawing; a claim without an address block has 0 of a block."""

    fnn_began: datetime | None
    cnn_began: datetime | None
    accepted_this_hour: int
    block_this_hour: int
    of_contributor: int
    of_contributor_surprising: int
    of_contributor_accepted: int
    of_block: int
    of_block_surprising: int
    of_block_accepted: int
    gold: int
    gold_right: int


def _counts(where: ColumnElement[bool]) -> Any:
    # A withdrawn sample counts only if it was surprising: a plausible one must not improve its author's share any more.
    counted = and_(where, _E.sample_id >= bindparam("day"), or_(_S.status != "withdrawn", and_(_E.wiped, _E.surprising)))
    newest = _newest(counted, NEWEST_OF_AUTHOR, _E.surprising, _TAUGHT.label("taught")).subquery()
    surprising, taught = newest.c.surprising, newest.c.taught
    return select(func.count(), _how_many(surprising), _how_many(surprising & taught)).select_from(newest)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _of_pair(*, answered: bool, labelled: bool) -> ColumnElement[bool]:
    same_answer = _E.answered == bindparam("answered") if answered else _E.answered.is_(None)
    same_label = _E.label == bindparam("label") if labelled else _E.label.is_(None)
    return and_(_E.set_name == bindparam("set"), same_answer, same_label)


def _pairs(*, answered: bool, labelled: bool) -> Select[Any]:
    where = and_(_of_pair(answered=answered, labelled=labelled), _E.asked)
    columns = (
        _E.block,
        _E.contributor_id,
        _E.belief,
        _E.surprising,
        _THIS_ROUND,
        _E.sample_id,
        _S.status,
        _TAUGHT.label("taught"),
    )
    return _newest(where, NEWEST_OF_PAIR, *columns)


_LATEST = _newest(
    _E.set_name == bindparam("set"),
    NEWEST_COMPARED,
    *(_E.look, _E.label, _E.block, _E.contributor_id, _E.surprising, _THIS_ROUND, _S.status),
)
_PAIRS = {
    (answered, labelled): _pairs(answered=answered, labelled=labelled) for answered in (True, False) for labelled in (True, False)
}
_LAST_IDS = [
    select(func.max(_E.sample_id)).where(where).scalar_subquery()
    for where in (_E.contributor_id == bindparam("contributor"), _E.block == bindparam("block"))
]
_NEWEST_OF_AUTHOR = select(*_LAST_IDS)
_NEWEST = {
    (one, other): select(
        *_LAST_IDS, select(func.max(_E.sample_id)).where(_of_pair(answered=one, labelled=other)).scalar_subquery()
    )
    for one in (True, False)
    for other in (True, False)
}
_BLOCK_THIS_HOUR = select(func.count()).select_from(
    select(_E.sample_id).where(_E.block == bindparam("block"), _E.sample_id >= bindparam("hour")).limit(BLOCK_AN_HOUR).subquery()
)
# Withdrawn samples that a run had considered count too.
_ACCEPTED_THIS_HOUR = select(func.count()).where(
    _S.contributor_id == bindparam("contributor"),
    _S.created > bindparam("an_hour_ago"),
    or_(_S.status == "accepted", and_(_S.status == "withdrawn", _S.offered_to.is_not(None))),
)
_G = GoldAnswer.__table__.c
_OF_GOLD = select(_G.right).where(_G.contributor_id == bindparam("contributor")).order_by(_G.id.desc())
_NEWEST_OF_GOLD = _OF_GOLD.limit(NEWEST_GOLD_ANSWERS).subquery()
_GOLD = select(func.count(), _how_many(_NEWEST_OF_GOLD.c.right)).select_from(_NEWEST_OF_GOLD)
_A = Activation.__table__.c
# One index lookup for each learner; the number of all activations has no limit.
_LAST_ACTIVATIONS = [
    select(_A.created).where(_A.set_name == bindparam("set"), _A.learner == learner).order_by(_A.id.desc()).limit(1)
    for learner in LEARNERS
]
# One statement, because sending each of these takes longer than running it.
_ROWS = [
    _counts(_E.contributor_id == bindparam("contributor")).subquery(),
    _counts(_E.block == bindparam("block")).subquery(),
    _GOLD.subquery(),
]
_FIGURES = select(
    *(one.scalar_subquery() for one in (*_LAST_ACTIVATIONS, _ACCEPTED_THIS_HOUR, _BLOCK_THIS_HOUR)),
    *(column for row in _ROWS for column in row.c),
).select_from(_ROWS[0].join(_ROWS[1], true()).join(_ROWS[2], true()))


def _differs(claim: Claim) -> bool:
    return claim.asked and claim.label != claim.answered


def _pair(connection: Connection, claim: Claim, asked: Mapping[str, Any]) -> PairCounts:
    if not _differs(claim):
        return PairCounts()
    rows = connection.execute(_PAIRS[claim.answered is not None, claim.label is not None], asked).all()
    taught = [row for row in rows if row.taught]
    blocks = {
        row.block
        for row in rows
        if row.status in STANDS and conceivable(claim.label, row.belief) and _other(row.contributor_id, row.block, claim)
    }
    return PairCounts(
        accepted_surprising=sum(row.surprising and row.this_round for row in taught),
        accepted_surprising_today=sum(row.surprising and row.sample_id >= asked["day"] for row in taught),
        from_block=sum(row.block == claim.block and row.this_round for row in taught) if claim.block else 0,
        agreeing_blocks=len(blocks),
    )


def _near(latest: list[_Latest], claim: Claim) -> NearDuplicates:
    near = [(far, row) for row in latest if (far := hash_distance(row.look, claim.look)) <= ALIKE and row.status in STANDS]
    others = [row for _, row in near if _other(row.contributor, row.block, claim)]
    return NearDuplicates(
        repeats=sum(
            far <= SAME and row.label == claim.label and _same_place(row.contributor, row.block, claim) for far, row in near
        ),
        agree=len({row.block for row in others if row.label == claim.label}),
        differ=len({row.block for row in others if row.label not in claim.like and row.status == "accepted"}),
    )


def _same_place(contributor: str, block: str | None, claim: Claim) -> bool:
    return contributor == claim.contributor or (claim.block is not None and block == claim.block)


def _other(contributor: str, block: str | None, claim: Claim) -> bool:
    """Tell whether another contributor, from another and known address block, gave a row's label."""
    return None not in (block, claim.block) and not _same_place(contributor, block, claim)
