"""Train one learner through the rounds by the platform's own strategy and by others, and test each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.continual.baselines import BaselineTrainer
from benchmarks.continual.bases import Base
from benchmarks.continual.rounds import VisitorTest
from benchmarks.continual.strategies import ADAPTED, EVERYTHING, OURS, StrategyResult
from functions.domain.answer import Learner
from functions.learners.continual.fine_tuner import ContinualTrainer
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.continual.rehearsal_batches import REHEARSED, plan_rehearsal
from functions.learners.pretraining.collection import Collection
from functions.learners.pretraining.digits import collect_digits, collect_mnist
from functions.learners.squares import Squares, Varied, Weights
from functions.learners.squares.sampling import split_selection
from functions.learners.weights_file import unpack

ONE_STEP, ALONE, WHOLE, FROM_NOTHING = "a one step each", "b corrections only", "c no averaging", "d from scratch"


class LearnerComparison:
    """One learner from one base: its weights after each round by the platform's strategy and by ``others``."""

    def __init__(self, base: Base, learner: Learner, baselines: BaselineTrainer, others: Sequence[str], testers: Squares) -> None:
        """Test the base. ``testers`` are the drawings of the test writers."""
        self.learner = learner
        self._base, self._baselines, self._testers = base, baselines, testers
        self._rehearse = split_selection(base.rehearsal)[0]
        self._symbols = base.holdout.take(base.holdout.y < len(base.labels))
        self._trainer = ContinualTrainer(learner, base.labels, base.rehearsal, base.holdout)
        self._trainer.warm_up()
        self._live, self._adam = base.weights[learner], baselines.adam()
        self._others = dict.fromkeys(others, self._start)
        self.results: dict[str, StrategyResult] = {}
        for name in (OURS, *others):
            self._measure(name, 0, self._start, ended=True)

    @property
    def _start(self) -> Weights:
        return unpack(self._base.weights[self.learner])[0]

    def wrong(self, squares: Squares) -> NDArray[np.bool_]:
        """Return which of ``squares`` (n,) the platform's live version answers wrongly."""
        return self._baselines.wrong(unpack(self._live)[0], squares)

    def learn(self, new: Squares, offered: Squares, earlier: Squares | None, augmented: Varied | None, seed: int) -> bool:
        """Train a round by every strategy. The platform gets all ``offered`` drawings and their augmented copies.

        Return whether the platform's version was accepted.
        """
        began = time.monotonic()
        made = self._trainer.fine_tune(
            self._live, TrainingSquares(offered, earlier=earlier, augmented=augmented), seed=seed, on_progress=ignore_progress
        )
        self.results[OURS].seconds.append(time.monotonic() - began)
        accepted = bool(made.gate["accepted"])
        if accepted:
            self._live = made.weights
        print(f"  {self.learner}: {len(offered)} offered, share {made.metrics['share']:g}. {made.gate['reason']}", flush=True)
        baselines, steps = self._baselines, int(made.metrics["steps"])
        rehearse = plan_rehearsal(new, self._rehearse, earlier, seed=seed, rehearsed=REHEARSED).rehearse
        doing: dict[str, Callable[[Weights], Weights]] = {
            ONE_STEP: lambda weights: baselines.one_step_each(weights, new, self._adam),
            ALONE: lambda weights: baselines.corrections_only(weights, new, steps, seed),
            WHOLE: lambda weights: baselines.with_rehearsal(weights, new, rehearse, steps, seed),
        }
        for name, weights in self._others.items():
            began = time.monotonic()
            self._others[name] = doing[name](weights)
            self.results[name].seconds.append(time.monotonic() - began)
        return accepted

    def measure(self, given: int, visits: Sequence[VisitorTest] = ()) -> None:
        """Test every strategy's weights after ``given`` drawings, and print the results.

        With ``visits``, personalised answers are tested on the visitors' other drawings.
        """
        parts = []
        for name, weights in {OURS: unpack(self._live)[0], **self._others}.items():
            self._measure(name, given, weights)
            result = self.results[name]
            parts.append(f"{name.split()[0]} {result.holdout[-1]:.2f} %, {result.errors[-1]} wrong in {result.seconds[-1]:.1f} s")
        if visits:
            errors = sum(int(self._baselines.wrong_for(self._live, one.own, one.testing).sum()) for one in visits)
            ours = self.results[OURS]
            if ADAPTED not in self.results:
                self._measure(ADAPTED, 0, self._start, ended=True)
            self.results[ADAPTED].note(given, ours.holdout[-1], errors)
            parts.append(f"personalised {errors} wrong")
        print(f"  {self.learner}: {'; '.join(parts)}", flush=True)

    def retrain(self, drawings: Squares, seed: int) -> None:
        """Retrain from the base on the ``drawings`` of all rounds."""
        self._made(EVERYTHING, drawings, lambda: self._baselines.everything(self._start, drawings, self._base.rehearsal, seed))

    def train_from_nothing(self, drawings: Squares, data: Path, effort: float, seed: int) -> None:
        """Train random weights on the base's training set and all ``drawings``, with a share of the base's steps."""
        name, collection = collected(self._base.name, data)
        self._made(FROM_NOTHING, drawings, lambda: self._baselines.from_nothing(name, collection, drawings, effort, seed))

    def end(self) -> None:
        """Test every strategy's last weights on the unseen digits."""
        for name, weights in {OURS: unpack(self._live)[0], **self._others}.items():
            self.results[name].unseen.append(self._right(weights, self._base.unseen))

    def _made(self, name: str, drawings: Squares, make: Callable[[], Weights]) -> None:
        self._measure(name, 0, self._start, ended=True)
        began = time.monotonic()
        weights = make()
        self.results[name].seconds.append(time.monotonic() - began)
        self._measure(name, len(drawings), weights, ended=True)

    def _measure(self, name: str, given: int, weights: Weights, *, ended: bool = False) -> None:
        result = self.results.setdefault(name, StrategyResult(self._base.name, self.learner, name, len(self._testers)))
        errors = int(self._baselines.wrong(weights, self._testers).sum())
        result.note(given, self._right(weights, self._symbols), errors)
        if ended:
            result.unseen.append(self._right(weights, self._base.unseen))

    def _right(self, weights: Weights, squares: Squares) -> float:
        """Return the share of right answers in percent."""
        return 100 * float(1 - self._baselines.wrong(weights, squares).mean())


@lru_cache(maxsize=1)
def collected(base: str, data: Path) -> tuple[str, Collection]:
    """Return the name of a base's recipe and its training set. Both learners share it, because it takes minutes to make."""
    if base == "shipped":
        return "digits", collect_digits(data, 0, lambda _line: None)
    return "mnist", collect_mnist(data)


def ignore_progress(_progress: float, _step: object) -> None:
    """Ignore the progress of a run."""
