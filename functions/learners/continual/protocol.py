"""What a run needs of whoever trains a network. Protocols only; nothing is imported that trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from functions.learners.squares import Squares, Varied
from functions.learners.squares.sampling import HeldOut


class TrainsFully(Protocol):
    """What the slow lane needs of ``learners.teacher.Teacher``."""

    def train(self, live: bytes, collected: Squares, *, seed: int, on_progress: OnProgress, apart: HeldOut) -> Candidate:
        """Learn all collected squares from live weights."""

    def fine_tune(
        self, live: bytes, new: Squares, *, seed: int, on_progress: OnProgress, taught: Squares | None, apart: HeldOut
    ) -> Candidate:
        """Learn new squares in small steps from live weights."""

    def admit(
        self, live: bytes, trained: bytes, collected: Squares, *, seed: int, on_progress: OnProgress, apart: HeldOut
    ) -> Candidate:
        """Let trained weights stand before the gate in place of live ones."""


@dataclass(frozen=True)
class Candidate:
    """A version that could be published: its bytes, its figures and whether the gate lets it answer."""

    labels: tuple[str, ...]
    weights: bytes
    tflite: bytes
    sha256: str  # of ``tflite``
    metrics: dict[str, Any]
    gate: dict[str, Any]  # accepted: bool, reason: str, and the test's figures


OnProgress = Callable[[float, str], None]  # 0..1 and what is done, in words


class Trains(Protocol):
    """What learning needs of ``learners.teacher.Teacher``."""

    def fine_tune(
        self,
        live: bytes,
        new: Squares,
        *,
        seed: int,
        on_progress: OnProgress,
        taught: Squares | None,
        apart: HeldOut,
        varied: Varied | None = None,
    ) -> Candidate:
        """Learn new squares in small steps from live weights."""

    def train(self, live: bytes, collected: Squares, *, seed: int, on_progress: OnProgress, apart: HeldOut) -> Candidate:
        """Learn all collected squares from live weights."""

    def admit(
        self, live: bytes, trained: bytes, collected: Squares, *, seed: int, on_progress: OnProgress, apart: HeldOut
    ) -> Candidate:
        """Let weights that were trained on collected squares stand before the gate beside live ones."""

    def grow(
        self,
        live: bytes,
        labels: tuple[str, ...],
        new: Squares,
        *,
        seed: int,
        on_progress: OnProgress,
        taught: Squares | None,
        apart: HeldOut,
        varied: Varied | None = None,
    ) -> Candidate:
        """Learn labels that live weights lack."""

    def begin(
        self,
        foundation: bytes,
        labels: tuple[str, ...],
        collected: Squares,
        *,
        seed: int,
        on_progress: OnProgress,
        apart: HeldOut,
    ) -> Candidate:
        """Make a first network on the features of another set's weights."""
