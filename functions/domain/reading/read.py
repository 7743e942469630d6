"""Cut a line of writing into glyphs: ask a network about candidates, and choose the best sequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from functions.domain.drawing import Square
from functions.domain.reading.choose import Outputs, Weights, choose
from functions.domain.reading.layout import Layout, Span, candidates
from functions.domain.reading.pieces import MOST_WHOLE, Glyph, Group, Writing, slant
from functions.domain.reading.struck_rings import ring_of
from functions.errors import Conflict, TooLarge

MOST_GLYPHS = 30
CONFIDENT = 0.9  # of a network about a whole piece: it is no two joined glyphs, unless it is wide
NARROW = 0.6  # line heights; no two glyphs are narrower together
MOST_PIECES = 1.5 * MOST_WHOLE  # with the parts of what is cut; each costs an answer of the network, or several
WIDE = 1.1  # line heights; a piece so wide may be two glyphs, however confident the network is

STROKES = Weights(label=3.2, symbol=2.5, low=2.4, gap=1.0, cut=2.3, wide=0.1, glyph=0.2, overlap=2.3, nested=12.0, touch=0.1)
PICTURE = Weights(label=8.9, symbol=5.1, low=3.3, gap=3.2, cut=5.5, wide=0.0, glyph=0.0, overlap=0.8, nested=8.0, touch=0.15)

Ask = Callable[[Square], Outputs]


@dataclass(frozen=True, eq=False)
class Cut:
    """A line that was cut: the glyphs' pieces, from left to right, and what the network said to each of them.

    ``read_as`` has, for some groups, the part of them that was asked about instead.
    """

    writing: Writing
    groups: tuple[Group, ...]
    outputs: tuple[Outputs, ...]
    read_as: Mapping[Group, Group] = field(default_factory=dict)

    def glyphs(self) -> list[Glyph]:
        """Return the glyphs as drawings of their own."""
        return [self.writing.glyph(group) for group in self.groups]


def read(writing: Writing, ask: Ask, weights: Weights | None = None) -> Cut:
    """Cut a line into the glyphs that a network knows; ``ask`` gives its calibrated outputs to a square.

    Raises:
        TooLarge: there are more than thirty glyphs.
    """
    found = _cut(writing, ask, weights, None)
    if len(found.groups) > MOST_GLYPHS:
        raise TooLarge(f"A reading may have at most {MOST_GLYPHS} symbols; this drawing has {len(found.groups)}.")
    return found


def cut_in_two(writing: Writing, ask: Ask) -> Cut:
    """Cut what was read as one glyph into two.

    Raises:
        Conflict: it is too small to be two.
    """
    found = _cut(writing, ask, None, 2)
    if not found.groups:
        raise Conflict("This symbol cannot be cut in two.")
    return found


def _cut(writing: Writing, ask: Ask, weights: Weights | None, count: int | None) -> Cut:
    return cut_by(ask_all(writing, ask, anywhere=count is not None), weights, count)


@dataclass(frozen=True, eq=False)
class Asked:
    """A line with its candidates: which pieces may be a glyph, and what the network said to each, or to a part ``read_as`` it."""

    writing: Writing
    layout: Layout
    orders: Sequence[Sequence[Span]]
    outputs: Mapping[Group, Outputs]
    read_as: Mapping[Group, Group]


def ask_all(writing: Writing, ask: Ask, *, anywhere: bool = False) -> Asked:
    """Ask the network about every candidate; a piece is cut where it may be joined glyphs, or ``anywhere``."""
    layout = Layout.of(writing.pieces)
    whole = [ask(writing.square((number,))) for number in range(len(writing.pieces))]
    cuts = _cuts(writing, layout, whole, anywhere=anywhere)
    if cuts:
        writing = writing.cut(cuts)
        layout = Layout.of(writing.pieces)
    outputs: dict[Group, Outputs] = {}
    for number, said in enumerate(whole):
        outputs[tuple(at for at, piece in enumerate(writing.pieces) if piece.whole == number)] = said
    clear = {group[0] for group, said in outputs.items() if len(group) == 1 and _confidence(said) >= CONFIDENT}
    wholes = [piece.whole for piece in writing.pieces]
    orders = candidates(layout, layout.orders(writing.written_in_order), wholes, clear)
    for spans in orders:
        for _, _, group in spans:
            if group not in outputs:
                outputs[group] = ask(writing.square(group))
    read_as = _struck(writing, outputs)
    return Asked(writing, layout, orders, outputs | {group: outputs[ring] for group, ring in read_as.items()}, read_as)


def cut_by(asked: Asked, weights: Weights | None = None, count: int | None = None) -> Cut:
    """Return the best cut by ``weights``; with ``count``, into so many glyphs, or none where that is impossible."""
    weights = weights or (STROKES if asked.writing.written_in_order else PICTURE)
    groups = choose(asked.writing.pieces, asked.layout, asked.orders, asked.outputs, weights, count)
    return Cut(asked.writing, tuple(groups), tuple(asked.outputs[group] for group in groups), asked.read_as)


def _struck(writing: Writing, outputs: Mapping[Group, Outputs]) -> dict[Group, Group]:
    """Return the struck rings, which the network knows without their slash and not with it, as their rings."""
    if not writing.written_in_order:
        return {}  # in a picture a slash hangs together with its ring
    unknown = [group for group, said in outputs.items() if len(group) == 2 and _confidence(said) < CONFIDENT]
    rings = {group: (ring,) for group in unknown if (ring := ring_of(writing.pieces, group)) is not None}
    return {group: ring for group, ring in rings.items() if _confidence(outputs[ring]) >= CONFIDENT}


def _cuts(writing: Writing, layout: Layout, whole: Sequence[Outputs], *, anywhere: bool) -> dict[int, Sequence[object]]:
    """Return where the pieces that may be joined glyphs can be cut, as long as there are not too many parts."""
    lean = slant(writing.pieces)
    found: dict[int, Sequence[object]] = {}
    room = MOST_PIECES - len(whole)
    for number, (width, said) in enumerate(zip(layout.widths(), whole, strict=True)):
        if anywhere or width > WIDE or (width > NARROW and _confidence(said) < CONFIDENT):
            places = writing.places_to_cut(number, lean)
            if places and len(places) <= room:
                found[number] = places
                room -= len(places)
    return found


def _confidence(outputs: Outputs) -> float:
    return float(outputs[:-1].max()) * (1 - float(outputs[-1]))
