"""Remember what a network answered: the same weights give the same logits to the same squares, in every lesson.

A quick lesson leaves a CNN's lower layers alone, which do most of its work. What they make of squares is remembered as well, so
that every mix of a lesson, and every later lesson, asks only the layers above.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Logits
from functions.learners.networks.architectures import Network, split_at_frozen
from functions.learners.networks.training import predict_logits, predict_upper
from functions.learners.squares import Pixels

SQUARES_PER_BLOCK = 500  # squares that are remembered together
BLOCKS_KEPT = 400  # blocks: the squares that choose and judge, for a handful of weights each; at most 40 MB with 47 labels
FEATURES = 28  # blocks of what lower layers make of them, 6 MB each: what chooses, what judges, and what was just drawn

Key = tuple[bytes, bytes]
Floats = NDArray[np.float32]


class LogitCache:
    """Answers for networks, from memory where it can. What a lesson's last look found, the next one begins with.

    Several threads may ask at once, each about a network of its own.
    """

    def __init__(self, kept: int = BLOCKS_KEPT, features: int = FEATURES) -> None:
        """Remember so many blocks; no ``features`` where the lower layers learn too."""
        self._logits, self._features = _Memory(kept), _Memory(features)
        self._by_halves = features > 0

    def logits(self, network: Network, x: Pixels, *, lasting: int = 0) -> Logits:
        """Return the logits (n, K + 1) of ``network``, with the weights it has now, for squares ``x`` (n, 28, 28).

        The first ``lasting`` of them are remembered by themselves: they will be asked about again when the others are not.
        """
        if not len(x):
            return predict_logits(network, x)
        weights, parts = _told(network.weights), split_at_frozen(network) if self._by_halves else None
        found, lower = [], b""
        for block in chain(_blocks(x[:lasting]), _blocks(x[lasting:])):
            told = hashlib.sha256(block.tobytes()).digest()
            logits = self._logits.get((weights, told))
            if logits is None:
                if parts:
                    lower = lower or _told(parts[0].weights)
                    logits = predict_upper(parts[1], self._made(parts[0], block, (lower, told)))
                else:
                    logits = predict_logits(network, block)
                self._logits.keep((weights, told), logits)
            found.append(logits)
        return np.concatenate(found)

    def _made(self, lower: Network, block: Pixels, key: Key) -> Floats:
        features = self._features.get(key)
        if features is None:
            features = predict_logits(lower, block)
            self._features.keep(key, features)
        return features


class _Memory:
    """The arrays that were asked for last, so many of them."""

    def __init__(self, kept: int) -> None:
        self._arrays: OrderedDict[Key, Floats] = OrderedDict()
        self._kept, self._lock = kept, threading.Lock()

    def get(self, key: Key) -> Floats | None:
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
            return self._arrays.get(key)

    def keep(self, key: Key, array: Floats) -> None:
        with self._lock:
            self._arrays[key] = array
            while len(self._arrays) > self._kept:
                self._arrays.popitem(last=False)


def _blocks(x: Pixels) -> Iterator[Pixels]:
    for start in range(0, len(x), SQUARES_PER_BLOCK):
        yield np.ascontiguousarray(x[start : start + SQUARES_PER_BLOCK])


def _told(weights: Iterable[object]) -> bytes:
    digest = hashlib.sha256()
    for weight in weights:
        digest.update(np.asarray(weight).tobytes())
    return digest.digest()
