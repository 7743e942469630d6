"""The owner's page writes reasons and steps in the owner's language; the English of its steps is that of the API."""

from __future__ import annotations

import ast
import re
import zlib
from collections.abc import Iterator
from string import Formatter

import numpy as np
import pytest

from functions import errors
from functions.dataset.exchange.incoming import Incoming, Refused
from functions.dataset.exchange.prepared import prepare
from functions.domain import problem, run_step
from functions.domain.drawing import to_png
from functions.domain.drawing.png_chunks import chunk
from functions.domain.problem import Problem, failure
from functions.domain.run_step import Step
from functions.domain.trust.reason_codes import SENTENCES, Sentence
from functions.settings import ROOT
from functions.web.pages.owner_sentences import kept_text, problem_text, reason_text, step_text
from functions.web.pages.translations import LANGUAGES, words
from tests.support.sample_drawings import SEVEN, png

# The code whose situations end a run, keep a process from being ready, or are kept in a row that the owner's pages show.
OF_OWNERS = ("dataset/exchange", "learners", "registry", "store", "training", "worker", "serving/load_live.py")
OF_OWNERS += ("records/group_commit.py", "records/write_health.py", "records/outbox_room.py", "verbs/import_dataset.py")
OF_OWNERS += ("web/readiness.py", "domain/symbols.py", "verbs/define.py", "domain/drawing")
NAMES = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.Situation)}
NAMES |= {"Found", "Refused", "LookupError", "Undelivered"}
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


GOOD = png(SEVEN)
SIZE, PIXELS = 16, 41  # where a PNG tells its width and height, and where its first pixels are


def chunked(start: int, body: bytes) -> bytes:
    """Return a good PNG with other bytes at a place of its header, whose checksum is right."""
    head = GOOD[:start] + body + GOOD[start + len(body) : 29]
    return head + zlib.crc32(head[12:]).to_bytes(4, "big") + GOOD[33:]


@pytest.mark.parametrize(
    "found",
    [
        Incoming("cut-off.png", "7", png=GOOD[: len(GOOD) // 2]),
        Incoming("damaged.png", "7", png=GOOD[:PIXELS] + b"\0\0\0\0" + GOOD[PIXELS + 4 :]),
        Incoming("large.png", "7", png=chunked(SIZE, (3000).to_bytes(4, "big"))),
        Incoming("empty.png", "7", png=chunked(SIZE, bytes(4))),
        Incoming("odd.png", "7", png=chunked(SIZE + 8, b"\7")),
        Incoming("heavy.png", "7", png=GOOD[:33] + chunk(b"tEXt", bytes(1 << 20)) + GOOD[33:]),
        Incoming("animated.png", "7", png=GOOD[:33] + chunk(b"acTL", bytes(8)) + GOOD[33:]),
        Incoming("no.png", "7", png=b"GIF89a"),
        Incoming("blank.png", "7", png=to_png(np.full((280, 280), 255, np.uint8))),
        Incoming("line 1", "7", strokes={**SEVEN, "strokes": [[[0, 0], ["a", 1]]]}),
        Incoming("line 2", "7", strokes={**SEVEN, "strokes": [[[0, 0], [9000, 1]]]}),
        Incoming("line 3", "7", strokes={**SEVEN, "strokes": [[[1, 1]]] * 201}),
        Incoming("line 4", "7", strokes={**SEVEN, "strokes": [[[9, 9, 0, 5]]]}),
    ],
    ids=lambda found: found.name,
)
def test_what_an_import_says_of_a_refused_drawing_has_no_english_in_russian(found: Incoming) -> None:
    refused = prepare("digits", found)
    assert isinstance(refused, Refused)
    said = problem_text(failure(refused.reason), words("ru"))
    assert said
    assert re.search("[а-я]{4}", said)
    assert set(re.findall("[A-Za-z]{2,}", said)) <= {"PNG", "pressure"}


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


def sentences_without_a_code(source: str) -> Iterator[str]:
    """Yield each situation, refusal or reason of a module that is said in plain words."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in NAMES:
            said = [part for part in call.args if isinstance(part, ast.JoinedStr)]
            said += [part for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            yield from (ast.unparse(call) for _ in said)


def test_whatever_ends_a_run_or_stands_on_an_owners_page_is_a_code_with_a_sentence_in_each_language() -> None:
    found = {}
    for name in OF_OWNERS:
        path = ROOT / "functions" / name
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if plain := list(sentences_without_a_code(module.read_text())):
                found[str(module.relative_to(ROOT))] = plain
    assert found == {}
    assert list(sentences_without_a_code("raise Malformed(f'{name} is odd.')")) != []


def test_every_sentence_has_all_figures_of_its_code() -> None:
    def named(sentence: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name}

    for code, sentence in problem.SENTENCES.items():
        for language in LANGUAGES:
            theirs = named(words(language)(f"problem.{code}"))
            assert theirs <= named(sentence) | {"attempts"}, code
            assert theirs >= named(sentence) - {"labels"}, code


def test_the_stores_last_answer_which_a_row_keeps_in_english_is_translated() -> None:
    kept = "The bucket cannot be reached just now (EndpointConnectionError). See S3_ENDPOINT_URL."
    assert kept_text(kept, words("ru")) == "Хранилище недоступно (EndpointConnectionError). Проверьте S3_ENDPOINT_URL."
    assert kept_text("The receiver answered 503.", words("ru")) == "Получатель ответил 503."
    assert kept_text("ValueError: odd.", words("ru")) is None


@pytest.mark.parametrize("code", [code for code in problem.SENTENCES if code.startswith(problem.OF_ROWS)])
def test_every_sentence_of_a_row_is_recognised(code: str) -> None:
    said = Problem(code, **dict.fromkeys({name for _, name, _, _ in Formatter().parse(problem.SENTENCES[code]) if name}, "some"))
    assert [(one.code, str(one)) for one in problem.recognised(said)] == [(code, said)]
