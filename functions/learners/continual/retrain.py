"""Retrain from several starts on everything that was collected, and keep the better result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from functions.learners.continual.protocol import Candidate, LearnerTrainer, OnProgress, TrainingSquares
from functions.learners.continual.rehearsal_batches import REMEMBERED, VALIDATION_SHARE
from functions.learners.squares import Squares

WARM, BASE = "warm", "base"
TESTED_AGAIN = 5_000  # squares that are tested again at the end: quick runs wait meanwhile, and more squares show little more


@dataclass(frozen=True)
class Retrained:
    """The better ``candidate``, its ``start`` (warm or base), and the figures of all ``starts``."""

    start: str
    candidate: Candidate
    starts: dict[str, dict[str, Any]]

    @property
    def has_share(self) -> bool:
        """Whether the validation squares allow any share of the better weights."""
        return "surprise" in self.starts[self.start]

    def with_starts(self, candidate: Candidate) -> Candidate:
        """Return ``candidate`` with the figures of all starts among its metrics."""
        return replace(candidate, metrics={**candidate.metrics, "starts": self.starts})


def retrain(
    trainer: LearnerTrainer, starts: Mapping[str, bytes], squares: TrainingSquares, *, seed: int, on_progress: OnProgress
) -> Retrained:
    """Train from the weights of each start and return the better result by the validation squares."""
    made = {}
    for place, (name, weights) in enumerate(starts.items()):
        part = _part(on_progress, place / len(starts), 1 / len(starts), {} if len(starts) == 1 else {"part": name})
        made[name] = trainer.retrain(weights, squares, seed=seed, on_progress=part)
    return best_of(made)


def best_of(made: Mapping[str, Candidate]) -> Retrained:
    """Return the best of the trainings from some starts by the validation squares."""
    figures = {name: figures_of(candidate.metrics) for name, candidate in made.items()}
    best = better(figures)
    return Retrained(best, made[best], figures)


def figures_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the share that a training chose and its validation figures; only the share if no mix was allowed."""
    share = metrics.get("share", 0.0)
    chosen = next((trial for trial in metrics.get("trials", ()) if trial["share"] == share), None)
    return {"share": share} if chosen is None else {name: chosen[name] for name in ("share", "known", "new", "surprise")}


def better(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the start with the lowest validation NLL (``surprise``); the first one if no start has a share."""
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
    """Fine-tune the ``trained`` weights on ``fresh`` squares of quick runs, and let the gate compare the result with ``live``."""
    weights, collected, steps = trained.candidate.weights, squares.new, dict[str, Any]()
    # The same order as in ``plan_rehearsal``: first the validation squares, then the learned ones.
    order = np.random.default_rng(seed).permutation(len(collected))
    if fresh:
        late = TrainingSquares(fresh, earlier=collected.take(order[-REMEMBERED:]), held_out=squares.held_out)
        part = _part(on_progress, 0.0, 0.5, {"part": "catching_up"})
        tuned = trainer.fine_tune(weights, late, seed=seed, on_progress=part)
        if tuned.gate["accepted"]:  # better without the newest drawings than with forgetting
            weights = tuned.weights
        steps = {"caught_up": {"samples": len(fresh), "share": tuned.metrics.get("share")}}
    if len(collected) > TESTED_AGAIN:
        collected = collected.take(order[: min(TESTED_AGAIN, round(VALIDATION_SHARE * len(collected)))])
    part = _part(on_progress, 0.5, 0.5, {})
    candidate = trainer.admit(live, weights, replace(squares, new=collected), seed=seed, on_progress=part)
    return trained.with_starts(replace(candidate, metrics={**candidate.metrics, **steps}))


def _part(on_progress: OnProgress, start: float, share: float, figures: Mapping[str, str]) -> OnProgress:
    return lambda progress, step: on_progress(start + share * progress, step.within(figures))
