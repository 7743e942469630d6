"""The networks with and without a visitor's labelled drawings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.domain.answer import REJECTION_THRESHOLD
from functions.domain.personalisation import REACH, STRENGTH, adapted
from functions.learners.litert import infer_square_and_embedding, open_network
from functions.learners.squares import Squares
from functions.serving.embedding_output import with_embedding


@dataclass(frozen=True)
class Seen:
    """Drawings: both networks' ``outputs`` (2, n, K + 1), each learner's embeddings (n, d), and the classes ``y`` (n,)."""

    outputs: NDArray[np.float64]
    embeddings: tuple[NDArray[np.float32], ...]
    y: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.y)

    @property
    def labels(self) -> int:
        """The number of labels."""
        return self.outputs.shape[-1] - 1


class Count(NamedTuple):
    """Errors without and with personalisation on ``asked`` drawings, and the numbers of mended and broken answers."""

    without: int = 0
    with_it: int = 0
    mended: int = 0
    broken: int = 0
    asked: int = 0

    def plus(self, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Count:
        """Add drawings; ``before`` and ``after`` tell whether each answer is right without and with personalisation."""
        more = ((~before).sum(), (~after).sum(), (~before & after).sum(), (before & ~after).sum(), len(before))
        return Count(*(old + int(new) for old, new in zip(self, more, strict=True)))

    def __str__(self) -> str:
        cut = 100 * (self.without - self.with_it) / max(self.without, 1)
        return (
            f"{self.without:6,} -> {self.with_it:6,} errors of {self.asked:7,} ({cut:+6.1f} % fewer), "
            f"{self.mended:5,} mended, {self.broken:3,} broken"
        )


@dataclass(frozen=True)
class Head:
    """The personalisation with its constants; ``alike`` (K + 1, K + 1) is 1 where two classes are confusable."""

    alike: NDArray[np.float64]
    strength: float = STRENGTH
    reach: float = REACH

    def answers(
        self, seen: Seen, asked: NDArray[np.int64], own: Sequence[int] | NDArray[np.int64], said: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Return the answers to the drawings ``asked`` of a visitor with labelled ``own`` drawings (positions in ``seen``).

        The own drawings have their true labels, or the labels ``said``.
        """
        own = np.asarray(own, int)
        classes = np.eye(len(self.alike))[seen.y[own] if said is None else said]
        return answers(
            np.stack(
                [
                    adapted(outputs[asked], made[asked], made[own], classes, self.alike, self.strength, self.reach)
                    for outputs, made in zip(seen.outputs, seen.embeddings, strict=True)
                ]
            )
        )


def answers(outputs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the combined answers (n,) of both learners (2, n, K + 1), as ``answer.combine`` does; K is "not a symbol"."""
    labels = outputs[..., :-1]
    surest = labels.max(-1).argmax(0)  # (n,)
    named = labels.argmax(-1)[surest, np.arange(len(surest))]
    return np.where(outputs[..., -1].mean(0) >= REJECTION_THRESHOLD, labels.shape[-1], named)


def see(networks: Sequence[bytes], squares: Squares) -> Seen:
    """Return the outputs and embeddings of networks for every square."""
    outputs, embeddings = [], []
    for tflite in networks:
        network = open_network(with_embedding(tflite))
        pairs = [infer_square_and_embedding(network, square / np.float32(255)) for square in squares.x]
        outputs.append(np.array([given for given, _ in pairs], np.float64))
        embeddings.append(np.array([made for _, made in pairs]))
    return Seen(np.stack(outputs), tuple(embeddings), squares.y)
