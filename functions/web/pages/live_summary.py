"""What matters first about a symbol set's networks: who answers, how well for people, since when, what was learned last. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from functions.domain.answer import LEARNERS
from functions.domain.monitoring import Proportion, accuracy
from functions.verbs.metrics import SetMetrics
from functions.web.pages.provenance import NOT_A_SYMBOL_KEY

MOST_LABELS = 5  # that are named of what was learned last
FEWEST_SAMPLES = 10  # fewer say nothing about which symbols were taught
MOSTLY = 2 / 3  # of the drawings


@dataclass(frozen=True)
class LiveSummary:
    """``checked`` are the newest answers that people checked. ``learned`` counts the drawings of the last training that is live.

    ``since`` is when the last of the live versions became live. ``learned`` is None while only shipped versions answer.
    ``labels`` are the few that most of these drawings have, if there are such, or the label of a single drawing.
    """

    learners: tuple[str, ...]
    checked: Proportion
    since: datetime | None
    learned: int | None
    learned_at: datetime | None
    labels: tuple[str | None, ...]


def live_summary(metrics: SetMetrics, known: int) -> LiveSummary:
    """Return the summary of a set with ``known`` labels from its metrics."""
    live = [row for row in metrics.progress if row.live]
    taught = max((row for row in live if not row.version.original), key=lambda row: row.version.created, default=None)
    card = taught.version.card if taught is not None else {}
    return LiveSummary(
        learners=tuple(learner for learner in LEARNERS if any(row.version.learner == learner for row in live)),
        checked=accuracy(metrics.recent).answer,
        since=max((row.activated for row in live if row.activated is not None), default=None),
        learned=card.get("samples"),
        learned_at=taught.version.created if taught is not None else None,
        labels=_mostly(card.get("labels", {}), known),
    )


def _mostly(counts: Mapping[str, int], known: int) -> tuple[str | None, ...]:
    """Return the fewest labels with ``MOSTLY`` of the samples; none if these are few samples, or many of the ``known`` labels."""
    samples = sum(counts.values())
    if 1 != samples < FEWEST_SAMPLES:
        return ()
    by_count = sorted(counts, key=lambda label: (-counts[label], label))
    together = accumulate(counts[label] for label in by_count)
    needed = 1 + next(place for place, some in enumerate(together) if some >= MOSTLY * samples)
    if needed > min(MOST_LABELS, known // 2):
        return ()
    return tuple(None if label == NOT_A_SYMBOL_KEY else label for label in by_count[:needed])
