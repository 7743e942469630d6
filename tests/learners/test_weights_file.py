from __future__ import annotations

import numpy as np

from functions.learners.weights_file import ModelHeader, pack, unpack

ABOUT = ModelHeader("fnn", ("a", "b"), 1.7, -2.5, anchor=0.99, known=0.98)


def test_weights_come_back_as_they_were_with_all_that_must_be_known() -> None:
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 1, shape).astype(np.float32) for shape in ((5, 5, 1, 32), (32,), (128, 12), (12,))]
    again, about = unpack(pack(weights, ABOUT))
    assert about == ABOUT
    assert all(np.array_equal(a, b) for a, b in zip(weights, again, strict=True))


def test_the_same_weights_give_the_same_bytes() -> None:
    weights = [np.ones((3, 4), np.float32)]
    assert pack(weights, ABOUT) == pack(weights, ABOUT)
