"""Plot the errors over the rounds, and the drawings that a base answers wrongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.continual.strategies import OURS, StrategyResult
from functions.learners.squares import Classes, Squares

A_ROW = 12  # drawings in a row


def plot_errors(results: Sequence[StrategyResult], path: Path) -> None:
    """Save a plot of the errors on new writers after each round, one panel for each base and learner."""
    pyplot = _pyplot()
    shown = list(dict.fromkeys((result.base, result.learner) for result in results))
    figure, axes = pyplot.subplots(1, len(shown), figsize=(4.2 * len(shown), 3.6), squeeze=False)
    for axis, which in zip(axes[0], shown, strict=True):
        mine = [one for one in results if (one.base, one.learner) == which]
        for result in mine:
            percent = [100 * errors / result.tested for errors in result.errors]
            if result.strategy.startswith("d "):
                axis.axhline(percent[-1], linestyle="--", linewidth=1, color="grey", label=result.strategy)
            else:
                axis.plot(
                    result.given, percent, marker=".", linewidth=2.5 if result.strategy == OURS else 1, label=result.strategy
                )
        # The errors of other methods may leave the panel: the platform's own curve must stay visible.
        axis.set(title=" ".join(which), xlabel="drawings given", ylim=(0, 250 * max(1, mine[0].errors[0]) / mine[0].tested))
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("wrong of new writers' drawings, %")
    axes[0][0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def gallery(testers: Squares, writers: NDArray[np.int64], given: Mapping[str, Classes], path: Path) -> None:
    """Save the drawings of ``testers`` (n) that any learner answers wrongly, with ``writers`` (n) and ``given`` answers."""
    pyplot = _pyplot()
    wrong = np.flatnonzero(np.any([answers != testers.y for answers in given.values()], 0))
    rows = max(1, -(-len(wrong) // A_ROW))
    figure, axes = pyplot.subplots(rows, A_ROW, figsize=(0.95 * A_ROW, 1.35 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, place in zip(axes.flat, wrong, strict=False):
        axis.imshow(255 - testers.x[place], cmap="gray", vmin=0, vmax=255)
        answers = "  ".join(f"{learner} {one[place]}" for learner, one in given.items() if one[place] != testers.y[place])
        axis.set_title(f"{testers.y[place]}, writer {writers[place]}\n{answers}", fontsize=6.5)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
