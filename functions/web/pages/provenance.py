"""The provenance of a version: how it was trained, and on which samples, as its model card says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.records.tables import Version

NOT_A_SYMBOL_KEY = "not a symbol"  # the key in cards; no label contains spaces


@dataclass(frozen=True)
class Provenance:
    """How a version was trained; None where its card does not say.

    ``labels`` are the labels of its samples, most frequent first; None is "not a symbol". ``learned`` counts the samples of the
    version and its ancestors. ``weight_share`` (0..1) is the share of the new weights that was kept. After a full retraining,
    ``start`` is the better of its two starts, ``warm`` or ``base``, and ``caught_up`` counts samples that arrived meanwhile.
    """

    kind: str | None
    parent: str | None
    foundation: str | None
    snapshot: str | None
    run: str | None
    seed: int | None
    code: int | None
    samples: int | None
    learned: int | None
    labels: tuple[tuple[str | None, int], ...]
    test_samples: int
    replayed: int
    start: str | None
    caught_up: int | None
    weight_share: float | None
    steps: int | None
    sha256: str


def provenance(version: Version) -> Provenance:
    """Return the provenance of a version; older cards say less."""
    card, metrics = version.card, version.metrics
    counts: Mapping[str, int] = card.get("labels", {})
    most_frequent_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Provenance(
        kind=card.get("kind"),
        parent=version.parent_id,
        foundation=card.get("foundation"),
        snapshot=version.snapshot_id,
        run=version.run_id,
        seed=card.get("seed"),
        code=card.get("code"),
        samples=card.get("samples"),
        learned=card.get("taught"),
        labels=tuple((None if label == NOT_A_SYMBOL_KEY else label, count) for label, count in most_frequent_first),
        test_samples=int(card.get("kept_apart", {}).get("to judge", 0)),
        replayed=int(card.get("rehearsed", {}).get("samples", 0)),
        start=card.get("start"),
        caught_up=card.get("caught_up"),
        weight_share=metrics.get("share"),
        steps=metrics.get("steps"),
        sha256=version.sha256,
    )
