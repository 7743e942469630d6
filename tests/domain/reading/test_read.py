"""Reading with the shipped network: the hard cases of cutting, in one hand."""

from __future__ import annotations

import numpy as np
import pytest

from functions.domain.reading import Ask, Pictured, Written, cut_in_two, read
from functions.domain.reading.layout import MOST_CANDIDATES
from functions.domain.reading.pieces import MOST_WHOLE
from functions.domain.reading.read import MOST_PIECES, Cut
from functions.errors import Conflict, TooLarge
from functions.learners.litert import infer_square, open_network
from functions.settings import ROOT
from tests.support.sample_lines import line, picture_of, strokes_of


@pytest.fixture(scope="module")
def ask() -> Ask:
    network = open_network((ROOT / "models" / "digits" / "cnn.tflite").read_bytes())
    return lambda square: infer_square(network, square)


def text(cut: Cut) -> str:
    return "".join(str(int(np.argmax(said[:-1]))) for said in cut.outputs)


@pytest.mark.parametrize("number", ["7", "11", "45", "4175208", "1111", "2026"])
def test_barred_sevens_fours_and_fives_of_two_strokes_and_ones_side_by_side_are_read(ask: Ask, number: str) -> None:
    assert text(read(Written.of(strokes_of(line(number))), ask)) == number


def test_slanting_digits_that_lie_over_each_other_are_read(ask: Ask) -> None:
    assert text(read(Written.of(strokes_of(line("1711", gap=0.12, slant=0.3))), ask)) == "1711"


def test_a_top_that_is_written_last_joins_its_five(ask: Ask) -> None:
    fields = line("52")
    body, top, two = fields["strokes"]
    cut = read(Written.of(strokes_of(fields | {"strokes": [body, two, top]})), ask)
    assert text(cut) == "52"
    assert [glyph.place.strokes for glyph in cut.glyphs()] == [(0, 2), (1,)]


def test_a_slashed_zero_is_a_zero_of_two_strokes(ask: Ask) -> None:
    fields = line("102")
    one, zero, two = fields["strokes"]
    left, right = min(x for x, _ in zero), max(x for x, _ in zero)
    slash = [[left + 6, 50], [(left + right) / 2, 90], [right - 6, 130]]
    cut = read(Written.of(strokes_of(fields | {"strokes": [one, zero, slash, two]})), ask)
    assert text(cut) == "102"
    assert [glyph.place.strokes for glyph in cut.glyphs()] == [(0,), (1, 2), (3,)]


def test_two_digits_in_one_stroke_are_cut(ask: Ask) -> None:
    (eight,), (zero,) = (line(number)["strokes"] for number in "80")
    joined = [*eight, *([x + 75, y] for x, y in zero)]
    cut = read(Written.of(strokes_of({"strokes": [joined], "width": 250, "height": 180})), ask)
    assert text(cut) == "80"
    assert [glyph.place.strokes for glyph in cut.glyphs()] == [(0,), (0,)]


@pytest.mark.parametrize(("number", "gap"), [("2026", 0.3), ("11", 0.3), ("4175", 0.3), ("00", 0.06), ("38", 0.06)])
def test_pictures_are_read_also_where_digits_touch(ask: Ask, number: str, gap: float) -> None:
    assert text(read(Pictured.from_png(picture_of(line(number, gap=gap))), ask)) == number


def test_thirty_symbols_are_read_and_thirty_one_are_too_many(ask: Ask) -> None:
    assert len(read(Written.of(strokes_of(line("1" * 30))), ask).groups) == 30
    with pytest.raises(TooLarge, match="at most 30 symbols; this drawing has 31"):
        read(Written.of(strokes_of(line("1" * 31))), ask)


def test_clear_writing_costs_little_more_than_one_answer_a_digit(ask: Ask) -> None:
    asked = 0

    def count(square: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += 1
        return ask(square)

    read(Written.of(strokes_of(line("2018"))), count)
    assert asked <= 8


def test_what_was_read_as_one_is_cut_in_two_and_a_dot_is_not(ask: Ask) -> None:
    cut = cut_in_two(Written.of(strokes_of(line("12"))), ask)
    assert [glyph.place.strokes for glyph in cut.glyphs()] == [(0,), (1,)]
    with pytest.raises(Conflict):
        cut_in_two(Written.of(strokes_of({"strokes": [[[50, 50]]], "width": 100, "height": 100})), ask)


def test_scribbles_over_each_other_cost_a_bounded_number_of_answers(ask: Ask) -> None:
    rng = np.random.default_rng(0)
    scribbles = [(140 + rng.uniform(-100, 100, (80, 2)) + [15 * i, 0]).tolist() for i in range(MOST_WHOLE)]
    asked = 0

    def count(square: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += 1
        return ask(square)

    with pytest.raises(TooLarge):
        read(Written.of(strokes_of({"strokes": scribbles, "width": 2100, "height": 280})), count)
    assert asked <= MOST_WHOLE + MOST_PIECES + MOST_CANDIDATES
