"""Convert the metrics of a set to the API's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from functions.domain.monitoring import LabelledAnswer, Window, accuracy, by_count, by_time, confusion, window_size
from functions.domain.symbols import SymbolSet
from functions.records.metrics import NEWEST_CORRECTIONS
from functions.verbs.metrics import SetMetrics
from functions.web.api.metrics_schemas import MetricsOut
from functions.web.api.present import Extended


def metrics_out(symbols: SymbolSet, metrics: SetMetrics, counts: Mapping[str | None, int]) -> MetricsOut:
    """Return the answer with a set's metrics; ``counts`` are its accepted samples by label."""
    return MetricsOut.model_validate(
        {
            "set": symbols.name,
            "versions": [Extended(progress.version, live=progress.live) for progress in metrics.progress],
            "corrections": accuracy(metrics.labelled),
            "confusion": _confusion(symbols.labels, metrics.labelled),
            "balance": {label: counts.get(label, 0) for label in symbols.labels},
            "not_a_symbol": counts.get(None, 0),
            "prequential": _prequential(metrics),
            "progress": metrics.progress,
            "activations": metrics.activations,
            "outcomes": metrics.outcomes,
        }
    )


def _prequential(metrics: SetMetrics) -> dict[str, Any]:
    size = window_size(len(metrics.labelled))
    width, spans = by_time(metrics.labelled)
    return {
        "window": NEWEST_CORRECTIONS,
        "recent": accuracy(metrics.recent),
        "by_count": {"size": size, "blocks": [_block(window) for window in by_count(metrics.labelled, size)]},
        "by_time": {"seconds": int(width.total_seconds()), "blocks": [_block(window) for window in spans]},
        "learning_curve": [
            {
                "learner": learner,
                "points": [Extended(point.answers, fewest=point.fewest, most=point.most, mean=point.mean) for point in points],
            }
            for learner, points in metrics.curves.items()
        ],
    }


def _block(window: Window) -> Extended:
    return Extended(window.accuracy, begin=window.begin, end=window.end)


def _confusion(labels: tuple[str, ...], answers: Sequence[LabelledAnswer]) -> dict[str, Any]:
    counted = confusion(answers)
    return {
        "labels": list(labels),
        "rows": [[counted[true, answered] for answered in labels] for true in labels],
        "rejected": [counted[true, None] for true in labels],
        "not_a_symbol": [counted[None, answered] for answered in labels],
        "not_a_symbol_rejected": counted[None, None],
    }
