"""Morph drawings of one label into each other, as augmentation, without keras.

Random changes of a drawing (``pixel_augment``) do not resemble the differences between people. If there are only a few drawings
of a label, the differences among these few are the best available model. One drawing is registered to another by a free-form
deformation (Rueckert et al., "Nonrigid registration using free-form deformations", IEEE Transactions on Medical Imaging 18, 1999;
least squares, solved by Gauss-Newton steps). A part of the deformation gives a new drawing. The idea is by Hauberg et al.,
"Dreaming more data" (AISTATS 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.learners.pretraining.near_duplicates import forms
from functions.learners.squares import Pixels, Squares, joined

Pictures = NDArray[np.float64]  # (n, 28, 28), 0 paper .. 1 ink
Knots = NDArray[np.float64]  # (n, 2, KNOTS, KNOTS), pixels down and to the right at the knots of a cubic B-spline
SIDE = 28
KNOTS = 8  # one every 5.6 pixels: the deformation can move a loop alone, but cannot break a line
WAYS = (1 / 3, 2 / 3, 1.0)
PARTNERS = 9
ALIKE = 0.8  # smallest correlation after registration: drawings of the same form, not a 7 with and a 7 without a bar
# From coarse to fine: blur in pixels, and stiffness of the deformation.
ROUNDS = ((2.0, 0.3), (2.0, 0.1), (1.5, 0.05), (1.5, 0.03), (1.0, 0.02), (1.0, 0.02), (0.7, 0.02))
BLOCK = 300


@dataclass(frozen=True)
class Bending:
    """The deformation of each of ``n`` drawings onto its partner, and the correlation after it."""

    knots: Knots
    alike: NDArray[np.float64]  # (n,), correlation with the partner, -1..1


def morphs(squares: Squares, *, partners: int = PARTNERS, ways: tuple[float, ...] = WAYS, alike: float = ALIKE) -> Squares:
    """Return morphs between drawings of the same label, at the fractions ``ways`` (0 the drawing, 1 its partner's form).

    Each drawing is registered to the ``partners`` most similar drawings of its label; pairs with a correlation below ``alike``
    are left out. There are at most partners x ways morphs of each drawing, and none of a single drawing.
    """
    made = []
    for label in np.unique(squares.y):
        own = np.flatnonzero(squares.y == label)
        one, other = _neighbours(squares.x[own], partners)
        bending = lay_over(squares.x[own[one]], squares.x[own[other]])
        good = bending.alike >= alike
        one, knots = own[one[good]], bending.knots[good]
        made += [Squares(bend(squares.x[one], way * knots), squares.y[one]) for way in ways]
    return joined(made)


def _neighbours(x: Pixels, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return positions of each square of ``x`` (n, 28, 28) and of the ``count`` others most like it, pair by pair."""
    described = forms(x)
    likeness = described @ described.T - 2 * np.eye(len(x))  # a drawing is not its own neighbour
    count = min(count, len(x) - 1)
    other = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
    return np.repeat(np.arange(len(x)), count), other.ravel()


def lay_over(x: Pixels, over: Pixels) -> Bending:
    """Register each square of ``x`` (n, 28, 28) to its partner in ``over`` (n, 28, 28)."""
    parts = [_laid(_float(x[i : i + BLOCK]), _float(over[i : i + BLOCK])) for i in range(0, len(x), BLOCK)]
    parts.append(Bending(np.zeros((0, 2, KNOTS, KNOTS)), np.zeros(0)))
    return Bending(np.concatenate([part.knots for part in parts]), np.concatenate([part.alike for part in parts]))


def bend(x: Pixels, knots: Knots) -> Pixels:
    """Return squares (n, 28, 28) deformed by ``knots`` (n, 2, 8, 8)."""
    return np.asarray(np.round(255 * np.clip(_read(_float(x)[..., None], knots)[..., 0], 0, 1)), np.uint8)


def _float(x: Pixels) -> Pictures:
    return np.asarray(x, np.float64) / 255


def _laid(x: Pictures, over: Pictures) -> Bending:
    n = len(x)
    knots = np.zeros((n, 2, KNOTS, KNOTS))
    for blur, stiffness in ROUNDS:
        moving, fixed = _blurred(x, blur), _blurred(over, blur)
        knots = _closer(moving, fixed, knots, stiffness)
    bent, aim = _read(_blurred(x, 0.7)[..., None], knots).reshape(n, -1), _blurred(over, 0.7).reshape(n, -1)
    bent, aim = bent - bent.mean(1, keepdims=True), aim - aim.mean(1, keepdims=True)
    length = np.linalg.norm(bent, axis=1) * np.linalg.norm(aim, axis=1)
    return Bending(knots, (bent * aim).sum(1) / np.maximum(length, 1e-9))


def _closer(moving: Pictures, fixed: Pictures, knots: Knots, stiffness: float) -> Knots:
    """Take one Gauss-Newton step towards the least squared difference, with a penalty on the deformation."""
    n, size = len(moving), KNOTS * KNOTS
    slopes = np.gradient(moving, axis=(1, 2))
    seen = _read(np.stack([moving, *slopes], axis=-1), knots)  # (n, 28, 28, 3): ink, slope down, slope to the right
    left, down, right = fixed - seen[..., 0], seen[..., 1], seen[..., 2]
    stiff = stiffness * STIFF
    matrix = np.zeros((n, 2, size, 2, size))
    for i, one in enumerate((down, right)):
        for j, other in enumerate((down, right)):
            matrix[:, i, :, j] = _between_knots(one * other)
        matrix[:, i, :, i] += stiff
    pull = np.stack([_at_knots(left * down), _at_knots(left * right)], axis=1).reshape(n, 2, size)
    pull -= knots.reshape(n, 2, size) @ stiff
    step = np.linalg.solve(matrix.reshape(n, 2 * size, 2 * size), pull.reshape(n, 2 * size, 1))
    return np.asarray(knots + step.reshape(knots.shape))


def _at_knots(of: Pictures) -> NDArray[np.float64]:
    """Return the sums of ``of`` (n, 28, 28) weighted by each knot, (n, 8, 8)."""
    return np.asarray(SPLINE.T @ of @ SPLINE)


def _between_knots(of: Pictures) -> NDArray[np.float64]:
    """Return the sums of ``of`` (n, 28, 28) weighted by each pair of knots, (n, 64, 64)."""
    sums = PAIRS.T @ of @ PAIRS  # (n, 8 x 8 pairs of rows, 8 x 8 pairs of columns)
    sums = sums.reshape(-1, KNOTS, KNOTS, KNOTS, KNOTS).transpose(0, 1, 3, 2, 4)
    return np.asarray(sums.reshape(-1, KNOTS * KNOTS, KNOTS * KNOTS))


def _read(pictures: NDArray[np.float64], knots: Knots) -> NDArray[np.float64]:
    """Sample ``pictures`` (n, 28, 28, channels) at the deformed positions, with bilinear interpolation and paper outside."""
    n, channels = len(pictures), pictures.shape[-1]
    moved = SPLINE @ knots @ SPLINE.T  # (n, 2, 28, 28)
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)))
    side, grid = SIDE + 2, np.arange(1, SIDE + 1)
    y = np.clip(moved[:, 0] + grid[:, None], 0, side - 1.001)
    x = np.clip(moved[:, 1] + grid, 0, side - 1.001)
    top, left = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    lower, righter = (y - top)[..., None], (x - left)[..., None]
    flat = padded.reshape(-1, channels)
    at = np.arange(n)[:, None, None] * (side * side) + top * side + left
    above = flat[at] * (1 - righter) + flat[at + 1] * righter
    below = flat[at + side] * (1 - righter) + flat[at + side + 1] * righter
    return np.asarray(above * (1 - lower) + below * lower)


def _blurred(pictures: Pictures, sigma: float) -> Pictures:
    distance = np.subtract.outer(np.arange(SIDE), np.arange(SIDE)) / sigma
    weights = np.exp(-0.5 * distance**2)
    weights /= np.exp(-0.5 * (np.arange(-SIDE, SIDE + 1) / sigma) ** 2).sum()  # paper outside
    return np.asarray(weights @ pictures @ weights.T)


def _spline() -> NDArray[np.float64]:
    """Return the weight of each knot at each row of pixels, (28, KNOTS): uniform cubic B-splines."""
    at = (np.arange(SIDE) + 0.5) / SIDE * (KNOTS - 3)
    far = np.abs(at[:, None] - np.arange(-1, KNOTS - 1))
    near = 2 / 3 - far**2 + far**3 / 2
    return np.asarray(np.where(far < 1, near, np.where(far < 2, (2 - far) ** 3 / 6, 0)))


def _stiff() -> NDArray[np.float64]:
    """Return the penalty matrix (64, 64): mostly on the distance of knots from the middle of their neighbours; slant is cheap."""
    first, second = np.diff(np.eye(KNOTS), axis=0), np.diff(np.eye(KNOTS), n=2, axis=0)
    slope, curve, each = first.T @ first, second.T @ second, np.eye(KNOTS)
    bending = np.kron(curve, each) + np.kron(each, curve) + np.kron(slope, slope)
    leaning = np.kron(slope, each) + np.kron(each, slope)
    return np.asarray(bending + 0.1 * leaning + 0.01 * np.eye(KNOTS * KNOTS))


SPLINE = _spline()
PAIRS = (SPLINE[:, :, None] * SPLINE[:, None, :]).reshape(SIDE, KNOTS * KNOTS)
STIFF = _stiff()
