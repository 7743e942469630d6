"""The verb *compare versions*: how many of the same drawings each of two versions answers correctly. Nothing is stored."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.monitoring.comparison import Comparison, Right, compare_answers, compare_versions
from functions.errors import BadSettings, Unavailable
from functions.learners.litert import infer_square, open_network
from functions.learners.squares import Pixels
from functions.learners.squares.shipped import load_shipped
from functions.records.database import Database
from functions.records.tables import Version

SQUARES = 2_000  # of a hold-out: half a second for a version, and they tell half a percent from chance
KEPT = 500  # versions, 2 kB each
CHILDREN = 50  # of a version that are asked for the errors which they kept of it, the newest first

Kept = tuple[Mapping[str, Any], str]  # the errors that a version keeps, and as which ("before", "after") they are another's


@dataclass(frozen=True)
class Holdout:
    """Symbols of a shipped hold-out, evenly chosen: ``squares`` (n, 28, 28) as bytes, and their ``labels`` (n,)."""

    squares: Pixels
    labels: NDArray[np.str_]
    sha256: str


class HoldoutAnswers:
    """Which drawings of a hold-out a version answers correctly, kept in memory. All calls are thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # one computes at a time, so comparisons take at most one core from other requests
        self._holdouts: dict[str, Holdout] = {}
        self._right: dict[tuple[str, str], Right] = {}

    def holdout(self, models: Path, set_name: str) -> Holdout | None:
        """Return the test drawings that ship for a set, None where none do."""
        try:
            shipped = load_shipped(models, set_name)
            digest = str(shipped.entry["holdout"]["sha256"])
            if digest not in self._holdouts:
                squares = shipped.holdout()
                symbols = np.flatnonzero(squares.y < len(shipped.labels))
                chosen = symbols[np.linspace(0, len(symbols) - 1, min(SQUARES, len(symbols))).astype(np.int64)]
                self._holdouts[digest] = Holdout(squares.x[chosen], np.array(shipped.labels)[squares.y[chosen]], digest)
        except (BadSettings, KeyError):
            return None
        return self._holdouts[digest]

    def right(self, artefacts: registry.Artefacts, version: Version, holdout: Holdout) -> Right | None:
        """Return whether a version answers each test drawing correctly (n,); None where its file cannot be read or run."""
        key = version.id, holdout.sha256
        with self._lock:
            if key not in self._right:
                if registry.is_of_older_form(version):
                    return None
                try:
                    found = _right(artefacts.read(version, "tflite"), version.labels, holdout)
                except (Unavailable, ValueError, RuntimeError, IndexError):
                    return None
                if len(self._right) >= KEPT:
                    self._right.clear()
                self._right[key] = found
            return self._right[key]


def compare_any(
    database: Database, artefacts: registry.Artefacts, answers: HoldoutAnswers, first_id: str, second_id: str
) -> Comparison | None:
    """Compare two versions of a set by the answers that they kept, else by asking both about the hold-out that ships.

    Only drawings count whose labels both know. None: no drawings ship that both know, or the file of a version cannot be read.

    Raises:
        UnknownVersion: there is none with that id.
    """
    with database.reading() as session:
        first, second = registry.version(session, first_id), registry.version(session, second_id)
        one, other = _kept(session, first), _kept(session, second)
    if one is not None and other is not None and one[0]["count"]:
        labels = max(first.labels, second.labels, key=len)
        if (found := compare_versions(one[0], other[0], labels, of=(one[1], other[1]))) is not None:
            return found
    holdout = answers.holdout(artefacts.models, first.set_name)
    if holdout is None:
        return None
    right = [answers.right(artefacts, version, holdout) for version in (first, second)]
    known = np.isin(holdout.labels, [*{*first.labels} & {*second.labels}])
    if right[0] is None or right[1] is None or not known.any():
        return None
    return compare_answers(holdout.labels[known], right[0][known], right[1][known])


def _kept(session: Session, version: Version) -> Kept | None:
    """Return the errors of a version: its own, or those that a version kept which was compared with it."""
    if (own := version.gate.get("errors")) is not None:
        return own, "after"
    children = select(Version).where(Version.parent_id == version.id).order_by(Version.created.desc()).limit(CHILDREN)
    for child in session.scalars(children):
        if "errors" in child.gate and child.gate.get("baseline") in (None, version.id):
            return child.gate["errors"], "before"
    return None


def _right(tflite: bytes, labels: list[str], holdout: Holdout) -> Right:
    """Return whether a network's most probable label is right, rejected or not, as the gate counts it."""
    network, right = open_network(tflite), np.zeros(len(holdout.squares), np.bool_)
    for place, square in enumerate(holdout.squares):
        outputs = infer_square(network, square.astype(np.float32) / np.float32(255))
        right[place] = labels[int(outputs[:-1].argmax())] == holdout.labels[place]
    return right
