"""Figures of the whole platform for its metrics page: what waits, what ran, what the gate decided, how many samples there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.records.growth import counts_by_status
from functions.records.outbox_room import Depth, depth
from functions.records.tables import OutboxRow, Run, Version, now

ENDED = ("done", "failed", "cancelled")
RECENT_RUNS = 100  # of a kind: enough for a median, and a day of a busy platform
RECENT_VERSIONS = 500


@dataclass(frozen=True)
class Figures:
    """The figures: ``outbox_age`` and ``run_seconds`` in seconds, the latter of the newest runs of a kind that ended.

    ``samples`` counts by set and status, ``runs`` by kind and state, ``decisions`` of the gate about the newest versions by set,
    learner, verdict and reason code; a decision with several reasons counts for each.
    """

    outbox: Depth
    outbox_age: float
    samples: Mapping[tuple[str, str], int]
    runs: Mapping[tuple[str, str], int]
    run_seconds: Mapping[str, Sequence[float]]
    decisions: Mapping[tuple[str, str, str, str], int]


def figures(session: Session) -> Figures:
    """Return the figures of this moment."""
    oldest = session.scalar(select(OutboxRow.created).order_by(OutboxRow.id).limit(1))
    by_state = select(Run.kind, Run.state, func.count()).group_by(Run.kind, Run.state)
    runs = {(kind, state): count for kind, state, count in session.execute(by_state)}
    return Figures(
        outbox=depth(session),
        outbox_age=0.0 if oldest is None else max(0.0, (now() - oldest).total_seconds()),
        samples=counts_by_status(session),
        runs=runs,
        run_seconds={kind: _seconds(session, kind) for kind in sorted({kind for kind, _ in runs})},
        decisions=_decisions(session),
    )


def _seconds(session: Session, kind: str) -> list[float]:
    ended = select(Run.id, Run.started, Run.finished).where(Run.kind == kind, Run.started.is_not(None))
    newest = ended.order_by(Run.id.desc()).limit(RECENT_RUNS)
    # Each state is one walk of an index, from its end.
    found = [(id, begun, end) for state in ENDED for id, begun, end in session.execute(newest.where(Run.state == state))]
    found.sort(reverse=True)
    return sorted((finished - started).total_seconds() for _, started, finished in found[:RECENT_RUNS] if started and finished)


def _decisions(session: Session) -> Counter[tuple[str, str, str, str]]:
    newest = select(Version.original, Version.set_name, Version.learner, Version.gate)
    found: Counter[tuple[str, str, str, str]] = Counter()
    # By id, which begins with the time: the primary key is walked from its end.
    for original, set_name, learner, gate in session.execute(newest.order_by(Version.id.desc()).limit(RECENT_VERSIONS)):
        if original:
            continue
        verdict = "accepted" if gate.get("accepted") else "refused"
        for code in {str(reason.get("kind")) for reason in gate.get("why", ())} or {"unknown"}:
            found[set_name, learner, verdict, code] += 1
    return found
