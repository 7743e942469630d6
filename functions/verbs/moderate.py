"""The verb *moderate*: the owner decides about waiting samples, gives them other labels, and takes decisions back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.dataset.pictures import picture_here
from functions.domain.trust.reason_codes import Reason
from functions.errors import Conflict
from functions.records import objects, outbox
from functions.records.audit_log import Actor, audit_row, note
from functions.records.database import Database
from functions.records.drawings import is_wiped
from functions.records.evidence_log import wipe_evidence
from functions.records.reports import drop_reports
from functions.records.samples import find_sample, waiting_of
from functions.records.tables import DrawingRow, Prediction, Sample, new_id, now
from functions.store import Store, names

SAMPLES_PER_TRANSACTION = 200  # some hundredths of a second, in which other writers wait


@dataclass(frozen=True)
class Before:
    """What a sample was before the owner's decision, so that the decision can be undone."""

    sample: str
    label: str | None
    status: str
    reason: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Moderated:
    """How many samples a call decided about, and the acts in the audit log by which that can be undone."""

    count: int
    acts: tuple[str, ...]


def moderate(database: Database, sample_id: str, *, accept: bool, learn_after: float = 0.5, by: Actor | None = None) -> Before:
    """Accept or reject a sample and send its new facts; raise UnknownSample, or Conflict for a withdrawn sample."""
    with database.writing() as session:
        sample = _not_withdrawn(session, sample_id)
        before = _before(sample)
        _decide(session, sample, accept, learn_after)
        note(
            session,
            by,
            "sample_accepted" if accept else "sample_rejected",
            sample_id,
            set_name=sample.set_name,
            was=before.status,
        )
    return before


def relabel(
    database: Database, store: Store, sample_id: str, label: str | None, *, learn_after: float = 0.5, by: Actor | None = None
) -> Before:
    """Accept a drawing with another label, in a sample of its own, and return what undoes that.

    Snapshots refer to samples by id, so the label of a sample never changes. The receipt of the earlier sample still withdraws
    the drawing.

    Raises:
        UnknownSample, BadLabel: there is no such sample, or its set has no such label.
        Conflict: the sample was withdrawn, or has that label.
        StoreUnavailable: only the store has the uploaded picture, and the store cannot be reached.
    """
    with database.reading() as session:
        before = _before(find_sample(session, sample_id))
    made = _remake(database, store, before, label, "accepted", Reason("owner", {"action": "accepted"}), learn_after, by)
    return replace(before, sample=made)


def put_back(database: Database, store: Store, before: Before, *, by: Actor | None = None) -> str:
    """Undo a decision of the owner, and return the sample that waits again.

    Raises:
        UnknownSample: there is no such sample.
        Conflict: it was withdrawn, or has meanwhile another status than the owner gave it.
    """
    with database.writing() as session:
        sample = _not_withdrawn(session, before.sample)
        if sample.reason != "owner":
            raise Conflict("This decision was changed meanwhile.")
        if sample.label == before.label:
            sample.status, sample.reason, sample.reason_figures = before.status, before.reason, dict(before.figures)
            objects.send_facts(session, sample, session.get_one(DrawingRow, sample.drawing_id))
            note(session, by, "decision_undone", sample.id, set_name=sample.set_name)
            return sample.id
        present = _before(sample)
    return _remake(database, store, present, before.label, before.status, Reason(before.reason, before.figures), None, by)  # type: ignore[arg-type]


def _remake(
    database: Database,
    store: Store,
    before: Before,
    label: str | None,
    status: str,
    reason: Reason,
    learn_after: float | None,
    by: Actor | None,
) -> str:
    """Replace a sample by one with another label, and return its id; with ``learn_after``, request a run."""
    png = _prefetch(database, store, before)
    with database.writing() as session:
        # The prediction and the drawing are locked first, as everywhere, so that two transactions cannot wait for each other.
        found = find_sample(session, before.sample)
        if found.prediction_id is not None:
            session.get_one(Prediction, found.prediction_id, with_for_update=True)
        row = session.get_one(DrawingRow, found.drawing_id, with_for_update=True)
        earlier = _not_withdrawn(session, before.sample)
        if label is not None:
            registry.symbol_set(session, earlier.set_name).index(label)
        if earlier.label == label:
            raise Conflict("The sample has this label.")
        earlier.status, earlier.reason, earlier.reason_figures = "withdrawn", "corrected_again", {"by": "owner"}
        wipe_evidence(session, earlier.id)
        outbox.remove(session, *objects.keys_of_sample(earlier))
        made = Sample(
            id=new_id(),
            set_name=earlier.set_name,
            label=label,
            status=status,
            reason=reason.code,
            reason_figures=dict(reason.figures),
            source=earlier.source,
            drawing_id=row.id,
            prediction_id=earlier.prediction_id,
            contributor_id=earlier.contributor_id,
            created=now(),
        )
        session.add(made)
        session.flush()
        objects.send_sample(session, made, row, png)
        if learn_after is not None:
            jobs.request(session, made.set_name, jobs.QUICK, learn_after)
        act = "decision_undone" if learn_after is None else "sample_relabelled"
        note(session, by, act, made.id, set_name=made.set_name, label=label, was=before.label, replaces=earlier.id)
        return made.id


def _prefetch(database: Database, store: Store, before: Before) -> bytes:
    """Fetch the picture before the transaction, which must not wait for a slow store."""
    with database.reading() as session:
        sample = find_sample(session, before.sample)
        row = session.get_one(DrawingRow, sample.drawing_id)
        if is_wiped(row):
            raise Conflict("This sample was withdrawn.")
        key = names.picture_key(sample.set_name, sample.label, sample.id)
        found = picture_here(session, key, row)
    return store.get(key) if found is None else found


def _before(sample: Sample) -> Before:
    return Before(sample.id, sample.label, sample.status, sample.reason, dict(sample.reason_figures))


def _not_withdrawn(session: Session, sample_id: str) -> Sample:
    sample = find_sample(session, sample_id, lock=True)
    if sample.status == "withdrawn":
        raise Conflict("This sample was withdrawn.")
    return sample


def moderate_all(
    database: Database, *, set_name: str, contributor: str, accept: bool, learn_after: float = 0.5, by: Actor | None = None
) -> Moderated:
    """Accept or reject all waiting (pending or quarantined) samples of a contributor in a set."""
    decided, acts = 0, []
    while True:
        with database.writing() as session:
            some = waiting_of(session, set_name, contributor, SAMPLES_PER_TRANSACTION)
            were = [asdict(_before(sample)) for sample in some]
            for sample in some:
                _decide(session, sample, accept, learn_after)
            if some:
                act = "samples_accepted" if accept else "samples_rejected"
                acts.append(note(session, by, act, contributor, set_name=set_name, count=len(some), were=were))
        decided += len(some)
        if len(some) < SAMPLES_PER_TRANSACTION:
            return Moderated(decided, tuple(one for one in acts if one is not None))


def put_all_back(database: Database, acts: Sequence[str], *, by: Actor | None = None) -> int:
    """Undo decisions about all samples of a contributor, by their ids in the audit log; return how many samples wait again.

    A sample that was withdrawn, or decided about anew meanwhile, stays as it is.
    """
    undone = 0
    for act in acts:
        with database.writing() as session:
            row = audit_row(session, act)
            if row is None or row.act not in ("samples_accepted", "samples_rejected"):
                raise Conflict("This is no decision that can be undone.")
            decided = row.act.removeprefix("samples_")
            back = [before for before in (Before(**were) for were in row.details["were"]) if _put_back(session, before, decided)]
            note(session, by, "decisions_undone", row.object, set_name=row.set_name, count=len(back), undoes=row.id)
        undone += len(back)
    return undone


def _put_back(session: Session, before: Before, decided: str) -> bool:
    sample = find_sample(session, before.sample, lock=True)
    if (sample.status, sample.reason) != (decided, "owner"):
        return False
    sample.status, sample.reason, sample.reason_figures = before.status, before.reason, dict(before.figures)
    objects.send_facts(session, sample, session.get_one(DrawingRow, sample.drawing_id))
    return True


def _decide(session: Session, sample: Sample, accept: bool, learn_after: float) -> None:
    sample.status = "accepted" if accept else "rejected"
    sample.reason, sample.reason_figures = "owner", {"action": sample.status}
    drop_reports(session, sample.id)
    row = session.get_one(DrawingRow, sample.drawing_id)
    objects.send_facts(session, sample, row)
    if accept:
        jobs.request(session, sample.set_name, jobs.QUICK, learn_after)
