"""Augment squares by pixels as other handwriting, without flips. The augmentation is part of the training step, not of a network.

All functions are TensorFlow graph functions of a batch and a seed. Rotation, scale, slant and elastic deformation follow Simard,
Steinkraus and Platt, "Best practices for convolutional neural networks applied to visual document analysis" (ICDAR 2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

SQUARE_SIDE = 28


@dataclass(frozen=True)
class Strength:
    """The largest change of each kind; every square gets a random share of all of them."""

    turn: float = 0.28  # radians, 16 degrees: beyond it 1 and 7, 6 and 9 begin to mix
    scale: float = 0.16
    stretch: float = 0.25  # width against height
    slant: float = 0.35
    shift: float = 1.8  # pixels
    bend: float = 1.2  # pixels at the elastic field's knots
    pen: float = 0.7  # share of squares with another pen


STRONG = Strength()
MILD = Strength(turn=0.2, scale=0.12, stretch=0.15, slant=0.25, shift=1.2, bend=1.0)
GENTLE = Strength(turn=0.17, scale=0.1, stretch=0.12, slant=0.15, shift=1.2, bend=0.9, pen=0.5)


def augment(squares: Any, seed: Any, strength: Strength = STRONG) -> Any:
    """Return augmented copies of ``squares`` (n, 28, 28) float 0..1; ``seed`` is two int32 numbers."""
    seeds = tf.random.experimental.stateless_split(seed, 4)
    n = tf.shape(squares)[0]
    # A share per square: some stay nearly unchanged, like the squares of inference.
    share = tf.random.stateless_uniform((n, 1, 1), seeds[0])
    y, x = _affine(n, seeds[1], share, strength)
    bent = _elastic(n, seeds[2], share, strength)
    return _pen(_sample(squares, y + bent[..., 0], x + bent[..., 1]), seeds[3], strength)


def _affine(n: Any, seed: Any, share: Any, strength: Strength) -> tuple[Any, Any]:
    """Return the source of each output pixel, (n, 28, 28) rows and columns."""
    change = tf.random.stateless_uniform((6, n, 1, 1), seed, -1.0, 1.0) * share
    angle, slant = change[0] * strength.turn, change[3] * strength.slant
    tall = 1 + change[1] * strength.scale + change[2] * strength.stretch
    wide = 1 + change[1] * strength.scale - change[2] * strength.stretch
    grid = tf.range(SQUARE_SIDE, dtype=tf.float32) - (SQUARE_SIDE - 1) / 2
    v, u = grid[None, :, None] / tall, grid[None, None, :] / wide
    u = u + slant * v
    middle = (SQUARE_SIDE - 1) / 2
    y = tf.cos(angle) * v - tf.sin(angle) * u + change[4] * strength.shift + middle
    x = tf.sin(angle) * v + tf.cos(angle) * u + change[5] * strength.shift + middle
    return y, x


def _elastic(n: Any, seed: Any, share: Any, strength: Strength) -> Any:
    """Return a smooth displacement of each pixel, (n, 28, 28, 2) pixels: random at 6 x 6 knots, cubic between them."""
    knots = tf.random.stateless_uniform((n, 6, 6, 2), seed, -1.0, 1.0) * share[..., None] * strength.bend
    # Cubic interpolation is linear in the knots: one small matrix, the same for rows and columns.
    cubic = tf.image.resize(tf.eye(6)[:, :, None], (SQUARE_SIDE, 6), method="bicubic")[..., 0]  # (28, 6), rows only
    return tf.einsum("ay,nyxc,bx->nabc", cubic, knots, cubic)


def _sample(squares: Any, y: Any, x: Any) -> Any:
    """Return ``squares`` (n, 28, 28) read at rows ``y`` and columns ``x`` (n, 28, 28), linear between pixels, paper outside."""
    padded = tf.pad(squares, ((0, 0), (1, 1), (1, 1)))
    side = SQUARE_SIDE + 2
    y = tf.clip_by_value(y + 1, 0.0, side - 1.001)
    x = tf.clip_by_value(x + 1, 0.0, side - 1.001)
    top, left = tf.floor(y), tf.floor(x)
    down, right = y - top, x - left
    flat = tf.reshape(padded, (-1,))
    start = tf.range(tf.shape(squares)[0])[:, None, None] * (side * side)
    at = start + tf.cast(top, tf.int32) * side + tf.cast(left, tf.int32)
    upper = tf.gather(flat, at) * (1 - right) + tf.gather(flat, at + 1) * right
    lower = tf.gather(flat, at + side) * (1 - right) + tf.gather(flat, at + side + 1) * right
    return upper * (1 - down) + lower * down


def _pen(squares: Any, seed: Any, strength: Strength) -> Any:
    """Return ``squares`` (n, 28, 28) drawn with other pens: blurred, then cut at another level, so that lines grow or shrink."""
    n = tf.shape(squares)[0]
    luck = tf.random.stateless_uniform((4, n, 1, 1), seed)
    wide = tf.nn.max_pool2d(squares[..., None], 3, 1, "SAME")[..., 0]
    squares_wide = squares + (wide - squares) * luck[3] * tf.cast(luck[2] > 0.5, tf.float32)
    blurred = _blur(squares_wide)
    level, softness = 0.22 + 0.38 * luck[1], 0.3 + 0.35 * luck[3]
    cut = tf.clip_by_value((blurred - level) / softness + 0.5, 0.0, 1.0) * tf.cast(blurred > 0.02, tf.float32)
    # A thin line must not fade: ink stays black.
    most = tf.reduce_max(cut, (1, 2), keepdims=True)
    cut = cut / tf.maximum(most, 0.3)
    return tf.where(luck[0] < strength.pen, cut, squares)


def _blur(squares: Any) -> Any:
    """Return ``squares`` (n, 28, 28) blurred by 1 2 1 in both directions."""
    p = tf.pad(squares, ((0, 0), (1, 1), (1, 1)))
    p = (p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]) / 4
    return (p[:, :, :-2] + 2 * p[:, :, 1:-1] + p[:, :, 2:]) / 4
