"""A perceptual hash: 64 bits that are nearly the same for drawings that look nearly the same."""

from __future__ import annotations

import numpy as np

from functions.domain.drawing.ink import Square

# Bits that differ. Measured on the tablet digits: noise changes 0 to 2. Two drawings of one label differ in 12 by one writer
# (one pair in a hundred in 1 to 3), in 20 by two writers; of different labels, 999 pairs in 1000 differ in 10 or more.
SAME = 2
ALIKE = 8

_BITS = 64
_WAVES = 9  # frequencies each way; of the 81, the first 64 after the mean
_k = np.arange(28)
_COSINES = np.cos(np.pi * (_k[None, :] + 0.5) * _k[:_WAVES, None] / 28)  # (9, 28)


def perceptual_hash(square: Square) -> int:
    """Return the hash of a square (28, 28): the signs of its lowest frequencies, as a signed integer of 64 bits."""
    waves = (_COSINES @ square.astype(np.float64) @ _COSINES.T).ravel()[1 : _BITS + 1]  # (64,)
    # Rounded, so that the bits do not depend on the rounding errors of a machine.
    return int.from_bytes(np.packbits(np.round(waves, 6) > 0).tobytes(), signed=True)


def hash_distance(one: int, other: int) -> int:
    """Return how many bits of two hashes differ."""
    return int((one ^ other) & (2**_BITS - 1)).bit_count()
