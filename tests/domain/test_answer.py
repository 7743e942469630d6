from __future__ import annotations

import numpy as np
import pytest

from functions.domain.answer import EMPTY, Answer, Guess, ModelPrediction, combine, model_prediction, top_guesses

LOOK_ALIKES = (("0", "O"), ("1", "I", "L"))


def predictions(
    fnn: tuple[str, float], cnn: tuple[str, float], reject: tuple[float, float] = (0.0, 0.0)
) -> tuple[ModelPrediction, ...]:
    original = tuple(ModelPrediction(learner, "original", "o", (Guess("0", 1.0),), 1.0) for learner in ("fnn", "cnn"))
    learned = (
        ModelPrediction("fnn", "learned", "f", (Guess(*fnn),), reject[0]),
        ModelPrediction("cnn", "learned", "c", (Guess(*cnn),), reject[1]),
    )
    return original + learned


def seen(fnn: dict[str, float], cnn: dict[str, float]) -> tuple[ModelPrediction, ...]:
    """Return the learned opinions of networks that gave these probabilities and reject nothing."""
    made = []
    for learner, given in (("fnn", fnn), ("cnn", cnn)):
        outputs = np.array([*given.values(), 0.0])
        made.append(model_prediction(learner, "learned", learner, outputs, tuple(given)))
    return tuple(made)


def test_when_both_agree_their_mean_counts() -> None:
    assert combine(predictions(("7", 0.8), ("7", 0.6))) == Answer("sure", "7", 0.7)


def test_when_they_differ_the_surer_one_counts() -> None:
    assert combine(predictions(("7", 0.8), ("1", 0.9))) == Answer("sure", "1", 0.9)


def test_when_neither_is_above_one_half_the_answer_is_unsure() -> None:
    assert combine(predictions(("7", 0.4), ("1", 0.5))) == Answer("unsure", "1", 0.5)
    assert combine(predictions(("7", 0.4), ("7", 0.5))).status == "unsure"


def test_agreeing_is_sure_when_one_of_them_is() -> None:
    assert combine(predictions(("7", 0.3), ("7", 0.6))) == Answer("sure", "7", 0.45)


def test_without_opinions_the_answer_is_empty() -> None:
    blank = tuple(ModelPrediction(learner, "learned", "v", ()) for learner in ("fnn", "cnn"))
    assert combine(blank) == combine(()) == EMPTY


@pytest.mark.parametrize(
    ("reject", "status"), [((0.9, 0.7), "not_a_symbol"), ((0.99, 0.01), "not_a_symbol"), ((0.6, 0.3), "sure"), ((0, 0), "sure")]
)
def test_what_the_learned_networks_reject_on_average_is_not_a_symbol(reject: tuple[float, float], status: str) -> None:
    assert combine(predictions(("7", 0.9), ("7", 0.9), reject)).status == status


def test_the_answer_tells_how_surely_it_is_not_a_symbol() -> None:
    assert combine(predictions(("7", 0.9), ("1", 0.9), (0.9, 0.7))) == Answer("not_a_symbol", None, 0.8)


def test_a_look_alike_is_told_with_the_networks_mean_and_makes_the_answer_unsure() -> None:
    both = seen({"O": 0.6, "0": 0.4, "Q": 0.0}, {"O": 0.7, "0": 0.2, "Q": 0.1})
    assert combine(both, LOOK_ALIKES) == Answer("unsure", "O", 0.65, (Guess("0", 0.3),))
    assert combine(both) == Answer("sure", "O", 0.65)


def test_where_the_networks_differ_on_look_alikes_both_labels_have_their_mean() -> None:
    both = seen({"O": 0.6, "0": 0.4}, {"O": 0.26, "0": 0.72})
    assert combine(both, LOOK_ALIKES) == Answer("unsure", "0", 0.56, (Guess("O", 0.43),))
    assert combine(both) == Answer("sure", "0", 0.72)


def test_only_declared_look_alikes_are_told() -> None:
    both = seen({"O": 0.55, "Q": 0.45, "0": 0.0}, {"O": 0.55, "Q": 0.45, "0": 0.0})
    assert combine(both, LOOK_ALIKES) == Answer("sure", "O", 0.55)


@pytest.mark.parametrize(("other", "told"), [(0.02, True), (0.01, False)])
def test_a_look_alike_that_is_hardly_probable_at_all_is_not_told(other: float, told: bool) -> None:
    given = {"O": 0.8, "0": other, "Q": 0.2 - other}
    answer = combine(seen(given, given), LOOK_ALIKES)
    assert bool(answer.alternatives) is told
    assert answer.status == ("unsure" if told else "sure")


def test_several_look_alikes_come_with_the_most_probable_first() -> None:
    given = {"1": 0.5, "I": 0.2, "L": 0.3}
    assert combine(seen(given, given), LOOK_ALIKES).alternatives == (Guess("L", 0.3), Guess("I", 0.2))


def test_a_network_that_does_not_know_a_label_yet_gives_it_nothing() -> None:
    both = seen({"O": 1.0, "Q": 0.0}, {"O": 0.6, "Q": 0.0, "0": 0.4})
    assert combine(both, LOOK_ALIKES).alternatives == (Guess("0", 0.2),)


def test_what_is_no_symbol_has_no_look_alikes() -> None:
    (one,) = (model_prediction("cnn", "learned", "v", np.array([0.5, 0.5, 0.9]), ("0", "O")),)
    assert combine((one,), LOOK_ALIKES) == Answer("not_a_symbol", None, 0.9)


def test_an_opinion_takes_the_last_output_for_the_rejection() -> None:
    one = model_prediction("cnn", "learned", "v", np.array([0.2, 0.8, 0.3], np.float32), ("a", "b"))
    assert one.top == (Guess("b", 0.8), Guess("a", 0.2))
    assert one.reject == 0.3
    assert one.probabilities == pytest.approx({"a": 0.2, "b": 0.8})
    assert one.to_dict() == {
        "learner": "cnn",
        "role": "learned",
        "version": "v",
        "top": [{"label": "b", "p": 0.8}, {"label": "a", "p": 0.2}],
        "reject": 0.3,
    }


def test_an_opinion_needs_an_output_for_every_label_and_one_more() -> None:
    with pytest.raises(ValueError, match="zip"):
        model_prediction("cnn", "learned", "v", np.array([0.2, 0.8]), ("a", "b"))


def test_the_best_three_labels_come_first_and_ties_keep_their_order() -> None:
    probabilities = np.array([0.2, 0.5, 0.2, 0.1], np.float32)
    assert [guess.label for guess in top_guesses(probabilities, ("a", "b", "c", "d"))] == ["b", "a", "c"]
    assert len(top_guesses(probabilities[:2], ("a", "b"))) == 2
