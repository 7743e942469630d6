"""Make the streams of published protocols from MNIST: two digits at a time, or all digits under one rotation after another.

No keras here. A task never contains a test square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Targets, targets
from functions.learners.squares import Pixels, Squares
from functions.learners.squares.sampling import recoded

DIGITS = tuple("0123456789")
A_TASK = 2  # digits that come together in Split-MNIST
ROTATIONS = 20
MOST_DEGREES = 180.0
SIDE = 28

Batch = Callable[[int], tuple[Pixels, Targets]]  # step -> squares (n, 28, 28), what to answer to each


@dataclass(frozen=True)
class Task:
    """One part of a stream: the labels known after it, and squares whose classes are indices of these labels."""

    labels: tuple[str, ...]
    train: Squares


@dataclass(frozen=True)
class SplitMnist:
    """Split-MNIST, class-incremental: the seed decides which digits come together, and when."""

    train: Squares
    test: Squares
    seed: int

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the digits in the order in which they come."""
        return tuple(DIGITS[digit] for digit in np.random.default_rng(self.seed).permutation(len(DIGITS)))

    def tasks(self) -> Iterator[Task]:
        """Yield the five tasks; no label is in two of them."""
        squares = recoded(self.train, DIGITS, self.labels)
        for first in range(0, len(DIGITS), A_TASK):
            yield Task(self.labels[: first + A_TASK], squares.take(squares.y // A_TASK == first // A_TASK))

    def tests(self) -> Iterator[Squares]:
        """Yield the test squares of all ten labels."""
        yield recoded(self.test, DIGITS, self.labels)


@dataclass(frozen=True)
class RotatedMnist:
    """Rotated MNIST, domain-incremental: every task has all training squares, rotated by its own angle."""

    train: Squares
    test: Squares
    seed: int
    rotations: int = ROTATIONS

    @property
    def degrees(self) -> NDArray[np.float64]:
        """Return the angles (rotations,), each anywhere in [0, 180)."""
        return np.random.default_rng(self.seed).uniform(0, MOST_DEGREES, self.rotations)

    def tasks(self) -> Iterator[Task]:
        """Yield the tasks one by one: all of them together are a gigabyte."""
        for degrees in self.degrees:
            yield Task(DIGITS, Squares(turned(self.train.x, seen_from(degrees)), self.train.y))

    def together(self, size: int) -> Batch:
        """Return batches of ``size`` out of all tasks at once, each square of each task at most once."""
        order = np.random.default_rng(self.seed).permutation(self.rotations * len(self.train))
        seen = np.stack([seen_from(degrees) for degrees in self.degrees])  # (rotations, 784)
        wanted = targets(self.train.y, len(DIGITS) + 1, smoothing=0.0)

        def batch(step: int) -> tuple[Pixels, Targets]:
            turn, square = np.divmod(order[step * size : (step + 1) * size], len(self.train))
            return turned(self.train.x[square], seen[turn]), wanted[square]

        return batch

    def tests(self) -> Iterator[Squares]:
        """Yield the test squares, turned by each angle."""
        for degrees in self.degrees:
            yield Squares(turned(self.test.x, seen_from(degrees)), self.test.y)


def seen_from(degrees: float) -> NDArray[np.int64]:
    """Return for each pixel (784,) which pixel of an upright square is seen there after a turn to the left; 784 for paper.

    The nearest pixel, as the published code's image library takes it.
    """
    at = np.arange(SIDE) - (SIDE - 1) / 2
    y, x = np.meshgrid(at, at, indexing="ij")
    angle = np.deg2rad(degrees)
    rows = np.floor(np.cos(angle) * y + np.sin(angle) * x + SIDE / 2).astype(np.int64)
    columns = np.floor(np.cos(angle) * x - np.sin(angle) * y + SIDE / 2).astype(np.int64)
    inside = (rows >= 0) & (rows < SIDE) & (columns >= 0) & (columns < SIDE)
    return np.where(inside, rows * SIDE + columns, SIDE * SIDE).reshape(-1)


def turned(x: Pixels, seen: NDArray[np.int64]) -> Pixels:
    """Return squares ``x`` (n, 28, 28) as ``seen`` (784,) says, or each as its own row of (n, 784) says."""
    flat = np.pad(x.reshape(len(x), -1), ((0, 0), (0, 1)))  # (n, 785), the last one paper
    turned_flat = flat[:, seen] if seen.ndim == 1 else np.take_along_axis(flat, seen, 1)
    return np.ascontiguousarray(turned_flat.reshape(-1, SIDE, SIDE))
