"""The lineage of a learner's versions as a picture: which came from which, which failed the test, and which is live. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.domain.answer import LEARNERS, Learner
from functions.verbs.metrics import VersionProgress

WIDTH, HEIGHT = 300, 56  # units of the picture
MARGIN, LANE, BELOW, ARC = 10, 26, 18, 16  # of the ends; of versions that passed; of those that failed; of a way past others
MOST = 20  # versions: more would touch one another on a phone


@dataclass(frozen=True)
class Node:
    """A version and its place in the picture; ``way`` is the path from its parent, "" without one.

    ``cut`` tells that the parent is older than what the picture shows.
    """

    row: VersionProgress
    x: float
    y: float
    way: str
    cut: bool


@dataclass(frozen=True)
class Lineage:
    """The newest versions of a learner, oldest first; ``older`` tells whether there are others before."""

    learner: Learner
    nodes: tuple[Node, ...]
    older: bool

    @property
    def failed(self) -> int:
        """The number of versions that failed the test and never were live."""
        return sum(not node.row.passed for node in self.nodes)


def lineages(progress: Sequence[VersionProgress]) -> tuple[Lineage, ...]:
    """Return the picture of each learner with more than one version; ``progress`` is newest first."""
    found = (_lineage(learner, [row for row in progress if row.version.learner == learner]) for learner in LEARNERS)
    return tuple(one for one in found if len(one.nodes) > 1)


def _lineage(learner: Learner, newest_first: Sequence[VersionProgress]) -> Lineage:
    rows = list(reversed(newest_first[:MOST]))
    step = (WIDTH - 2 * MARGIN) / max(1, len(rows) - 1)
    places = {row.version.id: (round(MARGIN + step * place, 1), _height(row)) for place, row in enumerate(rows)}
    lane = [row.version.id for row in rows if row.passed]
    nodes = tuple(_node(row, places, lane) for row in rows)
    return Lineage(learner, nodes, len(newest_first) > MOST)


def _height(row: VersionProgress) -> float:
    return float(LANE if row.passed else LANE + BELOW)


def _node(row: VersionProgress, places: dict[str, tuple[float, float]], lane: Sequence[str]) -> Node:
    x, y = places[row.version.id]
    parent = row.version.parent_id
    if parent is None:
        return Node(row, x, y, "", cut=False)
    if parent not in places:
        return Node(row, x, y, f"M0 {y}H{x}", cut=True)
    from_x, from_y = places[parent]
    # Past other versions of the lane, the way is an arc: a straight one would seem to come from them.
    passes = row.version.id in lane and parent in lane and lane.index(row.version.id) - lane.index(parent) > 1
    if passes:
        middle = round((from_x + x) / 2, 1)
        return Node(row, x, y, f"M{from_x} {from_y}Q{middle} {from_y - 2 * ARC} {x} {y}", cut=False)
    if from_y != y:
        return Node(row, x, y, f"M{from_x} {from_y}C{from_x} {y} {from_x} {y} {x} {y}", cut=False)
    return Node(row, x, y, f"M{from_x} {from_y}H{x}", cut=False)
