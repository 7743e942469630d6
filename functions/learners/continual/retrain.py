"""Retrain from several starts on everything that was collected, and keep the better one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.continual.protocol import LearnerTrainer, OnProgress, TrainingSquares
from functions.learners.continual.rehearsal_batches import JUDGING, REMEMBERED
from functions.learners.squares import Squares

if TYPE_CHECKING:
    from functions.learners.continual.protocol import Candidate


WARM, BASE = "warm", "base"


ASKED = 5_000  # squares: quick runs wait while they are asked about, and more would say little more


@dataclass(frozen=True)
class Retrained:
    """The better one of the trainings: with what it ``start``ed (warm or base), and how all of them did, by their start."""

    start: str
    candidate: Candidate
    starts: dict[str, dict[str, Any]]

    @property
    def came_to_something(self) -> bool:
        """Whether any share of the better one would do by the squares that choose."""
        return "surprise" in self.starts[self.start]

    def told(self) -> Candidate:
        """Return the candidate with the figures of all trainings among its own."""
        return self.also(self.candidate)

    def also(self, candidate: Candidate) -> Candidate:
        """Return another candidate with these figures."""
        return replace(candidate, metrics={**candidate.metrics, "starts": self.starts})


def retrain(
    trainer: LearnerTrainer, starts: Mapping[str, bytes], squares: TrainingSquares, *, seed: int, on_progress: OnProgress
) -> Retrained:
    """Train from the weights of each start and return the better one by the squares that choose."""
    made = {}
    for place, (name, weights) in enumerate(starts.items()):
        telling = _part(on_progress, place / len(starts), 1 / len(starts), {} if len(starts) == 1 else {"part": name})
        made[name] = trainer.retrain(weights, squares, seed=seed, on_progress=telling)
    figures = {name: figures_of(candidate.metrics) for name, candidate in made.items()}
    best = better(figures)
    return Retrained(best, made[best], figures)


def figures_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the mix that a training settled on did on the squares that choose; without it where none would do."""
    share = metrics.get("share", 0.0)
    chosen = next((trial for trial in metrics.get("trials", ()) if trial["share"] == share), None)
    return {"share": share} if chosen is None else {name: chosen[name] for name in ("share", "known", "new", "surprise")}


def better(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the start whose training surprises the least; the first one where none came to anything."""
    there = [name for name, one in figures.items() if "surprise" in one]
    return min(there, key=lambda name: figures[name]["surprise"]) if there else next(iter(figures))


def conclude(
    trainer: LearnerTrainer,
    live: bytes,
    trained: Retrained,
    squares: TrainingSquares,
    fresh: Squares | None,
    *,
    seed: int,
    on_progress: OnProgress,
) -> Candidate:
    """Catch up with the ``fresh`` squares that were taught meanwhile and let the result stand before the gate beside ``live``."""
    weights, collected, steps = trained.candidate.weights, squares.new, dict[str, Any]()
    if fresh:
        drawn = _order(collected, seed)[-REMEMBERED:]  # not those that choose, which are at the beginning
        telling = _part(on_progress, 0.0, 0.5, {"part": "catching_up"})
        late = TrainingSquares(fresh, earlier=collected.take(drawn), held_out=squares.held_out)
        taken_up = trainer.fine_tune(weights, late, seed=seed, on_progress=telling)
        if taken_up.gate["accepted"]:  # one that would forget what was trained had better not know the newest drawings
            weights = taken_up.weights
        steps = {"caught_up": {"samples": len(fresh), "share": taken_up.metrics.get("share")}}
    telling = _part(on_progress, 0.5, 0.5, {})
    candidate = trainer.admit(live, weights, replace(squares, new=_few(collected, seed)), seed=seed, on_progress=telling)
    return trained.also(replace(candidate, metrics={**candidate.metrics, **steps}))


def _order(collected: Squares, seed: int) -> NDArray[np.int64]:
    """Return the order in which ``plan_lesson`` takes squares, to choose by and then to teach."""
    return np.random.default_rng(seed).permutation(len(collected))


def _few(collected: Squares, seed: int) -> Squares:
    """Return what the last stretch asks about: everything, or of very much some that did not teach, so that it stays short."""
    if len(collected) <= ASKED:
        return collected
    return collected.take(_order(collected, seed)[: min(ASKED, round(JUDGING * len(collected)))])


def _part(on_progress: OnProgress, start: float, share: float, figures: Mapping[str, str]) -> OnProgress:
    return lambda progress, step: on_progress(start + share * progress, step.within(figures))
