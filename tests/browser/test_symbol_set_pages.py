"""Pages of several symbol sets: choice of the set, look-alikes, the picker of many labels, a set without a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from functions import registry
from functions.records.tables import Sample, Version
from functions.verbs.define import create_set
from tests.browser.visitor import SEVEN, Strokes, Visitor
from tests.support import tiny_models
from tests.support.factories import add_sample

CHARACTERS = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")
ALIKE = (("0", "O"), ("1", "I", "L"), ("9", "g", "q"))
RING: Strokes = [[[50, 20], [30, 35], [30, 65], [50, 80], [70, 65], [70, 35], [50, 20]]]


def samples(site: Any) -> list[tuple[str, str | None]]:
    with site.platform.database.reading() as session:
        return [(one.set_name, one.label) for one in session.scalars(select(Sample).order_by(Sample.id))]


@pytest.fixture
def site(make_site: Callable[..., Any], tmp_path: Path) -> Any:
    """The app with ``digits``, and with ``characters`` whose networks answer every drawing with O, or perhaps 0."""
    place = CHARACTERS.index("O")
    tiny_models.ship(
        tmp_path / "models",
        name="characters",
        labels=CHARACTERS,
        confusable=ALIKE,
        answers={"fnn": place, "cnn": place},
        or_else=CHARACTERS.index("0"),
    )
    return make_site()


@pytest.fixture
def visitor(visit: Callable[..., Visitor], site: Any) -> Visitor:
    """A visitor who has agreed before, on the page of the characters."""
    visitor = visit(f"{site.url}/recognise/characters")
    visitor.agree()
    return visitor


def draw_look_alike(visitor: Visitor) -> None:
    visitor.draw(RING)
    expect(visitor.at("#answer")).to_have_text("O, or the digit 0")


@pytest.mark.long_run
def test_the_set_is_chosen_with_one_click_on_every_page_and_remembered(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/contribute")
    visitor.page.get_by_role("link", name="Characters").click()
    expect(visitor.page).to_have_url(f"{site.url}/contribute/characters")
    expect(visitor.at("h1")).to_have_text("Please draw")
    visitor.page.get_by_role("link", name="Recognise").click()
    expect(visitor.page).to_have_url(f"{site.url}/recognise/characters")
    visitor.page.goto(site.url)
    expect(visitor.page.get_by_role("link", name="Characters")).to_have_attribute("aria-current", "true")


@pytest.mark.long_run
def test_a_drawing_is_kept_for_the_page_of_the_other_set(visitor: Visitor, site: Any) -> None:
    draw_look_alike(visitor)
    drawing = visitor.drawing()
    visitor.page.get_by_role("link", name="Digits").click()
    visitor.expect_answer("1")
    assert visitor.drawing() == drawing
    visitor.page.reload()
    assert visitor.drawing()["strokes"] == [], "only once"


@pytest.mark.long_run
def test_links_choose_the_set_without_scripts(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, java_script_enabled=False)
    visitor.page.get_by_role("link", name="Characters").click()
    expect(visitor.page).to_have_url(f"{site.url}/recognise/characters")
    expect(visitor.at(".sets [aria-current]")).to_have_text("Characters")


@pytest.mark.long_run
def test_the_author_says_which_of_two_look_alikes_was_meant(visitor: Visitor, site: Any) -> None:
    draw_look_alike(visitor)
    expect(visitor.at("#answer-note")).to_have_text(re.compile(r"These look alike: O\s\([0-9]+.%\), 0\s\([0-9]+.%\)\."))
    expect(visitor.at("#verdict-note")).to_have_text("Which symbol did you mean?")
    expect(visitor.button("Right")).to_be_hidden()
    visitor.button("the digit 0").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: the digit 0."))
    expect(visitor.button("the digit 0")).to_have_attribute("aria-pressed", "true")
    visitor.button("the letter O").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: the letter O."))
    assert samples(site) == [("characters", "0"), ("characters", "O")]


@pytest.mark.long_run
def test_without_consent_a_look_alike_is_not_stored(visitor: Visitor, site: Any) -> None:
    visitor.button("Change").click()
    visitor.button("Just tell me").click()
    draw_look_alike(visitor)
    visitor.button("the digit 0").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("was not kept"))
    assert samples(site) == []


@pytest.mark.long_run
def test_one_label_of_many_is_typed_in_either_case(visitor: Visitor, site: Any) -> None:
    draw_look_alike(visitor)
    for key, said in (("z", "the letter Z"), ("q", "the small letter q"), ("Q", "the capital letter Q")):
        visitor.button("Wrong").click()
        expect(visitor.at("#picker")).to_be_visible()
        visitor.page.keyboard.press(key)
        expect(visitor.at("#picker")).to_be_hidden()
        expect(visitor.at("#verdict-note")).to_have_text(re.compile(f"You said: {said}."))
    assert [label for _, label in samples(site)] == ["Z", "q", "Q"]


@pytest.mark.long_run
def test_arrows_move_among_many_labels_and_the_tab_key_passes_them_in_one_step(visitor: Visitor, site: Any) -> None:
    draw_look_alike(visitor)
    visitor.button("Wrong").focus()
    keys = visitor.page.keyboard
    keys.press("Enter")
    expect(visitor.at("#picker :focus")).to_have_text("0")
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    expect(visitor.at("#picker :focus")).to_have_text(re.compile("[A-Z]"))
    keys.press("ArrowUp")
    expect(visitor.at("#picker :focus")).to_have_text("1")
    keys.press("Tab")
    expect(visitor.button("Change")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("End")
    keys.press("Enter")
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: the small letter t."))
    assert samples(site) == [("characters", "t")]


@pytest.mark.long_run
def test_a_rejected_drawing_is_shown_with_its_most_probable_label(
    visit: Callable[..., Visitor], make_site: Callable[..., Any], tmp_path: Path
) -> None:
    tiny_models.ship(tmp_path / "models", answers={"fnn": len(tiny_models.DIGITS), "cnn": len(tiny_models.DIGITS)})
    site = make_site()
    visitor = visit(site.url)
    visitor.agree()
    visitor.draw(SEVEN)
    expect(visitor.at("#answer")).to_have_text("Probably not a symbol")
    expect(visitor.at("#answer-note")).to_have_text("If it is a symbol: 0.")
    expect(visitor.at(".prediction[data-rejects]")).to_have_count(4)
    expect(visitor.at(".prediction-reject").first).to_have_text(re.compile("Not a symbol: 90.%"))
    visitor.button("Right").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: not a symbol."))
    assert samples(site) == [("digits", None)]


@pytest.mark.long_run
def test_a_set_without_a_model_leads_to_contribute_and_counts_missing_drawings(visit: Callable[..., Visitor], site: Any) -> None:
    create_set(site.platform.database, "shapes", ("star", "heart"))
    visitor = visit(f"{site.url}/recognise/shapes")
    expect(visitor.at("h1")).to_have_text("This set has no trained networks yet")
    expect(visitor.at("#readiness")).to_contain_text("Drawings still needed: 60.")
    visitor.page.get_by_role("link", name="Draw examples").click()
    visitor.at("#choice").select_option(label="Only heart")
    expect(visitor.at("#prompt")).to_have_text("heart")
    visitor.draw(SEVEN)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#save-status")).to_have_text("Last: heart.")
    expect(visitor.at("#readiness")).to_have_text("Drawings still needed: 59. Symbols with enough drawings: 0 of 2.")
    expect(visitor.at(".collected [data-label=heart] span")).to_have_text("1 / 30")
    visitor.button("Undo the last").click()
    expect(visitor.at("#readiness")).to_contain_text("Drawings still needed: 60.")


@pytest.mark.long_run
def test_the_prompt_names_a_letter_so_that_it_is_not_taken_for_a_digit(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/contribute/characters")
    for choice, words in (
        ("Only the digit 0", "the digit 0"),
        ("Only the letter O", "the letter O, capital or small"),
        ("Only the capital letter Q", "the capital letter Q"),
    ):
        visitor.at("#choice").select_option(label=choice)
        expect(visitor.at("#prompt-words")).to_have_text(words)


@pytest.mark.long_run
def test_one_of_hundreds_of_labels_is_searched_for(
    visit: Callable[..., Visitor], make_site: Callable[..., Any], tmp_path: Path
) -> None:
    tiny_models.ship(tmp_path / "models", name="words", labels=tuple(f"word{number}" for number in range(100)))
    site = make_site()
    visitor = visit(f"{site.url}/recognise/words")
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.expect_answer("word1")
    visitor.button("Wrong").click()
    expect(visitor.at("#picker input")).to_be_focused()
    visitor.page.keyboard.type("nothing")
    expect(visitor.at("#picker")).to_contain_text("This set has no such symbol.")
    visitor.at("#picker input").fill("WORD7")
    expect(visitor.at("#picker section:not([data-suggestions]) button:visible")).to_have_count(11)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: word7."))
    assert samples(site) == [("words", "word7")]


@pytest.mark.long_run
def test_the_page_of_a_set_without_a_model_counts_and_shows_the_pad_when_a_network_answers(
    visit: Callable[..., Visitor], site: Any
) -> None:
    database = site.platform.database
    create_set(database, "shapes", ("star", "heart"))
    visitor = visit(f"{site.url}/recognise/shapes")
    expect(visitor.at("#readiness")).to_contain_text("Drawings still needed: 60.")
    visitor.page.wait_for_load_state("networkidle")
    with database.writing() as session:
        add_sample(session, "heart", set_name="shapes")
    look_again = "document.dispatchEvent(new Event('visibilitychange'))"
    visitor.page.evaluate(look_again)
    expect(visitor.at("#readiness")).to_have_text("Drawings still needed: 59. Symbols with enough drawings: 0 of 2.")
    with database.writing() as session:
        like = registry.live(session, "digits")["cnn"]
        made = Version(id="first", set_name="shapes", learner="cnn", sha256=like.sha256, labels=["star", "heart"], card={})
        session.add(made)
        session.flush()
        registry.activate(session, "first", "test")
    visitor.page.evaluate(look_again)
    expect(visitor.pad).to_be_visible()


@pytest.mark.long_run
def test_the_menu_of_many_sets_opens_and_closes_with_the_keyboard(visit: Callable[..., Visitor], site: Any) -> None:
    for name in ("shapes", "vowels"):
        create_set(site.platform.database, name, ("A", "E"))
    visitor = visit(f"{site.url}/contribute/characters")
    menu = visitor.at(".sets-menu")
    menu.locator("summary").press("Enter")
    expect(menu.get_by_role("link", name="vowels A E")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="vowels A E")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").press("Enter")
    menu.get_by_role("link", name="vowels A E").click()
    expect(visitor.page).to_have_url(f"{site.url}/contribute/vowels")
