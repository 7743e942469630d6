"""Select the drawings of each round, and keep the training history. No network takes part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing import parse_strokes
from functions.domain.drawing.strokes import segments
from functions.learners.pretraining.digits import rendered
from functions.learners.pretraining.sources import WriterDrawing
from functions.learners.squares import Squares, Varied, joined, no_squares
from functions.learners.squares.augmented_copies import AugmentedCopies
from functions.serving.visitor_examples import NEWEST

REMEMBERED = 500  # squares of earlier visitors in the replay, as in functions.training.training_set

Wrong = Callable[[Squares], NDArray[np.bool_]]  # squares (n) to whether the live networks answer each wrongly (n,)


class VisitorTest(NamedTuple):
    """One visitor: the newest given drawings, and other drawings that test."""

    own: Squares
    testing: Squares


class RoundSchedule:
    """The drawings of each round: the same number of each visitor, each drawing at most once.

    With ``one_by_one`` a round has the drawings of one visitor. With ``wrong_only`` it has drawings of any visitor that the live
    networks answer wrongly.
    """

    def __init__(
        self, visitors: Sequence[Squares], size: int, seed: int, *, one_by_one: bool = False, wrong_only: bool = False
    ) -> None:
        rng = np.random.default_rng(seed)
        self._left = [one.take(rng.permutation(len(one))) for one in visitors]
        if wrong_only:
            everybody = joined(self._left)
            self._left = [everybody.take(rng.permutation(len(everybody)))]
        self._given = [no_squares() for _ in self._left]
        self._size, self._one_by_one, self._wrong_only, self._rounds = size, one_by_one, wrong_only, 0

    def next_round(self, wrong: Wrong) -> Squares:
        """Return the next round's drawings, at most ``size``; fewer or none if no more are left."""
        count = len(self._left)
        givers = [self._rounds % count] if self._one_by_one else range(count)
        self._rounds += 1
        each, more = divmod(self._size, len(givers))
        return joined([self._given_by(who, each + (place < more), wrong) for place, who in enumerate(givers)])

    def _given_by(self, who: int, most: int, wrong: Wrong) -> Squares:
        left = self._left[who]
        wanted = wrong(left) if self._wrong_only else np.ones(len(left), bool)
        given = np.flatnonzero(wanted)[:most]
        self._left[who] = left.take(np.setdiff1d(np.arange(len(left)), given))
        self._given[who] = joined([self._given[who], left.take(given)])
        return left.take(given)

    def visits(self, testing: Sequence[Squares]) -> list[VisitorTest]:
        """Return all visitors with their given drawings; ``testing`` has other drawings of each visitor."""
        newest = [given.take(np.arange(len(given))[-NEWEST:]) for given in self._given]
        return [VisitorTest(own, others) for own, others in zip(newest, testing, strict=True)]


class TrainingHistory:
    """The drawings that wait for training and those that an active version was trained on, as a platform's rows have them.

    A run is offered all drawings that no active version was trained on. The drawings of a rejected version come again.
    """

    def __init__(self) -> None:
        self._waiting, self.trained = no_squares(), no_squares()

    def offer(self, new: Squares) -> Squares:
        """Return the drawings of the next run: those that wait, then ``new``."""
        self._waiting = joined([self._waiting, new])
        return self._waiting

    def close(self, *, accepted: bool) -> None:
        """End the run: the offered drawings are trained if a version of the run was activated."""
        if accepted:
            self.trained, self._waiting = joined([self.trained, self._waiting]), no_squares()

    def rehearsed(self, seed: int) -> Squares | None:
        """Return some trained drawings for the replay; None if there are none."""
        order = np.random.default_rng(seed).permutation(len(self.trained))[:REMEMBERED]
        return self.trained.take(order) if len(order) else None


class StrokeAugmenter:
    """Keeps the strokes of squares, to make augmented copies in other writing styles."""

    def __init__(self, writers: Iterable[list[WriterDrawing]]) -> None:
        self._paths = {}
        for writer in writers:
            for square, one in zip(rendered([writer]).x, writer, strict=True):
                lines = [line.tolist() for line in one.lines]
                self._paths[square.tobytes()] = segments(parse_strokes(lines, 500, 500))

    def augment(self, squares: Squares) -> Varied | None:
        """Return augmented copies of ``squares`` (n) as a run makes them, (n, v, 28, 28)."""
        return AugmentedCopies().of_all(squares.x, [self._paths[square.tobytes()] for square in squares.x])


def halved(drawings: Sequence[Squares], seed: int) -> tuple[list[Squares], list[Squares]]:
    """Divide each writer's ``drawings`` at random into two halves; return (training halves, test halves)."""
    rng = np.random.default_rng((seed, len(drawings)))
    orders = [rng.permutation(len(one)) for one in drawings]
    return (
        [one.take(order[: len(one) // 2]) for one, order in zip(drawings, orders, strict=True)],
        [one.take(order[len(one) // 2 :]) for one, order in zip(drawings, orders, strict=True)],
    )


def span(text: str) -> tuple[int, ...]:
    """Return the numbers of the writers "13-22", counted from one, both ends included."""
    first, last = (int(number) for number in text.split("-"))
    return tuple(range(first, last + 1))


def turns(known: int, last: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Divide the writers from ``known`` + 1 to ``last`` into three groups; return (visitors, test writers) for each group."""
    new = range(known + 1, last + 1)
    thirds = [tuple(part.tolist()) for part in np.array_split(np.array(new), 3)]
    return [(third, tuple(one for one in new if one not in third)) for third in thirds]


def require_separate(visitors: Sequence[int], testers: Sequence[int], known: int) -> None:
    """Check that no writer both visits and tests, and that none is among the first ``known``, whom the networks know.

    Raises:
        ValueError: a writer is both, or is known.
    """
    if both := sorted(set(visitors) & set(testers)):
        raise ValueError(f"Writers {both} would visit and test.")
    if seen := sorted(one for one in {*visitors, *testers} if one <= known):
        raise ValueError(f"Writers {seen} are in the training set of the base networks.")
