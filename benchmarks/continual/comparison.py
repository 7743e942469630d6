"""One learner in a year of visitors: taught by the platform's own way and by others, and measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.continual.baselines import Ways
from benchmarks.continual.bases import Base
from benchmarks.continual.rounds import Visit
from benchmarks.continual.strategies import ADAPTED, EVERYTHING, OURS, Course
from functions.domain.answer import Learner
from functions.learners.continual.fine_tuner import ContinualTrainer
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.continual.rehearsal_batches import REHEARSED, plan_rehearsal
from functions.learners.networks.export import unpack
from functions.learners.pretraining.collection import Collection
from functions.learners.pretraining.digits import collect_digits, collect_mnist
from functions.learners.squares import Squares, Varied, Weights
from functions.learners.squares.sampling import split_selection

ONE_STEP, ALONE, WHOLE, FROM_NOTHING = "a one step each", "b corrections only", "c no averaging", "d from nothing"


class Player:
    """The year of one learner from one base: what answers after each round by the platform's way, and by ``others``."""

    def __init__(self, base: Base, learner: Learner, ways: Ways, others: Sequence[str], judges: Squares) -> None:
        """Measure the base. ``judges`` are the drawings of those who never teach."""
        self.learner = learner
        self._base, self._ways, self._judges = base, ways, judges
        self._rehearse = split_selection(base.rehearsal)[0]
        self._symbols = base.holdout.take(base.holdout.y < len(base.labels))
        self._teacher = ContinualTrainer(learner, base.labels, base.rehearsal, base.holdout)
        self._teacher.warm_up()
        self._live, self._adam = base.weights[learner], ways.adam()
        self._others = dict.fromkeys(others, self._start)
        self.courses: dict[str, Course] = {}
        for name in (OURS, *others):
            self._measure(name, 0, self._start, ended=True)

    @property
    def _start(self) -> Weights:
        return unpack(self._base.weights[self.learner])[0]

    def wrong(self, squares: Squares) -> NDArray[np.bool_]:
        """Return which of ``squares`` (n,) the platform's live version answers wrongly."""
        return self._ways.wrong(unpack(self._live)[0], squares)

    def learn(self, new: Squares, offered: Squares, taught: Squares | None, varied: Varied | None, seed: int) -> bool:
        """Teach a round in every way: the platform is ``offered`` what waits too, and ``varied`` as other hands draw it.

        Return whether what it made of it answers.
        """
        began = time.monotonic()
        made = self._teacher.fine_tune(
            self._live, TrainingSquares(offered, earlier=taught, augmented=varied), seed=seed, on_progress=quiet
        )
        self.courses[OURS].seconds.append(time.monotonic() - began)
        accepted = bool(made.gate["accepted"])
        if accepted:
            self._live = made.weights
        print(f"  {self.learner}: {len(offered)} offered, share {made.metrics['share']:g}. {made.gate['reason']}", flush=True)
        ways, steps = self._ways, int(made.metrics["steps"])
        rehearse = plan_rehearsal(new, self._rehearse, taught, seed=seed, rehearsed=REHEARSED).rehearse
        doing: dict[str, Callable[[Weights], Weights]] = {
            ONE_STEP: lambda weights: ways.one_step_each(weights, new, self._adam),
            ALONE: lambda weights: ways.corrections_only(weights, new, steps, seed),
            WHOLE: lambda weights: ways.with_rehearsal(weights, new, rehearse, steps, seed),
        }
        for name, weights in self._others.items():
            began = time.monotonic()
            self._others[name] = doing[name](weights)
            self.courses[name].seconds.append(time.monotonic() - began)
        return accepted

    def measure(self, given: int, visits: Sequence[Visit] = ()) -> None:
        """Note and print what every way's weights are worth after ``given`` drawings.

        ``visits`` are those whose own other drawings judge: also noted is what they see, whom answers adapt to.
        """
        told = []
        for name, weights in {OURS: unpack(self._live)[0], **self._others}.items():
            self._measure(name, given, weights)
            course = self.courses[name]
            told.append(f"{name.split()[0]} {course.holdout[-1]:.2f} %, {course.errors[-1]} wrong in {course.seconds[-1]:.1f} s")
        if visits:
            errors = sum(int(self._ways.wrong_for(self._live, one.own, one.judging).sum()) for one in visits)
            ours = self.courses[OURS]
            if ADAPTED not in self.courses:
                self._measure(ADAPTED, 0, self._start, ended=True)
            self.courses[ADAPTED].note(given, ours.holdout[-1], errors)
            told.append(f"adapted to their own hands {errors} wrong")
        print(f"  {self.learner}: {'; '.join(told)}", flush=True)

    def retrain(self, drawings: Squares, seed: int) -> None:
        """Retrain from the base on all ``drawings`` of the year."""
        self._made(EVERYTHING, drawings, lambda: self._ways.everything(self._start, drawings, self._base.rehearsal, seed))

    def train_from_nothing(self, drawings: Squares, data: Path, effort: float, seed: int) -> None:
        """Train from nothing on what the base learned from and on all ``drawings``, with a share of the base's steps."""
        name, collection = collected(self._base.name, data)
        self._made(FROM_NOTHING, drawings, lambda: self._ways.from_nothing(name, collection, drawings, effort, seed))

    def end(self) -> None:
        """Put the unseen digits to what every way has made of the year."""
        for name, weights in {OURS: unpack(self._live)[0], **self._others}.items():
            self.courses[name].unseen.append(self._right(weights, self._base.unseen))

    def _made(self, name: str, drawings: Squares, make: Callable[[], Weights]) -> None:
        self._measure(name, 0, self._start, ended=True)
        began = time.monotonic()
        weights = make()
        self.courses[name].seconds.append(time.monotonic() - began)
        self._measure(name, len(drawings), weights, ended=True)

    def _measure(self, name: str, given: int, weights: Weights, *, ended: bool = False) -> None:
        course = self.courses.setdefault(name, Course(self._base.name, self.learner, name, len(self._judges)))
        errors = int(self._ways.wrong(weights, self._judges).sum())
        course.note(given, self._right(weights, self._symbols), errors)
        if ended:
            course.unseen.append(self._right(weights, self._base.unseen))

    def _right(self, weights: Weights, squares: Squares) -> float:
        """Return the share of right answers in percent."""
        return 100 * float(1 - self._ways.wrong(weights, squares).mean())


@lru_cache(maxsize=1)
def collected(base: str, data: Path) -> tuple[str, Collection]:
    """Return the name of a base's recipe and what it learned from, which takes minutes to make, once for both learners."""
    if base == "shipped":
        return "digits", collect_digits(data, 0, lambda _line: None)
    return "mnist", collect_mnist(data)


def quiet(_progress: float, _step: str) -> None:
    """Tell nobody."""
