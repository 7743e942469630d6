"""What a version came from, out of the card that it was published with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.records.tables import Version

NONE = "not a symbol"  # as cards call it; no label has spaces


@dataclass(frozen=True)
class Origin:
    """What made a version; None where its card does not say.

    ``labels`` are what it learned from, the most frequent first; None is "not a symbol". ``share`` (0..1) is how much of what it
    learned was kept. ``taught`` counts all that its line has learned. Where everything was learned again, ``start`` says which
    of two trainings was better, ``warm`` or ``base``, and ``caught_up`` how many samples came in meanwhile.
    """

    kind: str | None
    parent: str | None
    foundation: str | None
    snapshot: str | None
    run: str | None
    seed: int | None
    code: int | None
    samples: int | None
    taught: int | None
    labels: tuple[tuple[str | None, int], ...]
    to_choose: int
    to_judge: int
    rehearsed: int
    start: str | None
    caught_up: int | None
    share: float | None
    steps: int | None
    seconds: float | None
    sha256: str


def origin(version: Version) -> Origin:
    """Return what is known of where a version came from; older cards tell less."""
    card, metrics = version.card, version.metrics
    counts: Mapping[str, int] = card.get("labels", {})
    apart: Mapping[str, Any] = card.get("kept_apart", {})
    by_count = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return Origin(
        kind=card.get("kind"),
        parent=version.parent_id,
        foundation=card.get("foundation"),
        snapshot=version.snapshot_id,
        run=version.run_id,
        seed=card.get("seed"),
        code=card.get("code"),
        samples=card.get("samples"),
        taught=card.get("taught"),
        labels=tuple((None if label == NONE else label, count) for label, count in by_count),
        to_choose=int(apart.get("to choose", 0)),
        to_judge=int(apart.get("to judge", 0)),
        rehearsed=int(card.get("rehearsed", {}).get("samples", 0)),
        start=card.get("start"),
        caught_up=card.get("caught_up"),
        share=metrics.get("share"),
        steps=metrics.get("steps"),
        seconds=metrics.get("seconds"),
        sha256=version.sha256,
    )
