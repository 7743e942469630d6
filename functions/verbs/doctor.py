"""The verb *doctor*: looks inside a running platform and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions import registry
from functions.dataset.compare_store import OF_VERSIONS, objects_without_rows, rows_without_objects
from functions.dataset.stored_drawings import expected_drawings
from functions.errors import Situation
from functions.jobs.leases import LEASE
from functions.learners.litert import checked_network
from functions.records import outbox
from functions.records.database import Database
from functions.records.kept_counts import differing
from functions.records.outbox_room import LATE, depth
from functions.records.tables import DrawingRow, OutboxRow, Run, Version, now

SKEW = timedelta(seconds=5)  # a lease has 30 seconds, and is compared with the worker's own clock
NTP = "Leases need NTP on all machines."
OVERDUE = timedelta(minutes=1)  # a worker begins a due run within seconds, unless another run of its set goes on
NEWEST = 1000  # drawings that are compared unless all are asked for
PAGE = 100  # drawings compared together
SHOWN = 3  # examples of what is wrong

OnProgress = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """What a look at one part found; ``ill`` tells that somebody should do something."""

    part: str
    ill: bool
    said: str


def examine(
    database: Database, artefacts: registry.Artefacts, *, everything: bool = False, on_progress: OnProgress = lambda said: None
) -> Iterator[Finding]:
    """Yield what is found, part by part; ``everything`` compares all drawings and all objects, not the newest alone.

    Raises:
        StoreUnavailable: the store cannot be asked.
    """
    yield from _clocks(database)
    with database.reading() as session:
        yield from _runs(session)
        yield _outbox(session)
        yield _counts(session)
    yield from _versions(database, artefacts)
    on_progress("drawings")
    yield _drawings(database, artefacts, everything)
    on_progress("objects")
    yield _objects(database, artefacts, everything)


def _clocks(database: Database) -> Iterator[Finding]:
    """Compare this machine's clock with the database's, and the clocks of workers by the leases that they hold."""
    with database.reading() as session:
        before = now()
        if session.get_bind().dialect.name == "sqlite":
            theirs = before
            yield Finding("clock", False, "The database is a file of this machine.")
        else:
            theirs = session.execute(select(func.clock_timestamp())).scalar_one()
            skew = theirs - (before + (now() - before) / 2)
            said = f"The database's clock differs by {_seconds(skew):+.1f} s."
            yield Finding("clock", abs(skew) > SKEW, f"{said} {NTP}" if abs(skew) > SKEW else said)
        last = session.scalar(select(func.max(Run.lease_until)).where(Run.state == "running"))
    if last is not None and (ahead := last - theirs - LEASE) > SKEW:
        yield Finding("clock", True, f"A worker's clock is ahead of the database's by {_seconds(ahead):.0f} s or more. {NTP}")


def _seconds(time: timedelta) -> float:
    return time / timedelta(seconds=1)


def _runs(session: Session) -> Iterator[Finding]:
    count = select(Run.kind, Run.state, func.count()).where(Run.state.in_(("queued", "running"))).group_by(Run.kind, Run.state)
    found = [f"{number} {state} {kind}" for kind, state, number in session.execute(count.order_by(Run.kind, Run.state))]
    yield Finding("runs", False, f"{', '.join(found)}." if found else "None waits or goes on.")
    due = session.scalar(select(func.min(Run.not_before)).where(Run.state == "queued"))
    if due is not None and now() - due > OVERDUE:
        yield Finding("runs", True, f"A run is due since {_age(due)}. Does a worker run that learns?")
    lost = session.scalar(select(func.count()).where(Run.state == "running", Run.lease_until < now() - OVERDUE))
    if lost:
        yield Finding("runs", True, f"{lost} running runs have no worker, and no worker takes them over.")


def _outbox(session: Session) -> Finding:
    waiting = depth(session)
    oldest = session.execute(select(OutboxRow.created, OutboxRow.error).order_by(OutboxRow.id).limit(1)).one_or_none()
    if oldest is None:
        return Finding("outbox", False, "It is empty.")
    said = f"{waiting.rows} objects ({waiting.bytes / 1e6:.1f} MB) wait, the oldest since {_age(oldest.created)}."
    late = now() - oldest.created > LATE
    return Finding("outbox", late, f"{said} {oldest.error or 'Does a worker run?'}" if late else said)


def _counts(session: Session) -> Finding:
    wrong = [f"{name if name is not None else 'not a symbol'} of {set_name}" for set_name, name in differing(session)]
    if not wrong:
        return Finding("counts", False, "The kept counts are right.")
    return Finding("counts", True, f"Kept counts differ from the rows: {', '.join(wrong)}. A restored backup has right ones.")


def _versions(database: Database, artefacts: registry.Artefacts) -> Iterator[Finding]:
    with database.reading() as session:
        live = {one.id for symbols in registry.symbol_sets(session) for one in registry.live(session, symbols.name).values()}
        versions = list(session.scalars(select(Version).order_by(Version.id)))
    broken = {}
    for version in versions:
        try:
            checked_network(artefacts.read(version, "tflite"), len(version.labels))
        except (Situation, ValueError, RuntimeError) as error:
            broken[version.id] = str(error)
    yield Finding("versions", False, f"{len(versions) - len(broken)} of {len(versions)} can be loaded, {len(live)} are live.")
    for name, why in broken.items():
        known = "is live and" if name in live else "was live or refused, and"
        yield Finding("versions", True, f"{name} {known} cannot be loaded: {why}")


def _drawings(database: Database, artefacts: registry.Artefacts, everything: bool) -> Finding:
    with database.reading() as session:
        newest = select(DrawingRow.id).order_by(DrawingRow.id.desc()).offset(NEWEST).limit(1)
        after: str | None = "" if everything else session.scalar(newest) or ""
    compared, missing = 0, list[str]()
    while after is not None:
        with database.reading() as session:
            expected = expected_drawings(session, after, PAGE)
            waiting = outbox.under_way(session, [key for one in expected for key in one.sha256])
        missing += [key for _, keys in rows_without_objects(artefacts.store, expected, waiting) for key in sorted(keys)]
        compared += len(expected)
        after = expected[-1].id if len(expected) == PAGE else None
    which = "all" if everything else "the newest"
    said = f"{compared} drawings ({which}) were compared; {len(missing)} of their objects are missing or different"
    return Finding(
        "drawings", bool(missing), f"{said}{_examples(missing)}. The command audit sends them again." if missing else f"{said}."
    )


def _objects(database: Database, artefacts: registry.Artefacts, everything: bool) -> Finding:
    places = ("",) if everything else tuple(f"{one}/" for one in OF_VERSIONS)
    keys = [key for place in places for key in artefacts.store.keys(place)]
    with database.reading() as session:
        alone = objects_without_rows(session, keys)
    said = f"{len(keys)} objects ({'all' if everything else 'of sets and versions'}) were looked up; {len(alone)} have no row"
    if not alone:
        return Finding("objects", False, f"{said}.")
    return Finding(
        "objects", True, f"{said}{_examples(alone)}. The command reindex restores rows, sweep deletes unpublished files."
    )


def _examples(keys: list[str]) -> str:
    return f", such as {', '.join(keys[:SHOWN])}" if keys else ""


def _age(moment: datetime) -> str:
    seconds = (now() - moment).total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
