"""Draw the plots of a version's card: curves, confusion matrix, reliability diagram, worst mistakes.

Matplotlib is loaded by the first plot, not by the import. The same figures give the same bytes with the same libraries.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from functions.learners.evaluation.reliability import Bin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOT_A_SYMBOL_NAME = "none"  # the name of "not a symbol" among labels
TEXT_COLOUR, FAINT, RIGHT, WRONG = "#1d2433", "#c9ced8", "#2f6f9f", "#c8442c"
DPI = 100
PALETTE_SIZE = 64  # colours of a picture: no visible loss, and a quarter of the bytes
MANY_LABELS = 16  # with more labels the cells of a matrix are too small for every count
COLUMNS, CELL = 10, (38, 42)  # of the contact sheet: squares in a row, and a cell's (width, height) in pixels of squares


def training_curves(path: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Draw a training: each point has ``step``, and may have ``loss``, ``accuracy`` and ``holdout`` (accuracy, 0..1).

    The share of wrong answers has a logarithmic scale: from 99 to 99.5 % accuracy half of the errors disappear.
    """
    from matplotlib.ticker import LogLocator

    with _picture(path, 9.0, 3.4) as figure:
        loss, wrong = figure.subplots(1, 2)
        _line(loss, [(point["step"], point["loss"]) for point in history if "loss" in point], RIGHT, "loss of the batches")
        for key, colour, name in (("accuracy", RIGHT, "of the batches"), ("holdout", WRONG, "of the hold-out")):
            # A batch may have no wrong answer, and 0 has no logarithm.
            points = [(point["step"], max(0.01, 100 * (1 - point[key]))) for point in history if key in point]
            _line(wrong, points, colour, f"wrong answers {name}, %")
        for axes in (loss, wrong):
            axes.set_xlabel("step")
            axes.margins(x=0.01)
            axes.grid(which="both", color=FAINT, linewidth=0.4)
            if axes.lines:
                axes.set_yscale("log")
                axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))  # a short training spans less than a power of ten
                axes.yaxis.set_major_formatter("{x:g}")
                axes.yaxis.set_minor_formatter("")
                axes.legend(frameon=False)


def confusion_picture(path: Path, confusion: NDArray[np.int64], labels: Sequence[str]) -> None:
    """Draw a confusion matrix: rows are true labels, a cell's colour shows its share of the row, its number the count.

    ``confusion`` is (K, K) for K ``labels``, or (K + 1, K + 1) where the last row and column stand for "not a symbol".
    """
    size = len(confusion)
    names = [*labels, NOT_A_SYMBOL_NAME][:size]
    many = size > MANY_LABELS
    with _picture(path, *(9.6, 9.4) if many else (5.8, 5.6)) as figure:
        axes = figure.subplots()
        shares = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
        axes.imshow(_coloured(shares), interpolation="nearest")
        for row, column in zip(*np.nonzero(confusion), strict=True):
            share = float(shares[row, column])
            if many and (row == column or share < 0.01):
                continue
            dark = share > 0.5 if row == column else share > 0.2
            written = f"{100 * share:.0f}" if many else f"{confusion[row, column]}"
            colour = "white" if dark else TEXT_COLOUR
            axes.text(column, row, written, ha="center", va="center", fontsize=5 if many else 7.5, color=colour)
        right = int(np.trace(confusion))
        total = int(confusion.sum())
        unit = "; numbers are % of a row, from 1 % up" if many else ""
        axes.set_title(f"{right:,} of {total:,} right ({100 * right / max(1, total):.2f} %){unit}", fontsize=9, color=TEXT_COLOUR)
        axes.set_xticks(
            range(size), names, fontsize=7 if many else 9, rotation=90 if names[-1] == NOT_A_SYMBOL_NAME and many else 0
        )
        axes.set_yticks(range(size), names, fontsize=7 if many else 9)
        axes.set_xlabel("answered")
        axes.set_ylabel("true label")
        axes.set_xticks(np.arange(size + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(size + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="#eceff4", linewidth=0.4)
        axes.tick_params(which="both", length=0)


def reliability_diagram(path: Path, bins: Sequence[Bin]) -> None:
    """Draw a reliability diagram from ``reliability_bins``: the accuracy and the number of answers of each confidence."""
    with _picture(path, 4.8, 5.4) as figure:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        filled = [one for one in bins if one["count"]]
        width = 1 / max(1, len(bins))
        middles = [(one["low"] + one["high"]) / 2 for one in filled]
        accuracy, confidence = (np.array([one[key] for one in filled], float) for key in ("accuracy", "confidence"))
        counts = np.array([one["count"] for one in filled], float)
        above.bar(middles, accuracy, width * 0.96, color=RIGHT, label="right")
        above.bar(
            middles, confidence - accuracy, width * 0.96, bottom=accuracy, color="none", edgecolor=WRONG, hatch="////",
            linewidth=0.8, label="gap to the confidence",
        )  # fmt: skip
        above.plot([0, 1], [0, 1], color=TEXT_COLOUR, linewidth=0.8, linestyle="--")
        error = float((counts * np.abs(accuracy - confidence)).sum() / max(1, counts.sum()))
        above.set_title(f"{int(counts.sum()):,} answers, calibration error {100 * error:.2f} %", fontsize=9, color=TEXT_COLOUR)
        above.set_ylabel("share that is right")
        above.set_ylim(0, 1.02)
        above.legend(frameon=False, loc="upper left")
        below.bar(middles, counts, width * 0.96, color=TEXT_COLOUR)
        below.set_yscale("symlog", linthresh=1)
        below.set_ylabel("answers")
        below.set_xlabel("confidence")
        below.set_xlim(0, 1)
        for axes in (above, below):
            axes.grid(axis="y", color=FAINT, linewidth=0.5)
            axes.set_axisbelow(True)


def worst_mistakes(path: Path, squares: NDArray[np.uint8], true: Sequence[str], given: Sequence[str], p: ArrayLike) -> None:
    """Draw squares (n, 28, 28) as a contact sheet, each with its true label, the answer and its confidence (0..1)."""
    wide, high = CELL
    rows = max(1, -(-len(squares) // COLUMNS))
    columns = min(COLUMNS, max(4, len(squares)))
    sheet = np.full((rows * high, columns * wide), 255, np.uint8)
    with _picture(path, columns * 0.92, rows * 1.02 + 0.1, None) as figure:
        axes = figure.add_axes((0, 0, 1, 1))
        for i, (square, label, answer, sure) in enumerate(zip(squares, true, given, np.asarray(p), strict=True)):
            top, left = (i // columns) * high + 3, (i % columns) * wide + 5
            sheet[top : top + 28, left : left + 28] = 255 - square
            words = f"{label} → {answer}  {100 * sure:.0f} %"
            axes.text(left + 13.5, top + 30, words, ha="center", va="top", fontsize=7, color=TEXT_COLOUR)
        axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        if not len(squares):
            axes.text(columns * wide / 2, high / 2, "no mistakes", ha="center", va="center", fontsize=9, color=TEXT_COLOUR)
        axes.set_axis_off()


def _coloured(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return colours (n, n, 3): one colour for right answers, another for mistakes; rare mistakes are visible, too."""
    from matplotlib.colors import to_rgb

    right, wrong = np.array(to_rgb(RIGHT)), np.array(to_rgb(WRONG))
    strength = np.where(np.eye(len(shares), dtype=bool), shares, np.minimum(1, shares * 2) ** 0.5)[..., None]
    towards = np.where(np.eye(len(shares), dtype=bool)[..., None], right, wrong)
    return np.asarray(1 - strength * (1 - towards))


def _line(axes: Axes, points: Sequence[tuple[float, float]], colour: str, name: str) -> None:
    if points:
        steps, values = zip(*points, strict=True)
        axes.plot(steps, values, color=colour, linewidth=1.2, label=name, marker="." if len(points) < 20 else None)


@contextmanager
def _picture(path: Path, width: float, height: float, layout: Literal["constrained"] | None = "constrained") -> Iterator[Figure]:
    """Give a figure of this size in inches, and write it as a PNG with a palette and without metadata."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # plots must not depend on the owner's matplotlibrc
        matplotlib.rcParams.update(
            {"axes.edgecolor": FAINT, "axes.labelcolor": TEXT_COLOUR, "font.size": 9, "hatch.linewidth": 0.6}
        )
        figure = Figure(figsize=(width, height), dpi=DPI, layout=layout)
        canvas: Any = FigureCanvasAgg(figure)
        yield figure
        canvas.draw()
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])
    body = io.BytesIO()
    drawn.quantize(PALETTE_SIZE, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(body, "PNG", optimize=True)
    path.write_bytes(body.getvalue())
