"""Steps of runs: codes with figures in rows, sentences where people read them."""

from __future__ import annotations

import pytest

from functions.domain.run_step import Step

CNN = {"learner": "cnn", "method": "fine_tuning"}


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Step("initialising", CNN), "fine-tuning the CNN"),
        (Step.of("fitting", step=120, steps=300).within(CNN), "fine-tuning the CNN: learning, step 120 of 300"),
        (
            Step.of("selecting").within({"learner": "fnn", "method": "training", "part": "warm"}),
            "training the FNN: from the live version, choosing how much of the change to keep",
        ),
        (Step.of("starting_again", attempt=2, attempts=3), "starting again (attempt 2 of 3)"),
        (Step.of("lacking", missing={"А": 12, "Б": 3}, others=0), "А needs 12 more drawings, Б 3 more"),
        (Step.of("lacking", missing={"А": 1}, others=60), "А needs 1 more drawing, and 60 other labels need more"),
        (Step.of("published", activated=1, versions=2), "new versions that answer now: 1 of 2"),
    ],
)
def test_a_step_is_read_as_it_was_written_and_has_a_sentence(step: Step, sentence: str) -> None:
    assert Step.parse(step.as_text()) == step
    assert str(step) == sentence


def test_a_sentence_of_an_earlier_release_stays_readable() -> None:
    assert str(Step.parse("2 of 2 new versions answer")) == "2 of 2 new versions answer"
    assert Step.parse("2 of 2 new versions answer").code == "other"


@pytest.mark.parametrize(
    ("sentence", "code"), [("waiting", "waiting"), ("there was nothing to learn", "nothing_new"), ("given up", "given_up")]
)
def test_a_sentence_of_an_earlier_release_without_figures_has_its_code(sentence: str, code: str) -> None:
    assert Step.parse(sentence) == Step(code)
