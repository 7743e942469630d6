"""A teacher without TensorFlow: it "learns" by answering the last label it was shown."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.domain.run_step import Step
from tests.support.tiny_models import tiny_network, tiny_weights


@dataclass(frozen=True)
class Candidate:
    weights: bytes
    tflite: bytes
    sha256: str
    metrics: dict[str, Any]
    gate: dict[str, Any]


class FakeTrainer:
    """Remembers its lessons. ``on_lesson`` is called in the middle of each; ``labels``: how many a set has that it fine-tunes.

    ``surprise`` tells how well a training from some weights did by the squares that choose: less is better.
    """

    def __init__(
        self,
        accepted: bool = True,
        on_lesson: Callable[[], None] = lambda: None,
        seconds: float = 0.0,
        labels: int = 10,
        surprise: Callable[[bytes], float] = lambda live: 1.0,
    ) -> None:
        self.accepted, self.on_lesson, self.seconds, self.labels = accepted, on_lesson, seconds, labels
        self.surprise = surprise
        self.lessons: list[dict[str, Any]] = []

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
        self.lessons.append({"kind": kind, "live": live, "seed": seed, **vars(squares), **more})
        self.labels = len(more.get("labels", range(self.labels)))
        for step in range(10):
            on_progress(step / 10, Step.of("fitting", step=step + 1, steps=10))
            time.sleep(self.seconds / 10)
        self.on_lesson()
        answer = int(squares.new.y[-1])
        tflite = tiny_network(answer, self.labels, sureness=5.0 + len(self.lessons))
        reason = "Not worse." if self.accepted else "Kept out: worse."
        gate = {"accepted": self.accepted, "reason": reason}
        metrics = {
            "steps": 10,
            "share": 0.5,
            "trials": [{"share": 0.5, "known": 1.0, "new": 1.0, "surprise": self.surprise(live)}],
        }
        return Candidate(tiny_weights(answer), tflite, hashlib.sha256(tflite).hexdigest(), metrics, gate)


class FakeTrainerPool:
    """A school with the teachers it is given."""

    def __init__(self, **teachers: FakeTrainer) -> None:
        self.hired = teachers or {"fnn": FakeTrainer(), "cnn": FakeTrainer()}
        self.slow = teachers or {"fnn": FakeTrainer(), "cnn": FakeTrainer()}
        self.warmed: list[str] = []

    def trainers(self, symbols):
        return self.hired

    def slow_trainers(self, symbols):
        return self.slow

    def warm_up(self, symbols, stop):
        self.warmed.append(symbols.name)
