"""The verb *explain*: which pixels of a drawing the CNN's answer depends on. Nothing is stored."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from functions.domain.answer import Learner
from functions.domain.drawing import Square
from functions.domain.occlusion import occlusion


class Network(Protocol):
    """The part of a lent network that an explanation needs."""

    @property
    def learner(self) -> Learner: ...

    @property
    def version(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    def __call__(self, square: Square, /) -> NDArray[np.float32]:
        """Return the outputs (labels + 1,) for ``square`` (28, 28)."""


class Networks(Protocol):
    """The part of the live models that an explanation needs."""

    def cnn(self, set_name: str) -> AbstractContextManager[Network]:
        """Lend the learned CNN of a set; raise UnknownSet, NothingLearned or Unavailable."""


@dataclass(frozen=True)
class Explanation:
    """The most probable ``label`` of a version, its probability ``p``, and what each pixel carries of it: (28, 28) in 0..1."""

    learner: Learner
    version: str
    label: str
    p: float
    lost: NDArray[np.float32]


class ExplanationCache:
    """The last explanation of one drawing of each set, as long as the drawing and the versions that answer are the same."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, Explanation]] = {}

    def of(self, runtime: Networks, set_name: str, square: Square, about: object) -> Explanation:
        """Return the explanation of a ``square``; ``about`` tells the drawing and the versions. Raises what ``explain`` does."""
        kept_about, found = self._kept.get(set_name, (None, None))
        if found is None or kept_about != about:
            found = explain(runtime, set_name, square)
            self._kept[set_name] = about, found
        return found


def explain(runtime: Networks, set_name: str, square: Square) -> Explanation:
    """Return what the CNN's most probable label for ``square`` (28, 28) depends on.

    Labels that look alike count as one: their probabilities are added up.

    Raises: what ``runtime.cnn`` raises.
    """
    with runtime.cnn(set_name) as network:
        outputs = network(square)[:-1]
        place = int(np.argmax(outputs))
        lost = occlusion(square, lambda changed: float(network(changed)[place]))
        return Explanation(network.learner, network.version, network.labels[place], float(outputs[place]), lost)
