"""Trainers without TensorFlow: a new version answers the last label of its training squares."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.domain.run_step import Step
from functions.training.lanes import QUICK
from tests.support.tiny_models import tiny_network, tiny_weights


@dataclass(frozen=True)
class Candidate:
    weights: bytes
    tflite: bytes
    sha256: str
    metrics: dict[str, Any]
    gate: dict[str, Any]


class FakeTrainer:
    """Records its ``calls``, and calls ``during`` in the middle of each. ``labels`` is the number of labels of its set.

    ``surprise`` gives the validation NLL of a training from some weights.
    """

    def __init__(
        self,
        accepted: bool = True,
        during: Callable[[], None] = lambda: None,
        seconds: float = 0.0,
        labels: int = 10,
        surprise: Callable[[bytes], float] = lambda live: 1.0,
    ) -> None:
        self.accepted, self.during, self.seconds, self.labels = accepted, during, seconds, labels
        self.surprise = surprise
        self.calls: list[dict[str, Any]] = []

    def fine_tune(self, live, squares, *, seed, on_progress):
        return self._learn("learn", live, squares, seed, on_progress)

    def retrain(self, live, squares, *, seed, on_progress):
        return self._learn("train", live, squares, seed, on_progress)

    def admit(self, live, trained, squares, *, seed, on_progress):
        return self._learn("admit", live, squares, seed, on_progress, trained=trained)

    def add_labels(self, live, labels, squares, *, seed, on_progress):
        return self._learn("add_labels", live, squares, seed, on_progress, labels=labels)

    def bootstrap(self, foundation, labels, squares, *, seed, on_progress):
        return self._learn("bootstrap", foundation, squares, seed, on_progress, labels=labels)

    def _learn(self, kind, live, squares, seed, on_progress, **more):
        self.calls.append({"kind": kind, "live": live, "seed": seed, **vars(squares), **more})
        self.labels = len(more.get("labels", range(self.labels)))
        for step in range(10):
            on_progress(step / 10, Step.of("fitting", step=step + 1, steps=10))
            time.sleep(self.seconds / 10)
        self.during()
        answer = int(squares.new.y[-1])
        tflite = tiny_network(answer, self.labels, sureness=5.0 + len(self.calls))
        reason = "Not worse." if self.accepted else "Kept out: worse."
        gate = {"accepted": self.accepted, "reason": reason}
        metrics = {
            "steps": 10,
            "share": 0.5,
            "trials": [{"share": 0.5, "known": 1.0, "new": 1.0, "surprise": self.surprise(live)}],
        }
        return Candidate(tiny_weights(answer), tflite, hashlib.sha256(tflite).hexdigest(), metrics, gate)


class FakeTrainerPool:
    """A pool of the given trainers, or of one fake trainer for each learner and lane."""

    def __init__(self, **trainers: FakeTrainer) -> None:
        self.quick = trainers or {"fnn": FakeTrainer(), "cnn": FakeTrainer()}
        self.full = trainers or {"fnn": FakeTrainer(), "cnn": FakeTrainer()}
        self.warmed: list[str] = []

    def trainers(self, symbols, lane=QUICK):
        return self.quick if lane is QUICK else self.full

    def warm_up(self, symbols, stop):
        self.warmed.append(symbols.name)
