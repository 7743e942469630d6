"""Which parts of a square an answer depends on: each part is covered in turn, and the probability looked at again. Pure.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014), section 4.2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

PATCH, STEP = 6, 2  # pixels: about two pens wide, moved by half of one; 144 covered squares, some hundredths of a second


def occlusion(square: NDArray[np.float32], probability: Callable[[NDArray[np.float32]], float]) -> NDArray[np.float32]:
    """Return how much of the ``probability`` of ``square`` (28, 28) each pixel carries, as (28, 28) in 0..1.

    A pixel's value is the mean loss over the patches that covered it, of the whole probability. Patches without ink cost nothing
    and are not asked for.
    """
    whole, side = probability(square), square.shape[0]
    lost, covered = np.zeros_like(square), np.zeros_like(square)
    for top in range(2 - PATCH, side, STEP):
        for left in range(2 - PATCH, side, STEP):
            part = np.s_[max(top, 0) : top + PATCH, max(left, 0) : left + PATCH]
            covered[part] += 1
            if square[part].any():
                changed = square.copy()
                changed[part] = 0.0
                lost[part] += max(0.0, whole - probability(changed))
    share: NDArray[np.float32] = lost / covered / max(whole, 1e-6)
    return np.clip(share, 0.0, 1.0)
