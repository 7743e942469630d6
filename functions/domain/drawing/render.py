"""Pen paths to pixels: exact distances, so edges are smooth wherever the pen went."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing.ink import Field, Segments

DISTANCES_AT_ONCE = 1 << 17  # distances in memory at once: half a MiB, which a core's cache holds
FIRST_BATCH = 512  # pieces drawn before looking for the first time at what is black already
MANY_PIECES = 4000  # more pieces than this go over each other again and again; real drawings have about a hundred


def coverage(segments: Segments, side: int, pen: float) -> Field:
    """Draw ``segments`` (n, 4) in pixels on a paper of (side, side) with a round pen ``pen`` pixels wide.

    A pixel's value is how much of it lies within half a pen of the path, taken from the distance of its centre
    (exact for straight upright edges, and off by less than a tenth at worst elsewhere). Returns (side, side), 0..1.
    """
    cover: Field = np.clip(np.float32(pen / 2 + 0.5) - distance(segments, side, pen / 2 + 1, pen / 2 - 0.5), 0, 1)
    return cover


def distance(segments: Segments, side: int, reach: float, enough: float = -1.0) -> Field:
    """Return (side, side): how far each pixel's centre is from ``segments`` (n, 4), or ``reach`` where it is farther.

    Where a pixel is nearer than ``enough``, how near exactly need not be known (a scribble is then much quicker).
    """
    # Square patches waste least when a piece is about as long as what it reaches is wide.
    longest = min(max(2 * reach, 4.0), float(np.hypot(*(segments[:, 2:] - segments[:, :2]).T).max(initial=0.0)) + 1e-9)
    size = int(np.ceil(longest + 2 * reach)) + 1
    pieces = _pieces(segments, longest)
    if len(pieces) > MANY_PIECES and enough > 0:
        pieces = _dots(pieces, side, longest)
    corners = np.floor(np.minimum(pieces[:, :2], pieces[:, 2:]) - reach).astype(np.int64)  # of each piece's patch
    on_paper = ((corners > -size) & (corners < side)).all(axis=1)
    pieces, corners = pieces[on_paper], corners[on_paper]
    near = np.full((side + 2 * size, side + 2 * size), reach * reach, np.float32)  # squared, with a margin
    start, batch = 0, FIRST_BATCH
    while start < len(pieces):
        some, at = pieces[start : start + batch], corners[start : start + batch]
        if start and enough > 0:
            open_ = ~_covered(near, at, size, enough)
            some, at = some[open_], at[open_]
        _bring_nearer(near, some, at, size)
        start, batch = start + batch, 2 * batch  # the blacker the paper, the more can be left out at once
    inner = near[size : size + side, size : size + side]
    return np.sqrt(np.maximum(inner, 0))


def thin_out(points: NDArray[np.float64], step: float) -> Segments:
    """Turn one line's points (n, 2) into segments (m, 4), keeping its two ends and one point for each ``step`` of its length."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    bins = np.floor(np.concatenate([[0.0], np.cumsum(lengths)]) / step)
    keep = np.concatenate([[True], bins[1:] != bins[:-1]])
    keep[-1] = True
    kept = points[keep]
    if len(kept) == 1:
        kept = np.repeat(kept, 2, axis=0)
    return np.concatenate([kept[:-1], kept[1:]], axis=1)  # (m, 4)


def clip(segments: Segments, width: float, height: float) -> Segments:
    """Cut away what lies outside (0, 0)..(width, height) (Liang and Barsky 1984)."""
    start, delta = segments[:, :2], segments[:, 2:] - segments[:, :2]
    first, last = np.zeros(len(segments)), np.ones(len(segments))
    inside = np.ones(len(segments), bool)
    for axis, end in ((0, width), (1, height)):
        for towards, room in ((-delta[:, axis], start[:, axis]), (delta[:, axis], end - start[:, axis])):
            with np.errstate(divide="ignore", invalid="ignore"):
                cut = room / towards
            first = np.where(towards < 0, np.maximum(first, cut), first)
            last = np.where(towards > 0, np.minimum(last, cut), last)
            inside &= (towards != 0) | (room >= 0)
    inside &= first <= last
    cut_off = np.concatenate([start + first[:, None] * delta, start + last[:, None] * delta], axis=1)
    whole = (first == 0) & (last == 1)
    return np.where(whole[:, None], segments, cut_off)[inside]


def _pieces(segments: Segments, longest: float) -> Segments:
    """Cut segments into pieces no longer than ``longest``."""
    delta = segments[:, 2:] - segments[:, :2]
    counts = np.maximum(np.ceil(np.hypot(*delta.T) / longest), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(segments)), counts)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    step = delta[owner] / counts[owner, None]
    start = segments[owner, :2] + rank[:, None] * step
    return np.concatenate([start, start + step], axis=1)


def _dots(pieces: Segments, side: int, longest: float) -> Segments:
    """Replace the pieces of a scribble by dots, two to a pixel and each place once, so that work is bounded by the paper."""
    margin = int(longest) * 2  # a pen whose middle is off the paper still reaches it
    touched = np.zeros((2 * (side + 2 * margin), 2 * (side + 2 * margin)), bool)
    steps = int(np.ceil(2 * longest))
    for step in range(steps + 1):
        at = pieces[:, :2] + (pieces[:, 2:] - pieces[:, :2]) * (step / steps)
        x, y = np.clip(np.round(2 * (at + margin)), 0, len(touched) - 1).astype(np.int64).T
        touched[y, x] = True
    y, x = np.nonzero(touched)
    dots = np.stack([x, y, x, y], axis=1) / 2.0 - margin
    return dots[np.random.default_rng(0).permutation(len(dots))]  # in no order, the first ones cover most of it


def _covered(near: Field, corners: NDArray[np.int64], size: int, enough: float) -> NDArray[np.bool_]:
    """Tell which patches are full of ink already; what a scribble blackened needs no more work."""
    full = near <= np.float32(enough**2)
    sums = np.zeros((full.shape[0] + 1, full.shape[1] + 1), np.int64)
    sums[1:, 1:] = full.cumsum(0).cumsum(1)
    x, y = (corners + size).T
    inked = sums[y + size, x + size] - sums[y, x + size] - sums[y + size, x] + sums[y, x]
    return np.asarray(inked == size * size)


def _bring_nearer(near: Field, pieces: Segments, corners: NDArray[np.int64], size: int) -> None:
    step = max(1, DISTANCES_AT_ONCE // (size * size))
    for start in range(0, len(pieces), step):
        some, at = pieces[start : start + step], corners[start : start + step]
        for patch, (x, y) in zip(_squared_distances(some - np.tile(at, 2), size), (at + size).tolist(), strict=True):
            view = near[y : y + size, x : x + size]
            np.minimum(view, patch, out=view)


def _squared_distances(pieces: Segments, size: int) -> NDArray[np.float32]:
    """Return for each piece (n, 4), in its patch's coordinates, the squared distance of all pixel centres: (n, size, size)."""
    p = pieces.astype(np.float32)
    dx, dy = p[:, 2] - p[:, 0], p[:, 3] - p[:, 1]
    square_length = np.maximum(dx * dx + dy * dy, np.float32(1e-12))[:, None, None]
    centres = np.arange(size, dtype=np.float32) + np.float32(0.5)
    x = (centres - p[:, :1])[:, None, :]  # (n, 1, size)
    y = (centres - p[:, 1:2])[:, :, None]  # (n, size, 1)
    along = x * dx[:, None, None] + y * dy[:, None, None]  # (n, size, size)
    t = along / square_length
    np.clip(t, 0, 1, out=t)
    distances: NDArray[np.float32] = t * (t * square_length - 2 * along)
    distances += x * x
    distances += y * y
    return distances
