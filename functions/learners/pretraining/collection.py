"""The collection of one symbol set for pretraining: pools, rehearsal set, hold-out and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from functions.domain.drawing.ink import Line
from functions.learners.pretraining.mixture import Pool
from functions.learners.pretraining.near_duplicates import THRESHOLD, forms, near_duplicates, nearest
from functions.learners.pretraining.negatives import negatives
from functions.learners.pretraining.sources import WriterDrawing
from functions.learners.squares import Squares, joined
from functions.learners.squares.sampling import balanced
from functions.learners.squares.stroke_augment import draw_varied

Report = Callable[[str], None]
SCRIBBLES = 12_000  # negatives to train on
NEGATIVES_HELD_OUT = 300  # scribbles in the rehearsal set and in the hold-out, each, at most; as many symbols of other sets


@dataclass(frozen=True)
class Collection:
    """``pools`` for training have no copy of a picture in the other parts. Class K, after the last label, is "not a symbol"."""

    labels: tuple[str, ...]
    pools: tuple[Pool, ...]
    rehearsal: Squares
    holdout: Squares
    tests: dict[str, Squares]  # the tests in the card, by name
    removed: dict[str, int] = field(default_factory=dict)  # the numbers of near duplicates that were removed, by reason
    confusable: tuple[tuple[str, ...], ...] = ()

    @property
    def outputs(self) -> int:
        """The number of outputs: the labels, and "not a symbol"."""
        return len(self.labels) + 1


@dataclass
class HeldOutCollection:
    """Pools from which the rehearsal set and the hold-out are drawn; near duplicates of these and of tests are removed."""

    pools: list[Squares]
    removed: dict[str, int] = field(default_factory=dict)
    merge: int = 1  # the number of consecutive classes that are one label

    def leave_out(self, tests: dict[str, Squares], say: Report, first: int = 0) -> None:
        """Remove copies of the test pictures from the pools, from ``first`` on."""
        for name, test in tests.items():
            count = 0
            for i, pool in enumerate(self.pools[first:], first):
                copied = near_duplicates(pool.x, test.x)
                count += int(copied.sum())
                self.pools[i] = pool.take(~copied)
            self.removed[f"copies of {name}"] = count
            say(f"{count:,} pictures are copies of {name}.")

    def draw(self, kept: int, rng: np.random.Generator, say: Report) -> tuple[Squares, Squares]:
        """Draw (rehearsal, hold-out) of about ``kept`` squares each, balanced by label, and remove near duplicates of both."""
        holdout = self._drawn(kept, rng)
        candidates = self._drawn(kept * 6 // 5, rng)
        # The same drawing may be in both, once from MNIST and once from EMNIST.
        twins = near_duplicates(candidates.x, holdout.x, count=2)
        apart = candidates.take(~twins)
        rehearsal = apart.take(balanced(apart.y // self.merge, kept, rng))
        spare, count = [], int(twins.sum())
        for i, pool in enumerate(self.pools):
            copied = near_duplicates(pool.x, joined([holdout, rehearsal]).x)
            spare.append(pool.take(copied))
            self.pools[i] = pool.take(~copied)
            count += int(copied.sum())
        self.removed["copies of hold-out or rehearsal squares"] = count
        say(f"{count:,} pictures are copies of hold-out or rehearsal squares.")
        return _filled(rehearsal, joined(spare), holdout, kept, self.merge), holdout

    def _drawn(self, count: int, rng: np.random.Generator) -> Squares:
        drawn = []
        for i, pool in enumerate(self.pools):
            chosen = np.zeros(len(pool), bool)
            chosen[balanced(pool.y // self.merge, count // len(self.pools), rng)] = True
            drawn.append(pool.take(chosen))
            self.pools[i] = pool.take(~chosen)
        together = joined(drawn)
        return together.take(rng.permutation(len(together)))


def _filled(rehearsal: Squares, spare: Squares, holdout: Squares, count: int, merge: int) -> Squares:
    """Fill labels that lost many squares as copies of the hold-out (ones: all straight lines are alike) with ``spare`` squares.

    ``spare`` squares were removed from training. Those that are near duplicates of the hold-out are left out.
    """
    spare = spare.take(nearest(forms(spare.x), forms(holdout.x), 1)[0][:, 0] < THRESHOLD)
    labels, counts = np.unique(rehearsal.y // merge, return_counts=True)
    missing = dict(zip(labels.tolist(), (count // max(1, len(labels)) - counts).tolist(), strict=True))
    more = [np.flatnonzero(spare.y // merge == label)[: max(0, missing[label])] for label in missing]
    return joined([rehearsal, spare.take(np.concatenate([np.zeros(0, np.int64), *more]))])


def augmented_drawings(drawings: Sequence[WriterDrawing], times: int, rng: np.random.Generator) -> Squares:
    """Return ``times`` augmented copies of each drawing, rendered from its augmented strokes."""
    order = [drawing for _ in range(times) for drawing in drawings]
    x = [draw_varied(one.lines, rng) for one in with_progress(order, "varying strokes")]
    return _squares(x, [one.y for one in order])


def negative_parts(
    drawings: Sequence[WriterDrawing], sizes: Sequence[int], not_a_symbol: int, rng: np.random.Generator
) -> list[Squares]:
    """Return parts of the given ``sizes`` with squares that are not a symbol; some are made from ``drawings``."""
    lines: list[Sequence[Line]] = [one.lines for one in drawings]
    x = [draw_varied(negatives(lines, rng), rng) for _ in with_progress(range(sum(sizes)), "scribbling")]
    ends = np.cumsum(sizes)
    return [_squares(x[end - size : end], [not_a_symbol] * size) for end, size in zip(ends, sizes, strict=True)]


def relabelled(squares: Squares, y: int) -> Squares:
    """Return the squares, all of class ``y``."""
    return Squares(squares.x, np.full(len(squares), y, np.int64))


def _squares(x: list[NDArray[np.uint8]], y: list[int]) -> Squares:
    return Squares(np.stack([np.zeros((28, 28), np.uint8), *x])[1:], np.array(y, np.int64))


def with_progress(some: Sequence[Any], what: str) -> Iterable[Any]:
    """Return ``some`` drawings, with a progress bar."""
    return tqdm(some, desc=what, unit="drawing", mininterval=2, leave=False)
