"""What the owner looks at first: what waits, what runs, what went live, what failed, and how much room is left."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.records.growth import counts_by_status
from functions.records.label_counts import all_accepted
from functions.records.outbox_room import Depth, Waiting, depth, longest_waiting
from functions.records.reports import reported_by_set
from functions.records.samples import HELD
from functions.records.tables import Activation, Run, Sample

A_DAY = 24 * 3600  # seconds
NEWEST = 6  # activations and failed runs: what fits beside the rest on one screen


@dataclass(frozen=True)
class Overview:
    """The state of the platform; ``waiting`` counts samples by set and status (or ``reported``).

    ``free`` is None where no disk is used.
    ``today`` counts samples, whatever became of them, and ``total`` the accepted ones. ``free`` and ``used`` are bytes.
    """

    waiting: dict[str, dict[str, int]]
    runs: list[Run]
    failed: list[Run]
    activations: list[Activation]
    today: int
    total: int
    late: Waiting | None
    outbox: Depth
    free: int | None
    used: int | None

    @property
    def decisions(self) -> int:
        """The number of samples that wait for the owner."""
        return sum(count for of_set in self.waiting.values() for count in of_set.values())


def overview(session: Session, home: Path | None) -> Overview:
    """Return the state of the platform whose database or objects are in the folder ``home``."""
    late = longest_waiting(session)
    free, used = _room(home)
    newest_runs = select(Run).order_by(Run.id.desc())
    return Overview(
        waiting=_waiting(session),
        # Sorted here: with ORDER BY, a database scans all runs instead of using the index on states.
        runs=sorted(session.scalars(select(Run).where(Run.state.in_(("queued", "running")))), key=lambda run: run.id),
        failed=list(session.scalars(newest_runs.where(Run.state == "failed").limit(NEWEST))),
        activations=list(session.scalars(select(Activation).order_by(Activation.id.desc()).limit(NEWEST))),
        today=_since(session, time.time() - A_DAY),
        total=all_accepted(session),
        late=late,
        outbox=depth(session) if late is not None else Depth(),
        free=free,
        used=used,
    )


def _waiting(session: Session) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (set_name, status), count in counts_by_status(session).items():
        if status in HELD:
            found.setdefault(set_name, {})[status] = count
    for set_name, count in reported_by_set(session).items():
        found.setdefault(set_name, {})["reported"] = count
    return found


def _since(session: Session, moment: float) -> int:
    # An id begins with its time in milliseconds, so the primary key alone answers.
    return session.scalar(select(func.count()).select_from(Sample).where(Sample.id >= f"{int(moment * 1000):012x}")) or 0


def _room(home: Path | None) -> tuple[int | None, int | None]:
    if home is None:
        return None, None
    with suppress(OSError):
        database = home / "inkloop.sqlite"
        return shutil.disk_usage(home).free, database.stat().st_size if database.exists() else None
    return None, None
