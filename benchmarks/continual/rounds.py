"""Who draws in which round of ``year.py``, what is offered to a lesson, and what was taught: the bookkeeping, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing import parse_strokes
from functions.domain.drawing.strokes import segments
from functions.learners.pretraining.digits import as_drawn
from functions.learners.pretraining.sources import Written
from functions.learners.squares import Squares, Varied, joined, no_squares
from functions.learners.squares.augmented_copies import augmented
from functions.serving.visitor_examples import NEWEST

REMEMBERED = 500  # as functions.training.training_set has it: squares of earlier visitors in the rehearsal

Wrong = Callable[[Squares], NDArray[np.bool_]]  # which of some drawings the live networks answer wrongly (n,)


class Visit(NamedTuple):
    """One visitor: the newest drawings that they have given, and others of theirs, which judge."""

    own: Squares
    judging: Squares


class Year:
    """The drawings of each round, as many of every visitor's, each drawing at most once.

    With ``one_by_one`` a round is one visitor's, with ``wrong_only`` what the live networks get wrong among all that nobody has
    given yet, whosever it is.
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
        """Return the next round's drawings, at most ``size``; fewer, or none, where there are no more."""
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

    def visits(self, judging: Sequence[Squares]) -> list[Visit]:
        """Return all visitors with what they have given so far; ``judging`` are other drawings of each of them."""
        newest = [given.take(np.arange(len(given))[-NEWEST:]) for given in self._given]
        return [Visit(own, others) for own, others in zip(newest, judging, strict=True)]


class Ledger:
    """Which drawings wait to be taught and which were: what the rows of a platform say.

    A lesson is offered everything that no version which answers has learned, so what was refused comes again with the next one.
    """

    def __init__(self) -> None:
        self._waiting, self.taught = no_squares(), no_squares()

    def offer(self, new: Squares) -> Squares:
        """Return all that the next lesson is to teach: what waits, then ``new``."""
        self._waiting = joined([self._waiting, new])
        return self._waiting

    def close(self, *, accepted: bool) -> None:
        """Note how the lesson ended: what was offered is taught if a version that learned it answers."""
        if accepted:
            self.taught, self._waiting = joined([self.taught, self._waiting]), no_squares()

    def rehearsed(self, seed: int) -> Squares | None:
        """Return some of what was taught, which joins the rehearsal; None before anything was."""
        order = np.random.default_rng(seed).permutation(len(self.taught))[:REMEMBERED]
        return self.taught.take(order) if len(order) else None


class Hands:
    """Remembers how squares were drawn, so that a lesson can see them as other hands would have drawn them."""

    def __init__(self, writers: Iterable[list[Written]]) -> None:
        self._paths = {}
        for writer in writers:
            for square, one in zip(as_drawn([writer]).x, writer, strict=True):
                lines = [line.tolist() for line in one.lines]
                self._paths[square.tobytes()] = segments(parse_strokes(lines, 500, 500))

    def vary(self, squares: Squares) -> Varied | None:
        """Return variations of ``squares`` (n) as a run makes them, (n, v, 28, 28)."""
        return augmented(squares.x, [self._paths[square.tobytes()] for square in squares.x])


def halved(drawings: Sequence[Squares], seed: int) -> tuple[list[Squares], list[Squares]]:
    """Divide each writer's ``drawings`` by chance into two halves; return (what they give, what judges)."""
    rng = np.random.default_rng((seed, len(drawings)))
    orders = [rng.permutation(len(one)) for one in drawings]
    return (
        [one.take(order[: len(one) // 2]) for one, order in zip(drawings, orders, strict=True)],
        [one.take(order[len(one) // 2 :]) for one, order in zip(drawings, orders, strict=True)],
    )


def span(text: str) -> tuple[int, ...]:
    """Return the writers of "13-22", counted from one, both ends included."""
    first, last = (int(number) for number in text.split("-"))
    return tuple(range(first, last + 1))


def turns(known: int, last: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Divide the writers after the first ``known`` up to the ``last`` into three; return (visitors, judges) for each third."""
    new = range(known + 1, last + 1)
    thirds = [tuple(part.tolist()) for part in np.array_split(np.array(new), 3)]
    return [(third, tuple(one for one in new if one not in third)) for third in thirds]


def apart(visitors: Sequence[int], judges: Sequence[int], known: int) -> None:
    """Refuse writers who would visit and judge, and such that the networks know: the first ``known``.

    Raises:
        ValueError: there are such.
    """
    if both := sorted(set(visitors) & set(judges)):
        raise ValueError(f"Writers {both} would teach and judge.")
    if seen := sorted(one for one in {*visitors, *judges} if one <= known):
        raise ValueError(f"Writers {seen} are no strangers: the shipped networks were made with them.")
