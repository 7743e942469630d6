"""Evaluate many versions on one file: one after the other here, or side by side on the nodes of ``INKLOOP_RAY``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.compute import InProcess
from functions.compute.mapper import TellStep
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.evaluation.readers.read import Labelled
from functions.learners.litert import infer
from functions.learners.squares import Pixels, Squares
from functions.training.shared_squares import SharedSquares, shared
from functions.training.trials import Cluster


@dataclass(frozen=True)
class EvaluatedVersion:
    """A version to evaluate: its name, its labels in the order of its outputs, and its ``tflite`` file or its ``weights``."""

    name: str
    labels: tuple[str, ...]
    tflite: bytes = b""
    weights: bytes = b""

    def infer(self, x: Pixels) -> NDArray[np.float32]:
        """Return the answers (n, K + 1) to squares (n, 28, 28)."""
        if self.tflite:
            return infer(self.tflite, x)
        from functions.learners.networks.export import inference_from_weights  # loads TensorFlow, which only weights need

        found: NDArray[np.float32] = inference_from_weights(self.weights)[1](x)
        return found


@dataclass(frozen=True)
class Task:
    """A version and the squares that it answers."""

    version: EvaluatedVersion
    squares: Squares | SharedSquares


def evaluate(task: Task, tell: TellStep) -> dict[str, Any]:
    """Return the figures of a version."""
    squares = task.squares.read().new if isinstance(task.squares, SharedSquares) else task.squares
    return Evaluation(task.version.labels, task.version.infer(squares.x), squares.y).figures()


def evaluate_many(
    versions: Sequence[EvaluatedVersion], read: Callable[[tuple[str, ...]], Labelled], cluster: Cluster | None
) -> list[dict[str, Any]]:
    """Return the figures of each version; ``read`` reads the file for some labels.

    Raises:
        StoreUnavailable: a cluster's nodes cannot be given the drawings.
    """
    files = {labels: read(labels).squares for labels in {one.labels for one in versions}}
    tasks = [Task(one, files[one.labels]) for one in versions]
    if cluster is None:
        return InProcess().map(evaluate, tasks, lambda *_: None)
    with ExitStack() as stack:
        keys = {labels: stack.enter_context(shared(cluster.store, TrainingSquares(squares))) for labels, squares in files.items()}
        return cluster.mapper.map(evaluate, [replace(one, squares=keys[one.version.labels]) for one in tasks], lambda *_: None)


def table(versions: Sequence[EvaluatedVersion], figures: Sequence[dict[str, Any]]) -> list[str]:
    """Return a line for each version, in the order that they were named."""
    width = max(len(one.name) for one in versions)
    lines = [f"{'version':{width}}  drawings  accuracy  calibration error  symbols rejected"]
    for version, one in zip(versions, figures, strict=True):
        shares = one["accuracy"], one["ece"], one["rejects"]["symbols"]["share"]
        accuracy, ece, rejected = (f"{100 * share:.2f} %" if share is not None else "-" for share in shares)
        lines.append(f"{version.name:{width}}  {one['count']:>8,}  {accuracy:>8}  {ece:>17}  {rejected:>16}")
    return lines
