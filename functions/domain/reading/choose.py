"""Choose the best sequence of glyphs by dynamic programming over a network's confidence and the geometry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from functions.domain.reading.layout import Layout, Span, cuts_between
from functions.domain.reading.pieces import Group, Piece

Outputs = NDArray[np.float32]  # (K + 1,): the probability of each label, then the rejection probability

LEAST_P = 1e-4  # a network's certainty beyond this says nothing more
LOW = 0.6  # line heights; what is lower is a dash or a dot before it is a glyph
WIDE = 1.1  # line heights; what is wider is two glyphs before it is one
NARROWEST = 0.3  # line heights: the least width of which an overlap is a share
NESTED = 0.45  # of the way to a neighbour's middle; people write no symbol deeper into another one
TOUCHING = 0.03  # line heights; strokes that come so near touch


@dataclass(frozen=True)
class Weights:
    """What each sign counts, in units of a log probability; tuned by ``python -m benchmarks.readings --tune``."""

    label: float  # log of the best label's probability
    symbol: float  # log of one less the rejection probability
    low: float  # log of how much lower than LOW
    gap: float  # largest gap inside, line heights
    cut: float  # each cut through a stroke or a blob
    wide: float  # log of how much wider than WIDE
    glyph: float  # each glyph
    overlap: float  # share of a neighbour's width that lies over it
    nested: float  # how much deeper than NESTED the middle of a glyph lies in its neighbour, as a share of the rest
    touch: float  # neighbours that touch


@dataclass(frozen=True)
class Candidate:
    """A group with its ``score`` alone, and its ``left`` and ``right``."""

    group: Group
    score: float
    left: float
    right: float


@dataclass(frozen=True)
class _Way:
    """The best way to read the pieces up to a place: its glyphs, the last one last."""

    score: float
    glyphs: tuple[Candidate, ...]


def choose(
    pieces: Sequence[Piece],
    layout: Layout,
    orders: Sequence[Sequence[Span]],
    outputs: Mapping[Group, Outputs],
    weights: Weights,
    count: int | None = None,
) -> list[Group]:
    """Return the glyphs of the best way through any of ``orders``, from left to right; with ``count``, of that many glyphs.

    An empty list says that no way has so many.
    """
    scored = {group: _candidate(pieces, layout, group, outputs[group], weights) for spans in orders for _, _, group in spans}
    ways = [way for spans in orders if (way := _best_way(layout, spans, scored, weights, count)) is not None]
    if not ways:
        return []
    best = max(ways, key=lambda way: way.score)
    return [one.group for one in sorted(best.glyphs, key=lambda one: one.left + one.right)]


def _candidate(pieces: Sequence[Piece], layout: Layout, group: Group, outputs: Outputs, weights: Weights) -> Candidate:
    left, top, right, bottom = layout.box(group)
    score = (
        weights.label * log(max(float(outputs[:-1].max()), LEAST_P))
        + weights.symbol * log(max(1 - float(outputs[-1]), LEAST_P))
        + weights.low * min(0.0, log(max(bottom - top, 1e-3) / LOW))
        + weights.wide * min(0.0, log(WIDE / max(right - left, 1e-3)))
        - weights.gap * layout.largest_gap(group)
        - weights.cut * cuts_between(pieces, group)
        - weights.glyph
    )
    return Candidate(group, score, left, right)


def _best_way(
    layout: Layout, spans: Sequence[Span], scored: Mapping[Group, Candidate], weights: Weights, count: int | None
) -> _Way | None:
    """Return the best way through one order (Viterbi): the state is the last glyph and, with ``count``, their number."""
    ending: dict[int, list[tuple[int, Candidate]]] = defaultdict(list)
    for first, end, group in spans:
        ending[end].append((first, scored[group]))
    ways: dict[int, dict[tuple[Group, int], _Way]] = defaultdict(dict)
    last = max(ending)
    for end in sorted(ending):
        for first, one in ending[end]:
            before = ways[first].values() if first else [_Way(0.0, ())]
            for way in before:
                score = way.score + one.score - (_between(layout, way.glyphs[-1], one, weights) if way.glyphs else 0.0)
                state = one.group, len(way.glyphs) + 1 if count else 0
                if count and state[1] > count:
                    continue
                if state not in ways[end] or ways[end][state].score < score:
                    ways[end][state] = _Way(score, (*way.glyphs, one))
    complete = [way for way in ways[last].values() if count is None or len(way.glyphs) == count]
    return max(complete, key=lambda way: way.score, default=None)


def _depth(one: Candidate, other: Candidate) -> float:
    """Return how deep the middle of the narrower glyph lies in the other one: 0 at its sides and outside, 1 in its middle."""
    narrow, wide = sorted((one, other), key=lambda glyph: glyph.right - glyph.left)
    middle, half = (narrow.left + narrow.right) / 2, max(wide.right - wide.left, NARROWEST) / 2
    return max(min(middle - wide.left, wide.right - middle), 0.0) / half


def _between(layout: Layout, one: Candidate, other: Candidate, weights: Weights) -> float:
    over = max(0.0, min(one.right, other.right) - max(one.left, other.left))
    narrower = max(min(one.right - one.left, other.right - other.left), NARROWEST)
    overlap = min(over / narrower, 1.0)
    nested = max(_depth(one, other) - NESTED, 0.0) / (1 - NESTED)
    touching = layout.touch(one.group, other.group) < TOUCHING
    return weights.overlap * overlap + weights.nested * nested + weights.touch * touching
