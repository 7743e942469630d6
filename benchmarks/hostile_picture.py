"""Draw what hostile campaigns cost, with trust and gate and without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

from benchmarks.hostile_account import MOST_RECALL, Account
from benchmarks.hostile_plans import CONTROL, KINDS

GUARDED, BARE = "#2a6f97", "#c1432e"
APART = 0.16  # between the two rows of dots of a kind


def picture(accounts: Sequence[Account], path: Path) -> None:
    """Draw one dot a campaign: the points of recall that its worst version lost of its worst label."""
    kinds = [kind for kind in [*KINDS, CONTROL] if any(one.kind == kind for one in accounts)]
    figure, axes = plt.subplots(figsize=(9, 0.7 * len(kinds) + 1.4), layout="constrained")
    for guarded, colour, words in ((True, GUARDED, "with trust and gate"), (False, BARE, "without")):
        shown = [one for one in accounts if one.guarded == guarded]
        places = [kinds.index(one.kind) + (-APART if guarded else APART) for one in shown]
        axes.scatter([one.worst.recall for one in shown], places, s=22, color=colour, alpha=0.6, linewidths=0, label=words)
    axes.axvline(MOST_RECALL, color="#555555", linewidth=1, linestyle="--", label=f"allowed: {MOST_RECALL:g} points")
    axes.set_yticks(range(len(kinds)), kinds)
    axes.invert_yaxis()
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(left=-0.05)
    axes.set_xlabel("points of recall lost by the worst label of the worst version that answered, on the hidden test")
    axes.legend(frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=150)
    plt.close(figure)
