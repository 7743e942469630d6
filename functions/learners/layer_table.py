"""The layers of each learner, in one table: from it Keras networks are built, and TensorFlow.js models are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from functions.domain.answer import Learner


@dataclass(frozen=True)
class Convolution:
    """A convolution without a bias, followed by batch normalisation and ReLU."""

    filters: int
    size: int
    strides: int = 1
    padding: Literal["same", "valid"] = "same"

    @property
    def name(self) -> str:
        """The name in exported files."""
        return f"conv_{self.filters}"


@dataclass(frozen=True)
class Dense:
    """A dense layer without a bias, followed by batch normalisation and ReLU."""

    units: int

    @property
    def name(self) -> str:
        """The name in exported files."""
        return f"dense_{self.units}"


@dataclass(frozen=True)
class Flatten:
    """What turns planes (n, h, w, c) into rows (n, h * w * c)."""

    name: str = "flat"


Layer = Convolution | Dense | Flatten

LAYERS: dict[Learner, tuple[Layer, ...]] = {
    "fnn": (Flatten(), Dense(512), Dense(256)),
    "cnn": (
        # 5 x 5 with stride 2 sees whole pen crossings and makes every later layer four times cheaper.
        Convolution(32, 5, strides=2),  # (n, 14, 14, 32)
        Convolution(48, 3),
        Convolution(64, 3, strides=2),  # (n, 7, 7, 64)
        Convolution(96, 3, padding="valid"),
        Convolution(128, 3, padding="valid"),  # (n, 3, 3, 128)
        Flatten(),
        Dense(128),
    ),
}
