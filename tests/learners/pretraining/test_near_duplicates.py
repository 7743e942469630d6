import numpy as np
from PIL import Image, ImageFilter

from functions.learners.pretraining.near_duplicates import forms, near_duplicates, nearest
from functions.learners.squares.shipped import ShippedSet


def reprocessed(square: np.ndarray) -> np.ndarray:
    """Return the same handwriting larger, softer and shifted."""
    picture = Image.fromarray(square).resize((31, 31), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(0.4))
    return np.pad(np.asarray(picture)[1:29, 2:30], ((0, 0), (1, 0)))[:, :28]


def test_a_larger_blurred_shifted_copy_is_detected(seeds: ShippedSet) -> None:
    squares = seeds.holdout()
    some = squares.x[squares.y != 1][:100]
    others = seeds.rehearsal().x[:400]
    mixed = np.concatenate([others, np.stack([reprocessed(square) for square in some])])
    found = near_duplicates(mixed, some)
    assert found[400:].mean() > 0.95
    assert found[:400].mean() < 0.02


def test_the_nearest_of_a_square_is_itself(seeds: ShippedSet) -> None:
    described = forms(seeds.holdout().x[:50])
    best, where = nearest(described, described, 2)
    assert np.array_equal(where[:, 0], np.arange(50))
    assert np.allclose(best[:, 0], 1, atol=1e-4)
    assert (best[:, 1] < best[:, 0]).all()


def test_no_squares_have_no_copies() -> None:
    none = np.zeros((0, 28, 28), np.uint8)
    assert near_duplicates(none, none).shape == (0,)


def test_the_shipped_hold_out_has_no_copy_in_the_rehearsal_set(seeds: ShippedSet) -> None:
    rehearsal, holdout = seeds.rehearsal(), seeds.holdout()
    shaped = rehearsal.y > 1  # plain lines and plain circles are alike, whoever drew them
    assert near_duplicates(rehearsal.x[shaped], holdout.x, count=1).mean() < 0.005
