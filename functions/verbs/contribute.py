"""The verb *contribute*: a drawing with the label its author gave it becomes a sample."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.dataset.assess import Networks, assess, predictions_of, record_evidence
from functions.domain.answer import combine
from functions.domain.drawing import Drawing, to_png
from functions.domain.trust import Mode, SampleStatus
from functions.errors import Conflict
from functions.records import facts, outbox
from functions.records.contributors import ensure_contributor
from functions.records.database import Database
from functions.records.drawings import drawing_row, strokes_bytes
from functions.records.tables import DrawingRow, Sample, new_id

SITTING = 30.0  # seconds; a sitting of contributions becomes few runs, while one correction is learned at once


@dataclass(frozen=True)
class Contributed:
    """What became of a contribution; ``new`` is False when a repeated request found what the first one had made."""

    sample: str
    label: str | None
    status: SampleStatus
    new: bool


def contribute(
    database: Database,
    wake: jobs.Wake,
    trust: Mode,
    *,
    set_name: str,
    label: str,
    drawing: Drawing,
    contributor: str,
    known: bool,
    idempotency: str | None = None,
    from_owner: bool = False,
    networks: Networks | None = None,
    block: str | None = None,
    learn_after: float = 0.5,
) -> Contributed:
    """Keep a labelled drawing: row, strokes and picture in one transaction; the store gets the picture afterwards.

    ``known`` tells that the contributor named itself (cookie or token); only then does an ``idempotency`` key belong to it.
    For the trust rules: what the ``networks`` make of the label, and ``block``, a keyed hash of the address block it came from.

    Raises:
        UnknownSet, BadLabel: the set or the label does not exist.
        Conflict: the idempotency key was used for another drawing or label.
    """
    png = to_png(drawing.ink)
    opinions = predictions_of(networks, set_name, drawing.square)
    keys = _scopes(idempotency, contributor if known else None, set_name, label, drawing, png)
    try:
        with database.writing() as session:
            symbols = registry.symbol_set(session, set_name)
            symbols.index(label)
            if (earlier := _earlier(session, keys, set_name, label, drawing, png)) is not None:
                return earlier
            ensure_contributor(session, contributor)
            weighed = assess(
                session,
                trust,
                symbols,
                source="contribution",
                label=label,
                square=drawing.square,
                contributor=contributor,
                block=block,
                opinions=opinions,
                answered=combine(opinions, symbols.confusable).label,
                from_owner=from_owner,
            )
            judgement = weighed.judgement
            row = drawing_row(set_name, contributor, drawing, png)
            session.add(row)
            session.flush()
            sample = Sample(
                id=new_id(),
                set_name=set_name,
                label=label,
                status=judgement.status,
                reason=judgement.reason,
                source="contribution",
                drawing_id=row.id,
                contributor_id=contributor,
                idempotency=keys[0] if keys else None,
            )
            session.add(sample)
            session.flush()
            record_evidence(session, weighed, sample)
            outbox.send(session, facts.picture_key(set_name, label, sample.id), png, "image/png")
            outbox.send(session, facts.facts_key(set_name, label, sample.id), facts.facts(sample, row), "application/json")
            delay = max(learn_after, SITTING)
            if judgement.status == "accepted":
                jobs.request(session, set_name, "learn", delay)
    except IntegrityError:
        # Two equal requests at once: the other one has won the unique key, so its sample is this one's answer too.
        with database.reading() as session:
            if (earlier := _earlier(session, keys, set_name, label, drawing, png)) is None:
                raise
            return earlier
    wake.outbox()
    if judgement.status == "accepted":
        wake.runs(delay)
    return Contributed(sample.id, label, judgement.status, new=True)


def _scopes(key: str | None, contributor: str | None, set_name: str, label: str, drawing: Drawing, png: bytes) -> list[str]:
    """Return the hashes under which an earlier equal request may be found; a new sample gets the first.

    Without a contributor the body belongs to the scope, so that nobody gets another's sample by guessing a key.
    A client that lost the first answer may or may not have got its cookie: both are looked for.
    """
    if key is None:
        return []
    body = hashlib.sha256("\n".join((set_name, label, _fingerprint(drawing, png))).encode()).hexdigest()
    anonymous = _hash("body", body, key)
    return [anonymous] if contributor is None else [_hash("contributor", contributor, key), anonymous]


def _earlier(session: Session, keys: list[str], set_name: str, label: str, drawing: Drawing, png: bytes) -> Contributed | None:
    found = list(session.scalars(select(Sample).where(Sample.idempotency.in_(keys)))) if keys else []
    if not found:
        return None
    sample = min(found, key=lambda one: one.id)
    row = session.get_one(DrawingRow, sample.drawing_id)
    same = sample.set_name == set_name and sample.label == label and row.png_sha256 == hashlib.sha256(png).hexdigest()
    if same and sample.status != "withdrawn":  # a withdrawn drawing has no strokes left to compare
        same = row.strokes == strokes_bytes(drawing)
    if not same:
        raise Conflict("This Idempotency-Key was already used for another drawing or label.")
    return Contributed(sample.id, sample.label, sample.status, new=False)  # type: ignore[arg-type]


def _fingerprint(drawing: Drawing, png: bytes) -> str:
    return hashlib.sha256(png + b"\n" + (strokes_bytes(drawing) or b"")).hexdigest()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
