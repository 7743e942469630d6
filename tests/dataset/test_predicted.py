from __future__ import annotations

from functions.dataset.predicted import BLANK, answer, shown_again, to_keep
from functions.domain.answer import Guess, ModelPrediction
from tests.support.platform_fakes import FakeNetworks
from tests.support.sample_drawings import drawing


class Adapting:
    """Examples that make everything an 8."""

    def adapt(
        self, set_name: str, model_predictions: tuple[ModelPrediction, ...], confusable: object = ()
    ) -> tuple[ModelPrediction, ...]:
        """Return eights."""
        eight = (Guess("8", 0.9),)
        return tuple(ModelPrediction(one.learner, one.role, one.version, eight) for one in model_predictions)


def test_the_row_has_the_networks_own_answer_and_gives_back_the_shown_one() -> None:
    drawn = drawing()
    predicted = answer(FakeNetworks(), "digits", drawn, Adapting())
    assert (predicted.answer.label, predicted.unadapted.label) == ("8", "7")
    row = to_keep(predicted, drawn, "a" * 32, {"label": "8"}).prediction
    assert row.answer["label"] == "7"
    assert row.opinions["reading"] == {"label": "8"}
    again = shown_again(row, None)
    assert (again.answer, again.unadapted, again.new) == (predicted.answer, predicted.unadapted, False)
    assert again.square is BLANK


def test_a_blank_drawing_has_no_guesses() -> None:
    predicted = answer(FakeNetworks(), "digits", None)
    assert predicted.answer.status == "empty"
    assert all(one.top == () for one in predicted.model_predictions)
