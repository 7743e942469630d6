"""What a run asks of the trainer of one learner: values and one protocol, without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from functions.domain.run_step import Step
from functions.learners.squares import Squares, Varied
from functions.learners.squares.sampling import HeldOut

OnProgress = Callable[[float, Step], None]  # 0..1 and the present step


@dataclass(frozen=True)
class TrainingSquares:
    """The squares of one training, with the classes of the labels that the version knows afterwards.

    ``new`` squares are learned. ``earlier`` squares, some hundreds that earlier versions learned, join the replay, so that the
    style of an earlier visitor is not forgotten. ``held_out`` squares are never learned. ``augmented`` (n, v, 28, 28) are
    augmented copies of the ``new`` squares.
    """

    new: Squares
    earlier: Squares | None = None
    held_out: HeldOut = field(default_factory=HeldOut)
    augmented: Varied | None = None


@dataclass(frozen=True)
class Candidate:
    """A trained version: its files, its figures and the gate's verdict."""

    labels: tuple[str, ...]
    weights: bytes
    tflite: bytes
    sha256: str  # of ``tflite``
    metrics: dict[str, Any]
    gate: dict[str, Any]  # accepted: bool, reason: str, and the test's figures


class LearnerTrainer(Protocol):
    """Trains the versions of one learner of one symbol set. Weights are the bytes of an ``npz`` file.

    The same arguments give the same bytes on the same machine.
    """

    def fine_tune(self, live: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Learn new squares in small steps from live weights."""

    def retrain(self, live: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Learn all collected squares with the whole network from live weights."""

    def admit(self, live: bytes, trained: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Let the gate compare weights that were trained on the squares with live weights."""

    def add_labels(
        self, live: bytes, labels: tuple[str, ...], squares: TrainingSquares, *, seed: int, on_progress: OnProgress
    ) -> Candidate:
        """Learn labels that live weights lack."""

    def bootstrap(
        self, foundation: bytes, labels: tuple[str, ...], squares: TrainingSquares, *, seed: int, on_progress: OnProgress
    ) -> Candidate:
        """Make a first network on the features of another set's weights."""
