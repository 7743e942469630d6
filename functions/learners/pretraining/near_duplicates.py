"""Find copies of the same handwriting in two collections that processed it in different ways.

EMNIST and MNIST were made from the same forms (NIST Special Database 19). EMNIST therefore contains most digits of MNIST's test
set, blurred, thicker, in another size and place. A network trained on these would have seen its test.

Pictures are compared in one form: centred by mass, scaled by the radius of gyration (the spread of the ink), blurred, with mean
zero and length one. The scalar product of two forms is their correlation. The correlations of MNIST's 10,000 test digits with
their nearest EMNIST picture have two modes. Copies lie above 0.990 (the nearest and the second nearest differ by 0.02), digits of
other people below (they differ by 0.003). ``THRESHOLD`` is a little lower: to remove another digit costs little, to keep a copy
spoils the test. At most ``NEAREST_REMOVED`` pictures are removed for each picture. A copy is among them, and plain vertical ones,
which all correlate above any threshold, are not all removed.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.learners.pretraining.sources import read_emnist, read_mnist
from functions.learners.squares import Pixels

Forms = NDArray[np.float32]  # (n, 256), rows of mean 0 and length 1
THRESHOLD = 0.985
NEAREST_REMOVED = 8
FORM_SIDE = 16
SPREAD = 4.4  # the radius of gyration, in pixels of the 16 x 16 form
ROWS_AT_ONCE = 4096
# Of the report:
EDGES = (0.0, 0.9, 0.94, 0.96, 0.97, 0.975, 0.98, 0.985, 0.9875, 0.99, 0.9925, 0.995, 0.9975, 1.0001)
SHOWN_CORRELATIONS = (0.96, 0.97, 0.98, 0.985, 0.99, 0.9925, 0.995)
COLUMNS = 14


def forms(x: Pixels) -> Forms:
    """Return the forms (n, 256) of squares (n, 28, 28)."""
    parts = [_normalised(x[start : start + ROWS_AT_ONCE].astype(np.float32)) for start in range(0, len(x), ROWS_AT_ONCE)]
    return np.concatenate([np.zeros((0, FORM_SIDE * FORM_SIDE), np.float32), *parts])


def nearest(of: Forms, among: Forms, count: int = NEAREST_REMOVED) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return for each row of ``of`` (n, 256) its ``count`` highest correlations with rows of ``among`` and those rows' positions.

    Both are (n, count), best first; where ``among`` has fewer rows the correlation is -1.
    """
    best, where = np.full((len(of), count), -1, np.float32), np.zeros((len(of), count), np.int64)
    for start in range(0, len(of), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        for other in range(0, len(among), ROWS_AT_ONCE):
            likeness = of[rows] @ among[other : other + ROWS_AT_ONCE].T  # (block, block)
            found = np.argpartition(likeness, -min(count, likeness.shape[1]), axis=1)[:, -count:]
            values = np.concatenate([best[rows], np.take_along_axis(likeness, found, 1)], axis=1)
            places = np.concatenate([where[rows], found + other], axis=1)
            order = np.argsort(-values, axis=1, kind="stable")[:, :count]
            best[rows] = np.take_along_axis(values, order, 1)
            where[rows] = np.take_along_axis(places, order, 1)
    return best, where


def near_duplicates(x: Pixels, of: Pixels, *, threshold: float = THRESHOLD, count: int = NEAREST_REMOVED) -> NDArray[np.bool_]:
    """Return a mask (n,) of the squares ``x`` that are near duplicates of squares ``of``, at most ``count`` of each."""
    found = np.zeros(len(x), bool)
    rows, columns = forms(of), forms(x)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        found[_alike(rows[start : start + ROWS_AT_ONCE], columns, threshold, count)] = True
    return found


def _alike(of: Forms, among: Forms, threshold: float, count: int) -> NDArray[np.int64]:
    """Return the positions in ``among`` (n, 256) of the ``count`` nearest rows for each row of ``of``, above ``threshold``."""
    row, place, value = [], [], []
    for start in range(0, len(among), ROWS_AT_ONCE):
        likeness = of @ among[start : start + ROWS_AT_ONCE].T  # (m, block)
        alike = np.nonzero(likeness >= threshold)
        row.append(alike[0])
        place.append(alike[1] + start)
        value.append(likeness[alike])
    if not row:
        return np.zeros(0, np.int64)
    rows, places = np.concatenate(row), np.concatenate(place)
    order = np.lexsort((-np.concatenate(value), rows))
    rows, places = rows[order], places[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    return np.asarray(places[rank < count])


def _normalised(x: NDArray[np.float32]) -> Forms:
    n, side = len(x), x.shape[1]
    row, column = np.mgrid[:side, :side].astype(np.float32)
    mass = x.sum((1, 2)) + 1e-6
    cy, cx = (x * row).sum((1, 2)) / mass, (x * column).sum((1, 2)) / mass
    spread2 = (x * ((row - cy[:, None, None]) ** 2 + (column - cx[:, None, None]) ** 2)).sum((1, 2)) / mass
    step = np.sqrt(spread2)[:, None] / SPREAD  # (n, 1)
    grid = np.arange(FORM_SIDE, dtype=np.float32) - np.float32((FORM_SIDE - 1) / 2)
    seen = _blurred(_read(x, cy[:, None] + grid * step, cx[:, None] + grid * step)).reshape(n, FORM_SIDE * FORM_SIDE)
    seen = np.asarray(seen - seen.mean(1, keepdims=True), np.float32)
    return np.asarray(seen / (np.linalg.norm(seen, axis=1, keepdims=True) + 1e-9), np.float32)


def _read(x: NDArray[np.float32], rows: NDArray[np.float32], columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Read pictures (n, h, w) on a grid of rows (n, k) and columns (n, k), linear between pixels; returns (n, k, k)."""
    rows = np.clip(rows, 0, x.shape[1] - 1.001)
    columns = np.clip(columns, 0, x.shape[2] - 1.001)
    top, left = rows.astype(np.int64), columns.astype(np.int64)
    down, right = (rows - top)[:, :, None], (columns - left)[:, None, :]
    n, top, left = np.arange(len(x))[:, None, None], top[:, :, None], left[:, None, :]
    upper = x[n, top, left] * (1 - right) + x[n, top, left + 1] * right
    lower = x[n, top + 1, left] * (1 - right) + x[n, top + 1, left + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def _blurred(x: NDArray[np.float32]) -> NDArray[np.float32]:
    p = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    down = p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]
    return np.asarray((down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]) / 16, np.float32)


def duplicates_report(folder: Path, picture: Path | None) -> tuple[dict[str, Any], str]:
    """Return MNIST's test digits by correlation with the nearest EMNIST digit, as facts and text; write pairs to ``picture``."""
    test, emnist = read_mnist(folder / "mnist.npz")[1], read_emnist(folder / "emnist_train_digits.npz").squares
    best, where = nearest(forms(test.x), forms(emnist.x))
    gap, same = best[:, 0] - best[:, 1], emnist.y[where[:, 0]] == test.y
    lines, rows = ["correlation        digits  same label  gap to the second nearest"], []
    for low, high in pairwise(EDGES):
        inside = (best[:, 0] >= low) & (best[:, 0] < high)
        if inside.any():
            digits, same_label, median_gap = int(inside.sum()), float(same[inside].mean()), float(np.median(gap[inside]))
            rows.append({"from": low, "to": min(high, 1), "digits": digits, "same_label": same_label, "median_gap": median_gap})
            lines.append(f"{low:.4f} to {min(high, 1):.4f}  {digits:6}  {100 * same_label:8.2f} %  {median_gap:.4f}")
    near, removed = int((best[:, 0] >= THRESHOLD).sum()), len(np.unique(where[best >= THRESHOLD]))
    lines.append(f"{near} test digits have a near duplicate (correlation {THRESHOLD} or more);")
    lines.append(f"{removed} of {len(emnist)} EMNIST digits are removed for them.")
    if picture is not None:
        pictures, order = [], np.argsort(best[:, 0], kind="stable")
        for shown in SHOWN_CORRELATIONS:
            some = order[np.searchsorted(best[order, 0], shown) :][:COLUMNS]
            pictures.append(np.hstack([np.vstack([test.x[i], emnist.x[where[i, 0]]]) for i in some]))
        pairs = Image.fromarray(np.vstack(pictures))
        pairs.resize((pairs.width * 3, pairs.height * 3)).save(picture)
        lines.append(
            f"{picture}: rows of pairs (MNIST above EMNIST) from correlation {', '.join(map(str, SHOWN_CORRELATIONS))} up."
        )
    facts = {"threshold": THRESHOLD, "near": near, "removed": removed, "of": len(emnist), "correlations": rows}
    return facts, "\n".join(lines)
