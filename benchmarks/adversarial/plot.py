"""Draw what hostile campaigns cost, with trust and gate and without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import NullLocator

from benchmarks.adversarial.attack_plans import CONTROL, KINDS
from benchmarks.adversarial.results import LEFT, MOST_RECALL, Account

ROWS = (
    ("both", "#2a6f97", "with trust and gate"),
    ("gate", "#e0a030", LEFT["gate"]),
    ("none", "#c1432e", LEFT["none"]),
)
TICKS = (0, 0.5, 1, 3, 10, 30, 100)
APART = 0.2  # between the rows of dots of a kind


def picture(accounts: Sequence[Account], path: Path) -> None:
    """Draw one dot a campaign: the points of recall that its worst version lost of its worst label."""
    kinds = [kind for kind in [*KINDS, CONTROL] if any(one.kind == kind for one in accounts)]
    figure, axes = plt.subplots(figsize=(9, 0.7 * len(kinds) + 1.4), layout="constrained")
    for row, (walls, colour, words) in enumerate(ROWS):
        shown = [one for one in accounts if one.walls == walls]
        places = [kinds.index(one.kind) + (row - 1) * APART for one in shown]
        if not shown:
            continue
        axes.scatter([one.worst.recall for one in shown], places, s=22, color=colour, alpha=0.6, linewidths=0, label=words)
    axes.axvline(MOST_RECALL, color="#555555", linewidth=1, linestyle="--", label=f"allowed: {MOST_RECALL:g} points")
    axes.set_yticks(range(len(kinds)), kinds)
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(-0.05, 100)
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("points of recall lost by the worst label of the worst version that answered, on the hidden test")
    figure.legend(frameon=False, ncols=4, loc="outside upper left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
