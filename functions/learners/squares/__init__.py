"""Labelled squares, for training, validation and tests."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (n, 28, 28), 0 paper .. 255 ink
Classes = NDArray[np.int64]  # (n,), index into the set's labels
Varied = NDArray[np.uint8]  # (n, v, 28, 28), v augmented copies of each of n squares
Weights = list[NDArray[np.float32]]  # the arrays of a network, in its order


@dataclass(frozen=True)
class Squares:
    """``n`` squares as bytes (0 paper, 255 ink), each with the index of its label.

    Raises:
        ValueError: the arrays have other shapes or types.

    >>> squares = Squares(np.zeros((3, 28, 28), np.uint8), np.array([7, 1, 7]))
    >>> len(squares), squares.take(squares.y == 7).y.tolist()
    (3, [7, 7])
    """

    x: Pixels  # (n, 28, 28)
    y: Classes  # (n,)

    def __post_init__(self) -> None:
        if self.x.dtype != np.uint8 or self.x.shape[1:] != (28, 28) or self.y.shape != (len(self.x),):
            raise ValueError(
                f"Squares are (n, 28, 28) bytes with n labels, not {self.x.dtype} {self.x.shape} with {self.y.shape}."
            )

    def __len__(self) -> int:
        return len(self.y)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Squares:
        """Return the squares at ``index`` (positions or a mask), in that order."""
        return Squares(self.x[index], self.y[index])


def no_squares() -> Squares:
    """Return zero squares."""
    return Squares(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64))


def joined(parts: Sequence[Squares]) -> Squares:
    """Return all squares of ``parts``, one part after the other."""
    parts = [no_squares(), *parts]
    return Squares(np.concatenate([part.x for part in parts]), np.concatenate([part.y for part in parts]))


def digest_of(*parts: Squares) -> str:
    """Return a digest of the squares and their classes, 16 hex digits."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.x.tobytes() + part.y.tobytes())
    return digest.hexdigest()[:16]


def save_squares(path: Path, squares: Squares, attribution: str) -> None:
    """Write ``squares`` compressed, with the attribution that their licence requires."""
    with path.open("wb") as file:
        np.savez_compressed(file, x=squares.x, y=squares.y.astype(np.uint8), attribution=np.array(attribution))


def load_squares(body: bytes) -> Squares:
    """Read what ``save_squares`` wrote."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return Squares(arrays["x"], arrays["y"].astype(np.int64))
