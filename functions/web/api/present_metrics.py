"""From what is watched to what the API tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from functions.domain.monitoring import (
    Accuracy,
    LabelledAnswer,
    Outcomes,
    Proportion,
    Window,
    accuracy,
    by_count,
    by_time,
    confusion,
    window_size,
)
from functions.domain.symbols import SymbolSet
from functions.records.metrics import LATEST
from functions.records.tables import Activation
from functions.verbs.metrics import Progress, SetMetrics
from functions.web.api.metrics_schemas import MetricsOut
from functions.web.api.present import moment, version_fields


def metrics_out(symbols: SymbolSet, watched: SetMetrics, counts: Mapping[str | None, int]) -> MetricsOut:
    """Tell all that is known about how well a set's networks do; ``counts`` are its accepted samples by label."""
    return MetricsOut.model_validate(
        {
            "set": symbols.name,
            "versions": [version_fields(one.version, one.live) for one in watched.progress],
            "corrections": _worth(accuracy(watched.judged)),
            "confusion": _confusion(symbols.labels, watched.judged),
            "balance": {label: counts.get(label, 0) for label in symbols.labels},
            "not_a_symbol": counts.get(None, 0),
            "prequential": _prequential(watched),
            "progress": [_progress(one) for one in watched.progress],
            "activations": [_activation(row) for row in watched.activations],
            "outcomes": _outcomes(watched.outcomes),
        }
    )


def _prequential(watched: SetMetrics) -> dict[str, Any]:
    size = window_size(len(watched.judged))
    width, spans = by_time(watched.judged)
    return {
        "window": LATEST,
        "recent": _worth(accuracy(watched.recent)),
        "by_count": {"size": size, "blocks": [_block(block) for block in by_count(watched.judged, size)]},
        "by_time": {"seconds": int(width.total_seconds()), "blocks": [_block(block) for block in spans]},
        "learning_curve": [
            {
                "learner": learner,
                "points": [
                    {"fewest": point.fewest, "most": point.most, "mean": point.mean, **_tally(point.answers)} for point in points
                ],
            }
            for learner, points in watched.curves.items()
        ],
    }


def _progress(one: Progress) -> dict[str, Any]:
    version, gate, answering = one.version, one.version.gate, one.answering
    return {
        "version": version.id,
        "learner": version.learner,
        "created": moment(version.created),
        "activated": moment(one.activated) if one.activated else None,
        "live": one.live,
        "original": version.original,
        "accepted": gate.get("accepted"),
        "reason": str(gate.get("reason", "")),
        "taught": one.taught,
        "holdout": _holdout(one),
        "answers": _tally(answering.answers if answering else Proportion()),
        "originals_answers": _tally(answering.original if answering else Proportion()),
    }


def _holdout(one: Progress) -> dict[str, Any] | None:
    if one.holdout is None:
        return None
    measured = one.holdout
    return {"accuracy": measured.accuracy, "count": measured.count, "low": measured.low, "high": measured.high}


def _activation(row: Activation) -> dict[str, str]:
    return {"version": row.version_id, "learner": row.learner, "at": moment(row.created)}


def _block(block: Window) -> dict[str, Any]:
    return {"begin": moment(block.begin), "end": moment(block.end), **_worth(block.accuracy)}


def _worth(some: Accuracy) -> dict[str, Any]:
    between = some.disagreement
    models = [{"learner": learner, "role": role, **_tally(share)} for (learner, role), share in some.models.items()]
    return {
        "count": some.answer.count,
        "answer": _tally(some.answer),
        "models": models,
        "disagreement": {
            "differed": between.differed.some,
            "count": between.differed.count,
            "share": between.differed.share,
            "low": between.differed.low,
            "high": between.differed.high,
            "right": between.right,
            "neither": between.neither,
        },
    }


def _tally(share: Proportion) -> dict[str, Any]:
    return {"right": share.some, "count": share.count, "accuracy": share.share, "low": share.low, "high": share.high}


def _confusion(labels: tuple[str, ...], judged: Sequence[LabelledAnswer]) -> dict[str, Any]:
    counted = confusion(judged)
    return {
        "labels": list(labels),
        "rows": [[counted[true, answered] for answered in labels] for true in labels],
        "rejected": [counted[true, None] for true in labels],
        "not_a_symbol": [counted[None, answered] for answered in labels],
        "not_a_symbol_rejected": counted[None, None],
    }


def _outcomes(outcomes: Outcomes) -> dict[str, Any]:
    return {
        "count": outcomes.count,
        "by_status": dict(outcomes.by_status),
        "reasons": [asdict(one) for one in outcomes.reasons],
    }
