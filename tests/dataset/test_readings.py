from __future__ import annotations

from dataclasses import replace

from functions.dataset.readings import answer_glyph, glyphs_to_keep, place_of
from functions.domain.answer import Guess, ModelPrediction
from functions.domain.drawing import Square
from functions.domain.reading import Written
from tests.support.platform_fakes import FakeNetworks
from tests.support.sample_lines import line, strokes_of


class Differing(FakeNetworks):
    """An FNN that is surer of a 1 than the CNN is of a 7."""

    def ask(self, set_name: str, square: Square) -> tuple[ModelPrediction, ...]:
        """Answer."""
        one = (Guess("1", 0.99),)
        return tuple(replace(each, top=one) if each.learner == "fnn" else each for each in super().ask(set_name, square))


def test_in_a_line_the_cnn_decides() -> None:
    (glyph,) = [Written.of(strokes_of(line("1"))).glyph((0,))]
    answered = answer_glyph(Differing(), "digits", glyph, None)
    assert (answered.label, answered.predicted.answer.label) == ("7", "1")


def test_glyphs_are_kept_with_their_places_and_a_stroke_counts_once() -> None:
    written = Written.of(strokes_of(line("41")))
    answered = [answer_glyph(FakeNetworks(), "digits", written.glyph(group), None) for group in ((0, 1), (2,))]
    rows = [kept.prediction for kept in glyphs_to_keep(answered, "a" * 32)]
    assert [place_of(row) for row in rows] == [one.glyph.place for one in answered]
    assert [row.opinions["reading"]["number"] for row in rows] == [0, 1]
    assert len({row.opinions["reading"]["id"] for row in rows}) == 1
    twice = replace(answered[0], glyph=replace(answered[0].glyph, place=replace(answered[0].glyph.place, strokes=(0, 0))))
    assert twice.shown().strokes == (0,)
