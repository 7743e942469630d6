"""Draw the losses that hostile campaigns cause, with and without the defences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import NullLocator

from benchmarks.adversarial.attack_plans import CONTROL, KINDS
from benchmarks.adversarial.results import MOST_RECALL, WITH_LESS, CampaignResult

ROWS = (
    ("both", "#2a6f97", "with trust and gate"),
    ("gate", "#e0a030", WITH_LESS["gate"]),
    ("none", "#c1432e", WITH_LESS["none"]),
)
TICKS = (0, 0.5, 1, 3, 10, 30, 100)
ROW_DISTANCE = 0.2  # distance between the rows of dots of one kind


def plot(results: Sequence[CampaignResult], path: Path) -> None:
    """Draw one dot for each campaign: the largest loss of any label's recall in any activated version, in points."""
    kinds = [kind for kind in [*KINDS, CONTROL] if any(one.kind == kind for one in results)]
    figure, axes = plt.subplots(figsize=(9, 0.7 * len(kinds) + 1.4), layout="constrained")
    for row, (defences, colour, name) in enumerate(ROWS):
        shown = [one for one in results if one.defences == defences]
        places = [kinds.index(one.kind) + (row - 1) * ROW_DISTANCE for one in shown]
        if not shown:
            continue
        axes.scatter([one.worst.recall for one in shown], places, s=22, color=colour, alpha=0.6, linewidths=0, label=name)
    axes.axvline(MOST_RECALL, color="#555555", linewidth=1, linestyle="--", label=f"allowed: {MOST_RECALL:g} points")
    axes.set_yticks(range(len(kinds)), kinds)
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(-0.05, 100)
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("largest loss of a label's recall in an activated version, on the hidden test, in points")
    figure.legend(frameon=False, ncols=4, loc="outside upper left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
