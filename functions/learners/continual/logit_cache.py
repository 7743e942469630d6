"""Cache the logits of networks: the same weights give the same logits for the same squares, in every run.

Fine-tuning leaves the lower layers of a CNN as they are, and these do most of the work. Their features are cached as well, so
that every mix of a run, and every later run, computes only the upper layers.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Logits
from functions.learners.networks.architectures import Network, split_at_frozen
from functions.learners.networks.training import predict_logits
from functions.learners.squares import Pixels

SQUARES_PER_BLOCK = 500  # squares that are cached together
BLOCKS_KEPT = 400  # blocks of logits: validation and test squares for some five versions; at most 40 MB with 47 labels
FEATURES = 28  # blocks of features, 6 MB each: validation squares, test squares and new squares

Key = tuple[bytes, bytes]
Floats = NDArray[np.float32]


class LogitCache:
    """Caches the logits of networks. Several threads may use it at once, each with a network of its own."""

    def __init__(self, kept: int = BLOCKS_KEPT, features: int = FEATURES) -> None:
        """Keep so many blocks of logits and of ``features``; 0 if the lower layers are trained too."""
        self._logits, self._features = _Blocks(kept), _Blocks(features)
        self._split = features > 0

    def logits(self, network: Network, x: Pixels, *, lasting: int = 0) -> Logits:
        """Return the logits (n, K + 1) of ``network``, with its present weights, for squares ``x`` (n, 28, 28).

        The first ``lasting`` squares have blocks of their own: they will be asked for again with other squares after them.
        """
        if not len(x):
            return predict_logits(network, x)
        weights, parts = _digest(network.weights), split_at_frozen(network) if self._split else None
        lower = _digest(parts[0].weights) if parts else b""
        found = []
        for block in chain(_blocks(x[:lasting]), _blocks(x[lasting:])):
            squares = hashlib.sha256(block.tobytes()).digest()
            compute = partial(self._upper, parts, block, (lower, squares)) if parts else partial(predict_logits, network, block)
            found.append(self._logits.get((weights, squares), compute))
        return np.concatenate(found)

    def _upper(self, parts: tuple[Network, Network], block: Pixels, key: Key) -> Logits:
        return predict_logits(parts[1], self._features.get(key, partial(predict_logits, parts[0], block)))


class _Blocks:
    """The ``kept`` arrays that were used last."""

    def __init__(self, kept: int) -> None:
        self._arrays: OrderedDict[Key, Floats] = OrderedDict()
        self._kept, self._lock = kept, threading.Lock()

    def get(self, key: Key, compute: Callable[[], Floats]) -> Floats:
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
                return self._arrays[key]
        array = compute()  # without the lock: another thread may compute meanwhile
        with self._lock:
            self._arrays[key] = array
            while len(self._arrays) > self._kept:
                self._arrays.popitem(last=False)
        return array


def _blocks(x: Pixels) -> Iterator[Pixels]:
    for start in range(0, len(x), SQUARES_PER_BLOCK):
        yield np.ascontiguousarray(x[start : start + SQUARES_PER_BLOCK])


def _digest(weights: Iterable[object]) -> bytes:
    digest = hashlib.sha256()
    for weight in weights:
        digest.update(np.asarray(weight).tobytes())
    return digest.digest()
