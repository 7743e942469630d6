import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from functions.domain.drawing import from_strokes, parse_strokes
from functions.domain.drawing.ink import Line
from functions.learners.pretraining.negatives import crossed_out, half_drawn, negatives, scribble, two_at_once
from functions.learners.squares.stroke_augment import WritingStyle, draw, draw_varied, vary

STROKES = Path(__file__).resolve().parents[2] / "strokes.json.gz"


@pytest.fixture(scope="module")
def drawings() -> list[list[Line]]:
    with gzip.open(STROKES, "rt") as file:
        return [[np.array(line, float)[:, :2] for line in one["strokes"]] for one in json.load(file)]


def test_a_drawing_that_is_not_varied_is_the_square_a_visitor_would_get(drawings: list[list[Line]]) -> None:
    for lines in drawings[:10]:
        square = from_strokes(parse_strokes([line.tolist() for line in lines], 500, 500)).square
        assert np.abs(draw(lines) - square).max() < 0.05


def test_variations_differ_and_stay_near_the_drawing(drawings: list[list[Line]]) -> None:
    rng = np.random.default_rng(0)
    for lines in drawings[:10]:
        plain = draw(lines)
        some = [draw_varied(lines, rng) / 255 for _ in range(8)]
        assert len({one.tobytes() for one in some}) == 8
        overlap = [np.minimum(plain, one).sum() / min(plain.sum(), one.sum()) for one in some]
        assert np.mean(overlap) > 0.5


def test_the_seed_decides_the_variation(drawings: list[list[Line]]) -> None:
    first, again = (draw_varied(drawings[0], np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first, again)


def test_nothing_changes_where_no_change_is_allowed(drawings: list[list[Line]]) -> None:
    still = WritingStyle(turn=0, slant=0, stretch=0, bend=0, apart=0, ends=0, tremble=0, hurry=0, pen=0)
    varied = vary(drawings[3], np.random.default_rng(0), still)
    assert np.abs(draw(varied) - draw(drawings[3])).max() < 0.5  # only the points lie elsewhere on the same path


@pytest.mark.parametrize("points", [1, 2, 3])
def test_a_dot_and_a_short_stroke_can_be_varied(points: int) -> None:
    line = np.linspace([10.0, 10.0], [10.0 + points, 12.0], points)
    for seed in range(20):
        assert draw_varied([line], np.random.default_rng(seed)).max() > 128


def test_every_kind_of_nonsense_leaves_ink(drawings: list[list[Line]]) -> None:
    rng = np.random.default_rng(0)
    for _ in range(120):
        square = draw(negatives(drawings, rng))
        assert np.isfinite(square).all()
        assert square.sum() > 5


def test_without_drawings_nonsense_is_scribbled() -> None:
    rng = np.random.default_rng(0)
    assert all(draw(negatives([], rng)).sum() > 5 for _ in range(20))


def test_half_a_drawing_is_its_beginning(drawings: list[list[Line]]) -> None:
    eight = max(drawings, key=lambda lines: sum(len(line) for line in lines) - 1000 * (len(lines) > 1))  # the longest in one go
    whole = sum(len(line) for line in eight)
    begun = [half_drawn(eight, np.random.default_rng(seed)) for seed in range(20)]
    beginnings = [one for one in begun if len(one[0]) <= len(eight[0]) and np.array_equal(one[0], eight[0][: len(one[0])])]
    assert beginnings
    assert all(sum(len(line) for line in one) < whole for one in beginnings)


def test_two_at_once_are_wider_or_higher_than_one(drawings: list[list[Line]]) -> None:
    rng = np.random.default_rng(0)
    for one, other in zip(drawings[:10], drawings[10:20], strict=True):
        both = np.concatenate(two_at_once(one, other, rng))
        alone = np.concatenate(one)
        assert ((np.ptp(both, axis=0) / np.ptp(alone, axis=0)) > 1.2).any()


def test_a_crossed_out_drawing_has_more_ink(drawings: list[list[Line]]) -> None:
    rng = np.random.default_rng(0)
    assert all(draw(crossed_out(one, rng)).sum() > 1.1 * draw(one).sum() for one in drawings[:10])


def test_scribbles_are_of_many_kinds() -> None:
    rng = np.random.default_rng(0)
    ink = [draw(scribble(rng)).sum() for _ in range(100)]
    assert np.std(ink) > 0.2 * np.mean(ink)
