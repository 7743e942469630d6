"""Convert the metrics of a set to the API's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from functions.domain.monitoring import LabelledAnswer, Window, accuracy, by_count, by_time, confusion, window_size
from functions.domain.symbols import SymbolSet
from functions.records.growth import Part
from functions.records.metrics import NEWEST_CORRECTIONS
from functions.records.tables import Activation, Version
from functions.verbs.metrics import SetMetrics, VersionProgress
from functions.web.api.metrics_schemas import ActivationOut, MetricsOut, ProgressOut
from functions.web.api.present import Extended
from functions.web.api.version_schemas import VersionOut

LISTS = {"versions", "progress", "activations"}
KEPT = 500  # rows of a list as text: about a megabyte


def metrics_json(symbols: SymbolSet, metrics: SetMetrics, counts: Mapping[str | None, int], growth: Sequence[Part]) -> str:
    """Return the answer with a set's metrics, a ``MetricsOut``; ``counts`` are its accepted samples by label."""
    rest = MetricsOut.model_validate(
        {
            "set": symbols.name,
            "corrections": accuracy(metrics.labelled),
            "confusion": _confusion(symbols.labels, metrics.labelled),
            "balance": {label: counts.get(label, 0) for label in symbols.labels},
            "not_a_symbol": counts.get(None, 0),
            "growth": growth,
            "prequential": _prequential(metrics),
            "outcomes": metrics.outcomes,
            **dict.fromkeys(LISTS, ()),
        }
    ).model_dump_json(exclude=LISTS)
    lists = {
        "versions": [_version_json(row.version, row.live) for row in metrics.progress],
        "progress": map(_progress_json, metrics.progress),
        "activations": map(_activation_json, metrics.activations),
    }
    return ",".join([rest.removesuffix("}"), *(f'"{name}":[{",".join(rows)}]' for name, rows in lists.items())]) + "}"


# Hundreds of rows in each answer, of which few have changed since the last one.
@lru_cache(maxsize=KEPT)
def _version_json(version: Version, live: bool) -> str:
    return VersionOut.model_validate(Extended(version, live=live)).model_dump_json()


@lru_cache(maxsize=KEPT)
def _progress_json(progress: VersionProgress) -> str:
    return ProgressOut.model_validate(progress).model_dump_json()


@lru_cache(maxsize=KEPT)
def _activation_json(activation: Activation) -> str:
    return ActivationOut.model_validate(activation).model_dump_json()


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
