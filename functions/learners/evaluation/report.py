"""Write the figures of an evaluation as text. Pure."""

from __future__ import annotations

from typing import Any

SHOWN_CONFUSIONS = 12  # of the most frequent confusions


def report(figures: dict[str, Any]) -> str:
    """Return the text that ``evaluate`` prints, from ``Evaluation.figures()``."""
    parts = [_head(figures)]
    if figures["count"]:
        parts += [_labels(figures["labels"]), _reliability(figures["reliability"])]
    if figures["confusions"]:
        parts.append(_confusions(figures["confusions"]))
    return "\n\n".join("\n".join(part) for part in parts)


def _head(figures: dict[str, Any]) -> list[str]:
    rejects, lines = figures["rejects"], []
    if figures["count"]:
        wrong = figures["count"] - round(figures["accuracy"] * figures["count"])
        of = f"{wrong:,} of {figures['count']:,} wrong"
        lines += [
            f"accuracy                {_percent(figures['accuracy'])} {_interval(figures)}, {of}",
            f"calibration error       {_percent(figures['ece'])} (ECE, {len(figures['reliability'])} bins)",
            f"symbols rejected        {_figure(rejects['symbols'])}",
            f"right among the others  {_figure(rejects['answered'])}",
        ]
    if rejects["others"]["count"]:
        lines.append(f"non-symbols rejected    {_figure(rejects['others'])}")
    return lines


def _labels(labels: list[dict[str, Any]]) -> list[str]:
    lines = ["label   count     recall  precision   rejected"]
    for one in labels:
        shares = f"{_percent(one['recall']):>9}  {_percent(one['precision']):>9}  {_percent(one['rejected']):>9}"
        lines.append(f"{one['label']:<5} {one['count']:>7,}  {shares}")
    return lines


def _reliability(bins: list[dict[str, Any]]) -> list[str]:
    lines = ["confidence          answers       mean      right"]
    for one in bins:
        if one["count"]:
            between = f"{100 * one['low']:5.1f} to {100 * one['high']:5.1f} %"
            lines.append(f"{between} {one['count']:>9,}  {_percent(one['confidence']):>9}  {_percent(one['accuracy']):>9}")
    return lines


def _confusions(confusions: list[dict[str, Any]]) -> list[str]:
    return ["taken for another"] + [
        f"{one['label']} for {one['taken_for']}: {one['count']:,}" for one in confusions[:SHOWN_CONFUSIONS]
    ]


def _figure(figure: dict[str, Any]) -> str:
    return f"{_percent(figure['share'])} {_interval(figure)}, {figure['some']:,} of {figure['count']:,}"


def _interval(figure: dict[str, Any]) -> str:
    if figure["interval"] is None:
        return "(none)"
    low, high = figure["interval"]
    return f"[{100 * low:.2f}, {100 * high:.2f}]"


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{100 * part:.2f} %"
