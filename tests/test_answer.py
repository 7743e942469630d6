from __future__ import annotations

import numpy as np

from functions.answer import EMPTY, Answer, Guess, Opinion, combine, top_guesses


def opinions(fnn: tuple[str, float], cnn: tuple[str, float]) -> tuple[Opinion, ...]:
    original = tuple(Opinion(learner, "original", "o", (Guess("0", 1.0),)) for learner in ("fnn", "cnn"))
    learned = (Opinion("fnn", "learned", "f", (Guess(*fnn),)), Opinion("cnn", "learned", "c", (Guess(*cnn),)))
    return original + learned


def test_when_both_agree_their_mean_counts() -> None:
    assert combine(opinions(("7", 0.8), ("7", 0.6))) == Answer("sure", "7", 0.7)


def test_when_they_differ_the_surer_one_counts() -> None:
    assert combine(opinions(("7", 0.8), ("1", 0.9))) == Answer("sure", "1", 0.9)


def test_when_neither_is_above_one_half_the_answer_is_unsure() -> None:
    assert combine(opinions(("7", 0.4), ("1", 0.5))) == Answer("unsure", "1", 0.5)
    assert combine(opinions(("7", 0.4), ("7", 0.5))).status == "unsure"


def test_agreeing_is_sure_when_one_of_them_is() -> None:
    assert combine(opinions(("7", 0.3), ("7", 0.6))) == Answer("sure", "7", 0.45)


def test_without_opinions_the_answer_is_empty() -> None:
    blank = tuple(Opinion(learner, "learned", "v", ()) for learner in ("fnn", "cnn"))
    assert combine(blank) == combine(()) == EMPTY


def test_the_best_three_labels_come_first_and_ties_keep_their_order() -> None:
    probabilities = np.array([0.2, 0.5, 0.2, 0.1], np.float32)
    assert [guess.label for guess in top_guesses(probabilities, ("a", "b", "c", "d"))] == ["b", "a", "c"]
    assert len(top_guesses(probabilities[:2], ("a", "b"))) == 2
