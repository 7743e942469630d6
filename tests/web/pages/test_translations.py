"""Every sentence is there in every language, and none is there for nothing."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime

import pytest
from babel import Locale

from functions.domain import run_step
from functions.domain.trust import reason_codes
from functions.learners.gate.reasons import GATE_SENTENCES
from functions.settings import ROOT
from functions.web.errors import HTTP, TABLE
from functions.web.pages.translations import LANGUAGES, choose_language, words

FORMS = re.compile(r"\.(one|few|many|other)$")
COUNTED = {"models.for_people", "models.learned_last", "performance.curve_one"}  # sentences that ``Words.counted`` tells


def stem(key: str) -> str:
    """Return a key without its plural form."""
    without = FORMS.sub("", key)
    return without if key.startswith("js.") or without in COUNTED else key


def templates() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))


def scripts() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "static" / "js").glob("*.js"))


def modules() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "functions" / "web" / "pages").glob("*.py"))


def places(text: str) -> set[str]:
    """Return the names of the values in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def keys(language: str) -> set[str]:
    return set(words(language).sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_missing(language: str) -> None:
    assert {stem(key) for key in keys(language)} == {stem(key) for key in keys("en")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_counted_has_every_plural_form(language: str) -> None:
    counted = {stem(key) for key in keys("en") if stem(key) != key}
    waiting = {"js.waiting", "js.waiting.offline", "js.waiting.server"}
    assert counted == {"js.lesson.people", "js.saved", "js.retry_after", *waiting, *COUNTED}
    forms = {*Locale.parse(language).plural_form.tags, "other"}
    for key in counted:
        assert {f"{key}.{form}" for form in forms} <= keys(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_the_same_places_for_values(language: str) -> None:
    english = {stem(key): places(text) for key, text in words("en").sentences.items()}
    for key, text in words(language).sentences.items():
        assert text.strip(), key
        assert places(text) == english[stem(key)], key


def test_russian_is_written_in_russian() -> None:
    foreign = {key for key, text in words("ru").sentences.items() if not re.search("[а-яё]", text.lower())}
    assert not foreign


def test_every_sentence_that_a_template_says_exists() -> None:
    said = set(re.findall(r"\bt\('([\w.]+)'[,)]", templates()))
    assert len(said) > 30
    assert said <= keys("en")


def test_every_sentence_that_a_script_says_exists() -> None:
    said = {key if key.startswith("plot.") else f"js.{key}" for key in re.findall(r"""\bt\("([\w.]+)"[,)]""", scripts())}
    assert len(said) > 20
    assert said <= {stem(key) for key in keys("en")}


def test_no_sentence_is_there_for_nothing() -> None:
    text = templates() + scripts() + modules()
    # Some keys are put together from a value: t(`run.${state}`), t('role.' ~ role), words(f"step.{code}").
    made = set(re.findall(r"""[`'"]((?:\w+\.)+)(?:\$?\{|' ~)""", text))
    for key in {stem(key) for key in keys("en")}:
        name = key.removeprefix("js.")
        assert f'"{name}"' in text or f"'{name}'" in text or any(name.startswith(start) for start in made), key


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 рисунке"), (4, "4 рисунках"), (60, "60 рисунках"), (1001, "1\u00a0001 рисунке")]
)
def test_what_is_counted_is_told_in_the_form_of_its_number(count: int, said: str) -> None:
    assert words("ru").counted("models.learned_last", count) == f"В последний раз они учились на {said}"


def test_an_hour_is_told_without_its_year() -> None:
    moment = datetime(2026, 11, 30, 9, 5, tzinfo=UTC)
    assert (words("en").hour(moment), words("ru").hour(moment)) == ("30 Nov, 09:05", "30 нояб., 09:05")


def test_every_error_has_words_of_its_own() -> None:
    codes = {told.code for _, told in TABLE} | {code for code, _ in HTTP.values()} | {"internal", "offline"}
    assert {f"js.error.{code}" for code in codes} <= keys("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_reason_of_the_gate_and_of_a_step_has_a_sentence_with_its_figures(language: str) -> None:
    figures = {f"reason.{one.key}": one.names for one in reason_codes.SENTENCES if one.code != "other"}
    figures |= {f"step.{code}": places(text) for code, text in run_step.STEP_SENTENCES.items() if text and code != "other"}
    figures |= {f"gate.{kind}": places(text) for kind, text in GATE_SENTENCES.items()}
    figures |= {f"step.method.{method}": {"learner"} for method in run_step.METHODS}
    figures |= {f"step.part.{part}": set() for part in run_step.PARTS}
    assert {key: places(words(language).sentences[key]) for key in figures} == figures


@pytest.mark.parametrize(
    ("asked", "remembered", "preferred", "chosen"),
    [
        (None, None, [], "en"),
        (None, None, ["de", "ru-RU", "en"], "ru"),
        (None, "en", ["ru"], "en"),
        ("ru", "en", ["en"], "ru"),
        ("xx", None, ["RU"], "ru"),
        ("", "", ["*"], "en"),
    ],
)
def test_the_language_asked_for_wins_then_the_remembered_then_the_browsers(
    asked: str | None, remembered: str | None, preferred: list[str], chosen: str
) -> None:
    assert choose_language(asked, remembered, preferred) == chosen


def test_an_unknown_key_is_an_error_and_an_unknown_code_is_not() -> None:
    with pytest.raises(KeyError):
        words("en")("nothing")
    assert words("en").of_code("teapot", "I am a teapot.") == "I am a teapot."
    assert words("ru").of_code("unknown_set", "?") == "Такого набора символов нет."
