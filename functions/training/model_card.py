"""The card of a new version: its parent, its samples, its seed and the libraries that trained it."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

from functions import jobs
from functions.records.snapshots import snapshot_id
from functions.records.tables import Version
from functions.records.training_samples import TrainingSample
from functions.training.lanes import LANES
from functions.training.plan import Task, run_seed
from functions.training.training_set import TrainingSet

TRAINING_CODE = 8  # raised when the same card would no longer give the same version
LIBRARIES = ("celiagg", "keras", "numpy", "tensorflow", "tensorflow-cpu")


@dataclass(frozen=True)
class FullLaneCourse:
    """What the full lane did: the ids of its ``starts`` by their names, and the better ``start``.

    ``against`` is the version that the gate compared with; None if no quick run had passed. ``caught_up`` are the samples of
    quick runs that were learned at the end.
    """

    start: str
    starts: dict[str, str]
    against: str | None = None
    caught_up: tuple[TrainingSample, ...] = ()


def card_of(claim: jobs.Lease, task: Task, samples: tuple[str, ...], given: Sequence[str | None]) -> dict[str, Any]:
    """Return the card of a version that learned ``samples``, whose labels are ``given``."""
    training_set, parent = task.training_set, task.parent
    card: dict[str, Any] = {
        "parent": parent.id if parent is not None else None,
        "snapshot": snapshot_id(samples),
        "run": claim.run_id,
        "kind": claim.kind,
        "seed": run_seed(claim, task.learner),
        "code": TRAINING_CODE,
        "made_with": made_with(),
        "samples": len(samples),
        "taught": _learned(claim, parent, training_set) + len(samples) - len(training_set.samples),
        # A label is one word, so this name cannot be a label.
        "labels": dict(sorted(Counter(label or "not a symbol" for label in given).items())),
        "kept_apart": {
            "to choose": len(training_set.squares.held_out.select),
            "to judge": len(training_set.squares.held_out.holdout),
        },
        "apart": training_set.used.apart,
        "rehearsed": {"samples": len(training_set.used.rehearsed), "snapshot": snapshot_id(training_set.used.rehearsed)},
    }
    if parent is None:
        card["foundation"] = task.start.id
    if claim.forget:
        card["replaces"] = task.replaces
    return card


@cache
def made_with() -> dict[str, str]:
    """Return the versions of the libraries, and the machine: the last digits of a training's figures depend on them."""
    here = {one.metadata["Name"].lower().replace("_", "-"): one.version for one in metadata.distributions()}
    libraries = {name: here[name] for name in LIBRARIES if name in here}
    return {**libraries, "machine": f"{platform.machine()} of {os.cpu_count()} cores"}


def course_facts(course: FullLaneCourse) -> dict[str, Any]:
    """Return the part of a card that only a full run has."""
    facts: dict[str, Any] = {"start": course.start, "starts": course.starts, "caught_up": len(course.caught_up)}
    return facts | ({"against": course.against} if course.against is not None else {})


def _learned(claim: jobs.Lease, parent: Version | None, training_set: TrainingSet) -> int:
    """Return the number of samples that the whole line has learned; a full run learns all of them again."""
    before = 0 if parent is None or LANES[claim.kind].relearns else parent.card.get("taught", parent.card.get("samples", 0))
    return int(before) + len(training_set.samples)
