"""The owner's page writes reasons and steps in the owner's language; the English of its steps is that of the API."""

from __future__ import annotations

from string import Formatter

import pytest

from functions.domain import problem, run_step
from functions.domain.problem import Problem, failure
from functions.domain.run_step import Step
from functions.domain.trust.reason_codes import SENTENCES, Sentence
from functions.web.pages.owner_sentences import problem_text, reason_text, step_text
from functions.web.pages.translations import LANGUAGES, words

FIGURES = {"attempt": 2, "attempts": 3, "reason": "No file.", "step": 120, "steps": 3000, "activated": 1, "versions": 2}
FIGURES |= {"samples": 60, "total": 70, "added": 50}
STEPS = [
    *[Step(code, FIGURES) for code, text in run_step.STEP_SENTENCES.items() if text and code != "other"],
    *[Step(code, FIGURES | {"learner": "cnn", "method": "training", "part": "warm"}) for code in ("initialising", "fitting")],
    Step.of("testing", learner="fnn", method="fine_tuning"),
    Step.of("lacking", missing={"А": 12, "Б": 3}, others=0),
    Step.of("lacking", missing={"А": 1}, others=60),
    Step.of("other", words="2 of 2 new versions answer"),
]


def figures_of(sentence: Sentence) -> dict[str, str | int | bool | None]:
    return {**dict.fromkeys(sentence.names, 6000), **sentence.only}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.key)
def test_every_reason_has_a_sentence_with_all_its_figures(sentence: Sentence, language: str) -> None:
    figures = figures_of(sentence) | ({"text": "from an import"} if sentence.code == "other" else {})
    said = reason_text(sentence.code, figures, words(language))
    assert said not in ("", sentence.code)
    assert said.count(words(language).number(6000)) == len(sentence.names - {"text"})


def test_a_reason_in_russian_has_its_figures() -> None:
    figures = {"within": "day", "answered": "4", "label": None, "times": 7}
    said = "неожиданно для обеих сетей, и 4 исправляли на не символ много раз за сегодня (7)"
    assert reason_text("repeated_pair", figures, words("ru")) == said
    assert reason_text("flood", {"of": "block", "most": 6000}, words("ru")).startswith("больше 6\u00a0000 рисунков")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("code", "figures", "said"),
    [("other", {"text": "from an import"}, "from an import"), ("other", {}, ""), ("many_in_round", {}, "many_in_round")],
)
def test_a_reason_that_has_no_translation_stays_as_it_is(language: str, code: str, figures: dict[str, str], said: str) -> None:
    assert reason_text(code, figures, words(language)) == said


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.code)
def test_a_step_in_english_has_the_words_of_the_api(step: Step) -> None:
    assert step_text(step, words("en")) == str(step)


def test_a_step_in_russian_names_the_learner_and_its_figures() -> None:
    fitting = Step.of("fitting", learner="cnn", method="fine_tuning", step=120, steps=300)
    assert step_text(fitting, words("ru")) == "дообучение CNN: обучение, шаг 120 из 300"
    lacking = Step.of("lacking", missing={"А": 12, "Б": 3}, others=60)
    assert step_text(lacking, words("ru")) == "А: не хватает рисунков: 12, Б: ещё 3, и ещё других символов: 60"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", problem.SENTENCES)
def test_what_is_wrong_has_a_sentence_in_each_language(code: str, language: str) -> None:
    named = {name for _, name, _, _ in Formatter().parse(problem.SENTENCES[code]) if name} | {"attempts"}
    found = Problem(code, **dict.fromkeys(named, 6000))
    said = problem_text(found, words(language))
    assert said
    assert problem_text(failure(found), words(language)) == said


def test_what_other_programs_say_has_no_sentence_and_rows_of_earlier_releases_have_one() -> None:
    russian = words("ru")
    assert problem_text("The line 3 is no JSON.", russian) is None
    assert problem_text({"reason": "Away."}, russian) is None
    assert problem_text({"reason": "Away.", "code": "unheard_of"}, russian) is None
    assert problem_text({"reason": "Stopped.", "code": "worker_stopped", "attempts": 3}, russian).endswith("попыток было 3.")


def test_a_step_that_is_tried_again_says_why() -> None:
    away = Problem("bucket_away", answer="EndpointConnectionError")
    step = Step.of("retrying", reason=away, problem=failure(away))
    assert step_text(step, words("ru")) == "Хранилище недоступно (EndpointConnectionError). Будет ещё одна попытка."
