from __future__ import annotations

import numpy as np

from functions.domain.occlusion import occlusion


def test_what_the_probability_depends_on_is_found_and_paper_is_not_asked_for() -> None:
    square = np.zeros((28, 28), np.float32)
    square[4:8, 4:8] = square[20:24, 20:24] = 1.0
    asked = 0

    def probability(changed: np.ndarray) -> float:
        nonlocal asked
        asked += 1
        return float(changed[4:8, 4:8].mean())

    found = occlusion(square, probability)
    assert found.shape == (28, 28)
    assert found[6, 6] > 0.5
    assert found[22, 22] == found[14, 14] == 0
    assert asked < 60
    assert square[4:8, 4:8].all()
