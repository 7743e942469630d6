"""The verb *withdraw*: an author withdraws one or all own drawings; the owner retracts all drawings of a contributor."""

from __future__ import annotations

from dataclasses import dataclass

from functions import jobs
from functions.domain.trust.reason_codes import Reason
from functions.errors import UnknownContributor
from functions.records.audit_log import Actor, note
from functions.records.database import Database
from functions.records.samples import find_sample
from functions.records.tables import DrawingRow
from functions.records.withdrawals import (
    is_contributor,
    kept_drawings,
    learned_from,
    learned_from_withdrawn,
    samples_of,
    sets_to_forget_in,
    wipe,
)

DRAWINGS_PER_TRANSACTION = 200  # some hundredths of a second, in which other writers wait
TAKEN_BACK = Reason("taken_back", {})  # by its author or the owner
RETRACTED = Reason("owner", {"action": "retracted"})


@dataclass(frozen=True)
class Withdrawal:
    """The number of drawings and samples that a call withdrew, and the requested ``runs`` that unlearn them.

    ``versions`` learned from any withdrawn sample of the contributor, newest first.
    """

    drawings: int
    samples: int
    versions: tuple[str, ...]
    runs: tuple[str, ...] = ()


def withdraw(database: Database, sample_id: str, *, by: Actor | None = None) -> tuple[str, ...]:
    """Delete a sample's strokes, square and objects; its row remains. Return the versions that learned from it, newest first.

    A repeated withdrawal changes nothing. A sample that a later correction replaced is withdrawn already; its drawing belongs to
    the later sample, which has its own receipt, unless the owner replaced the label. Raises UnknownSample.
    """
    with database.writing() as session:
        sample = find_sample(session, sample_id)
        # The drawing is locked first, as everywhere, so that two transactions cannot wait for each other.
        drawing = session.get_one(DrawingRow, sample.drawing_id, with_for_update=True)
        sample = find_sample(session, sample_id, lock=True)
        relabelled = sample.status == "withdrawn" and sample.reason_figures == {"by": "owner"}
        left = samples_of(session, [drawing]) if relabelled else [sample]
        versions = {version.id for row in (sample, *left) for version in learned_from(session, row.id)}
        if relabelled or sample.status != "withdrawn":
            wipe(session, [drawing], left, TAKEN_BACK)
            note(session, by, "sample_withdrawn", sample_id, set_name=sample.set_name)
    return tuple(sorted(versions, reverse=True))


def withdraw_all(database: Database, contributor: str) -> Withdrawal:
    """Withdraw all drawings of a contributor, some in each transaction; after a crash, a repeated call withdraws the rest."""
    return _withdraw_all(database, contributor, TAKEN_BACK, forget=False)


def retract(database: Database, contributor: str, *, forget: bool = False, by: Actor | None = None) -> Withdrawal:
    """Withdraw all drawings of a contributor by the owner's decision, or raise UnknownContributor.

    With ``forget``, request runs at once that start from the newest versions that never learned the drawings. A repeated call is
    harmless and requests such runs again.
    """
    with database.reading() as session:
        if not is_contributor(session, contributor):
            raise UnknownContributor("There is no contributor with that id.")
    return _withdraw_all(database, contributor, RETRACTED, forget=forget, by=by)


def _withdraw_all(database: Database, contributor: str, reason: Reason, *, forget: bool, by: Actor | None = None) -> Withdrawal:
    drawings = samples = 0
    runs: list[str] = []
    left = True
    while left:
        with database.writing() as session:
            some = kept_drawings(session, contributor, DRAWINGS_PER_TRANSACTION)
            theirs = samples_of(session, some)
            wipe(session, some, theirs, reason)
            left = len(some) == DRAWINGS_PER_TRANSACTION
            if forget and not left:  # in the last transaction: a crash cannot lose the runs, and no run sees the rest
                sets = sets_to_forget_in(session, contributor)
                runs = [jobs.request(session, name, jobs.FULL, forget=[contributor]) for name in sets]
            note(session, by, "contributor_retracted", contributor, drawings=len(some), forget=forget, runs=runs)
        drawings, samples = drawings + len(some), samples + len(theirs)
    with database.reading() as session:
        versions = tuple(version.id for version in learned_from_withdrawn(session, [contributor]))
    return Withdrawal(drawings, samples, versions, tuple(runs))
