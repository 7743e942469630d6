"""The verb *withdraw*: an author takes back one drawing, or all of theirs; the owner retracts everything of a contributor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from functions import jobs
from functions.domain.trust.reason_codes import Reason
from functions.errors import UnknownContributor
from functions.records import objects, outbox
from functions.records.database import Database
from functions.records.evidence_log import wipe_evidence
from functions.records.samples import find_sample
from functions.records.tables import DrawingRow, Sample
from functions.records.withdrawals import (
    is_contributor,
    kept_drawings,
    learned_from,
    learned_from_withdrawn,
    samples_of,
    sets_to_forget_in,
)

DRAWINGS_PER_TRANSACTION = 200  # drawings in one transaction: some hundredths of a second, in which others wait
TAKEN_BACK = Reason("taken_back", {})  # by its author or the owner
RETRACTED = Reason("owner", {"action": "retracted"})


@dataclass(frozen=True)
class Withdrawal:
    """How many drawings went, how many of them were samples, and which versions learned from them, newest first.

    The counts are of this call; the ``versions`` of everything that was ever withdrawn of that contributor. ``runs`` were asked
    for to forget it.
    """

    drawings: int
    samples: int
    versions: tuple[str, ...]
    runs: tuple[str, ...] = ()


def withdraw(database: Database, sample_id: str) -> tuple[str, ...]:
    """Leave only a tombstone of a sample: its strokes and square are wiped, its objects go from the store.

    Return the versions that learned from it, newest first. Withdrawing twice is the same as once. A sample that a later
    correction replaced is withdrawn already; its drawing belongs to the later sample, whose own receipt takes it back.

    Raises:
        UnknownSample: no sample ever had that id.
    """
    with database.writing() as session:
        sample = find_sample(session, sample_id)
        # The drawing first, as everywhere, so that nobody waits for each other.
        drawing = session.get_one(DrawingRow, sample.drawing_id, with_for_update=True)
        sample = find_sample(session, sample_id, lock=True)
        versions = tuple(version.id for version in learned_from(session, sample.id))
        if sample.status == "withdrawn":
            return versions
        _wipe(session, [drawing], [sample], TAKEN_BACK)
    return versions


def withdraw_all(database: Database, contributor: str) -> Withdrawal:
    """Take back everything that a contributor gave: samples, and drawings that were kept for a correction.

    Some drawings a transaction, so that others need not wait; after a crash the same call does the rest.
    """
    return _withdraw_all(database, contributor, TAKEN_BACK, forget=False)


def retract(database: Database, contributor: str, *, forget: bool = False) -> Withdrawal:
    """Withdraw everything of a contributor, as the owner decides; with ``forget``, ask for runs that learn without it, at once.

    They begin from the newest versions that never saw it. Asking again is harmless, and asks for such runs again.

    Raises:
        UnknownContributor: nobody with that id ever gave anything.
    """
    with database.reading() as session:
        if not is_contributor(session, contributor):
            raise UnknownContributor("Nobody with that id ever gave anything.")
    return _withdraw_all(database, contributor, RETRACTED, forget=forget)


def _withdraw_all(database: Database, contributor: str, reason: Reason, *, forget: bool) -> Withdrawal:
    drawings = samples = 0
    runs: list[str] = []
    left = True
    while left:
        with database.writing() as session:
            some = kept_drawings(session, contributor, DRAWINGS_PER_TRANSACTION)
            theirs = samples_of(session, some)
            _wipe(session, some, theirs, reason)
            left = len(some) == DRAWINGS_PER_TRANSACTION
            if forget and not left:  # with the last of them, or a crash would leave it unasked and a run might see the rest
                sets = sets_to_forget_in(session, contributor)
                runs = [jobs.request(session, name, "train", forget=[contributor]).id for name in sets]
        drawings, samples = drawings + len(some), samples + len(theirs)
    with database.reading() as session:
        versions = tuple(version.id for version in learned_from_withdrawn(session, [contributor]))
    return Withdrawal(drawings, samples, versions, tuple(runs))


def _wipe(session: Session, drawings: Sequence[DrawingRow], samples: Sequence[Sample], reason: Reason) -> None:
    for sample in samples:
        sample.status, sample.reason, sample.reason_figures = "withdrawn", reason.code, dict(reason.figures)
    for drawing in drawings:
        drawing.strokes, drawing.square = None, b""
    session.flush()
    wipe_evidence(session, *(sample.id for sample in samples))  # the hash of a picture tells something of it
    outbox.remove(session, *_keys(drawings, samples))


def _keys(drawings: Iterable[DrawingRow], samples: Sequence[Sample]) -> Iterable[str]:
    labelled = {sample.drawing_id for sample in samples}
    for sample in samples:
        yield from objects.keys_of_sample(sample)
    for drawing in drawings:
        if drawing.id not in labelled:
            yield from objects.keys_of_drawing(drawing)
