"""Show the reasons for the threshold of ``near_duplicates``: counts by correlation, and pairs of pictures."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from functions.learners.pretraining.near_duplicates import THRESHOLD, forms, nearest
from functions.learners.pretraining.sources import read_emnist, read_mnist

EDGES = (0.0, 0.9, 0.94, 0.96, 0.97, 0.975, 0.98, 0.985, 0.9875, 0.99, 0.9925, 0.995, 0.9975, 1.0001)
SHOWN_CORRELATIONS = (0.96, 0.97, 0.98, 0.985, 0.99, 0.9925, 0.995)
COLUMNS = 14


def report(folder: Path, picture: Path | None) -> str:
    """Return a table of MNIST's test digits by correlation with the nearest EMNIST digit; write pairs to ``picture``."""
    test, emnist = read_mnist(folder / "mnist.npz")[1], read_emnist(folder / "emnist_train_digits.npz").squares
    best, where = nearest(forms(test.x), forms(emnist.x))
    gap, same = best[:, 0] - best[:, 1], emnist.y[where[:, 0]] == test.y
    lines = ["correlation        digits  same label  gap to the second nearest"]
    for low, high in pairwise(EDGES):
        inside = (best[:, 0] >= low) & (best[:, 0] < high)
        if inside.any():
            figures = f"{inside.sum():6}  {100 * same[inside].mean():8.2f} %  {np.median(gap[inside]):.4f}"
            lines.append(f"{low:.4f} to {min(high, 1):.4f}  {figures}")
    copied = np.unique(where[best >= THRESHOLD])
    lines.append(f"{(best[:, 0] >= THRESHOLD).sum()} test digits have a near duplicate (correlation {THRESHOLD} or more);")
    lines.append(f"{len(copied)} of {len(emnist)} EMNIST digits are removed for them.")
    if picture is not None:
        rows, order = [], np.argsort(best[:, 0], kind="stable")
        for shown in SHOWN_CORRELATIONS:
            some = order[np.searchsorted(best[order, 0], shown) :][:COLUMNS]
            rows.append(np.hstack([np.vstack([test.x[i], emnist.x[where[i, 0]]]) for i in some]))
        pairs = Image.fromarray(np.vstack(rows))
        pairs.resize((pairs.width * 3, pairs.height * 3)).save(picture)
        lines.append(
            f"{picture}: rows of pairs (MNIST above EMNIST) from correlation {', '.join(map(str, SHOWN_CORRELATIONS))} up."
        )
    return "\n".join(lines)
