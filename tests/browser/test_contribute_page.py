"""The page Contribute, in a browser."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import select

from functions.records.tables import DrawingRow, Sample, SymbolSetRow
from functions.verbs.define import SetChange, change_set
from tests.browser.visitor import CROSS, SEVEN, Visitor

SAMPLES = re.compile(r"/samples$")


def samples(site: Any) -> list[tuple[str | None, str]]:
    with site.platform.database.reading() as session:
        return [(one.label, one.status) for one in session.scalars(select(Sample).order_by(Sample.id))]


@pytest.fixture
def visitor(visit: Callable[..., Visitor], site: Any) -> Visitor:
    return arrive(visit, site)


def arrive(visit: Callable[..., Visitor], site: Any, **options: Any) -> Visitor:
    visitor = visit(f"{site.url}/contribute", **options)
    expect(visitor.at("#prompt")).to_have_text(re.compile(r"\d"))
    return visitor


def asked(visitor: Visitor) -> str:
    return visitor.at("#prompt").inner_text()


def save(visitor: Visitor, count: int) -> str:
    """Draw the label that the page asks for, save with Enter, and return the label."""
    label = asked(visitor)
    visitor.draw(SEVEN)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#count")).to_have_text(re.compile(f"^{count} drawing"))
    return label


def test_saving_with_enter_counts_and_asks_for_another_symbol_on_a_clean_pad(visitor: Visitor, site: Any) -> None:
    first = save(visitor, 1)
    assert visitor.drawing()["strokes"] == []
    assert asked(visitor) != first
    expect(visitor.at("#save-status")).to_have_text(f"Last: {first}.")
    second = save(visitor, 2)
    assert samples(site) == [(first, "accepted"), (second, "accepted")]


@pytest.mark.long_run
def test_a_bar_is_not_full_at_the_first_drawing(visitor: Visitor, site: Any) -> None:
    label = save(visitor, 1)
    expect(visitor.at(f".collected [data-label='{label}'] span")).to_have_text("1")
    assert visitor.at(f".collected [data-label='{label}'] meter").evaluate("meter => meter.value") < 0.2


@pytest.mark.long_run
def test_an_empty_pad_is_not_saved(visitor: Visitor, site: Any) -> None:
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#save-status")).to_have_text("Draw first, then save.")
    expect(visitor.button("Save Enter")).to_be_disabled()
    assert samples(site) == []


@pytest.mark.long_run
def test_the_page_asks_for_every_symbol_once_before_it_repeats_a_symbol(visitor: Visitor, site: Any) -> None:
    for count in range(1, 11):
        save(visitor, count)
    assert Counter(label for label, _ in samples(site)) == Counter("0123456789")


@pytest.mark.long_run
def test_the_page_asks_for_the_rarest_label_and_gives_the_reason(
    visit: Callable[..., Visitor], make_site: Callable[..., Any]
) -> None:
    site = make_site(ask="balance")
    visitor = arrive(visit, site)
    visitor.at("#choice").select_option(label="Only 4")
    for count in (1, 2):
        assert save(visitor, count) == "4"
    expect(visitor.button("Another one")).to_be_hidden()
    expect(visitor.at("#prompt-reason")).to_have_text("\u00a0")
    other = arrive(visit, site)
    expect(other.at("#prompt-reason")).to_have_text("The dataset has fewer drawings of this symbol than of others.")
    for count in range(1, 10):
        assert save(other, count) != "4"
    expect(other.at(".collected li").nth(4).locator("span")).to_have_text("2")


@pytest.mark.long_run
def test_undo_withdraws_the_last_drawing(visitor: Visitor, site: Any) -> None:
    change_set(site.platform.database, "digits", SetChange(goal=50))
    visitor.page.reload()
    expect(visitor.at("#prompt")).to_have_text(re.compile(r"\d"))
    expect(visitor.at(".collected li span")).to_have_text(["0 of 50"] * 10)
    first, second = save(visitor, 1), save(visitor, 2)
    expect(visitor.at(f".collected [data-label='{first}'] span")).to_have_text("1 of 50")
    expect(visitor.at("#goal")).to_contain_text("Collected: 2 of 500.")
    visitor.button("Undo the last").click()
    expect(visitor.at("#goal")).to_contain_text("Collected: 1 of 500.")
    expect(visitor.at("#save-status")).to_have_text(f"Deleted: {second}.")
    expect(visitor.at("#count")).to_have_text("1 drawing saved in this session.")
    assert asked(visitor) == second, "its author may want to draw it better"
    assert samples(site) == [(first, "accepted"), (second, "withdrawn")]


@pytest.mark.long_run
def test_undo_brings_the_saved_drawing_back_to_be_mended(visitor: Visitor, site: Any) -> None:
    label = save(visitor, 1)
    visitor.page.reload()
    expect(visitor.at("#prompt")).to_have_text(re.compile(r"\d"))
    visitor.button("Undo the last").click()
    expect(visitor.at("#prompt")).to_have_text(label)
    assert len(visitor.drawing()["strokes"]) == len(SEVEN)
    visitor.draw(CROSS)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#count")).to_have_text("1 drawing saved in this session.")
    assert samples(site) == [(label, "withdrawn"), (label, "accepted")]


@pytest.mark.long_run
@pytest.mark.parametrize(
    "used", ["Undo the last", "Another one", "Clear the pad", "Undo the last stroke", "#choice", ".pad-ways summary"]
)
def test_enter_saves_whichever_button_was_used_last(visitor: Visitor, site: Any, used: str) -> None:
    save(visitor, 1)
    visitor.draw(CROSS)
    element = visitor.at(used) if used[0] in "#." else visitor.button(used)
    if used == "#choice":
        element.focus()
        element.select_option(label="Only 4")
    else:
        element.click()
    expect(element).to_be_focused()
    if used == "Undo the last":
        expect(visitor.at("#count")).to_be_empty()
    visitor.draw(SEVEN)
    strokes = visitor.drawing()["strokes"]
    expect(visitor.pad).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#save-status")).to_contain_text("Last: ")
    assert visitor.drawing()["strokes"] == []
    with site.platform.database.reading() as session:
        packed = session.scalars(select(DrawingRow.strokes).order_by(DrawingRow.id.desc())).first()
    assert len(json.loads(zlib.decompress(packed))["strokes"]) == len(strokes)


@pytest.mark.long_run
def test_a_drawing_takes_the_keys_and_no_ring_or_pen_of_the_keyboard_is_shown_for_a_mouse(visitor: Visitor) -> None:
    visitor.at("#choice").focus()
    visitor.page.keyboard.press("ArrowDown")
    visitor.draw(CROSS)
    ring = "canvas => getComputedStyle(canvas).outlineStyle"
    expect(visitor.pad).to_be_focused()
    assert visitor.pad.evaluate(ring) == "none"
    visitor.page.keyboard.press("Control+z")
    assert len(visitor.drawing()["strokes"]) == 1
    visitor.page.keyboard.press("5")
    expect(visitor.at("#prompt")).to_have_text("5")
    visitor.draw([[[20, 80], [30, 80]]])
    assert not visitor.inked(50, 50 + 100 * 9 / 280), "no pen of the keyboard in the middle"
    visitor.page.keyboard.press("ArrowRight")
    assert visitor.inked(50 + 100 * (8 + 9) / 280, 50), "the keyboard's pen"
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Shift+Tab")
    assert visitor.pad.evaluate(ring) == "solid"


@pytest.mark.long_run
def test_receipts_survive_a_reload(visitor: Visitor, site: Any) -> None:
    save(visitor, 1)
    visitor.page.reload()
    expect(visitor.at("#count")).to_have_text("1 drawing saved in this session.")
    visitor.button("Undo the last").click()
    expect(visitor.at("#count")).to_be_empty()
    assert [status for _, status in samples(site)] == ["withdrawn"]


@pytest.mark.long_run
def test_a_visitor_can_ask_for_another_symbol_and_keeps_the_drawing(visitor: Visitor) -> None:
    visitor.draw(CROSS)
    before = asked(visitor)
    visitor.button("Another one").click()
    assert asked(visitor) != before
    assert len(visitor.drawing()["strokes"]) == 2


@pytest.mark.long_run
def test_drawings_saved_without_a_connection_are_sent_later_even_by_the_next_page(visitor: Visitor, site: Any) -> None:
    visitor.forgiving = True
    context = visitor.page.context
    context.set_offline(True)
    labels = []
    for _ in range(2):
        labels.append(asked(visitor))
        visitor.draw(SEVEN)
        visitor.page.keyboard.press("Enter")
    expect(visitor.at("#offline")).to_contain_text(
        "2 drawings are not sent yet: there is no connection. They are kept on this device."
    )
    expect(visitor.at("#count")).to_have_text("0 drawings saved in this session.")
    assert samples(site) == []
    url = visitor.page.url
    visitor.page.goto("about:blank")
    context.set_offline(False)
    visitor.page.goto(url)
    expect(visitor.at("#count")).to_have_text("2 drawings saved in this session.")
    expect(visitor.at("#offline")).to_be_hidden()
    assert samples(site) == [(label, "accepted") for label in labels]


@pytest.mark.long_run
def test_a_drawing_whose_answer_was_lost_is_stored_once(visitor: Visitor, site: Any) -> None:
    visitor.forgiving = True

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    visitor.page.route(SAMPLES, lose, times=1)
    label = asked(visitor)
    visitor.draw(SEVEN)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#offline")).to_contain_text("1 drawing is not sent yet")
    visitor.button("Try again").click()
    expect(visitor.at("#count")).to_have_text("1 drawing saved in this session.")
    assert samples(site) == [(label, "accepted")]


@pytest.mark.long_run
def test_a_drawing_withdrawn_during_its_upload_does_not_stay_in_the_dataset(visitor: Visitor, site: Any) -> None:
    visitor.forgiving = True

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    visitor.page.route(SAMPLES, lose, times=1)
    visitor.draw(SEVEN)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#offline")).to_be_visible()
    with visitor.page.expect_response(lambda response: response.request.method == "DELETE"):
        visitor.button("Undo the last").click()
    expect(visitor.at("#offline")).to_be_hidden()
    expect(visitor.at("#count")).to_be_empty()
    assert [status for _, status in samples(site)] == ["withdrawn"]


@pytest.mark.long_run
def test_a_drawing_that_the_server_refuses_returns_to_the_pad(visitor: Visitor, site: Any) -> None:
    visitor.forgiving = True
    error = {"error": {"code": "unknown_label", "message": "No such label.", "request_id": "x"}}
    visitor.page.route(SAMPLES, lambda route: route.fulfill(status=422, json=error), times=1)
    label = asked(visitor)
    visitor.draw(SEVEN)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#error")).to_contain_text("This symbol is no longer in the set.")
    assert asked(visitor) == label
    assert visitor.inked(40, 25)
    assert samples(site) == []


@pytest.mark.long_run
def test_the_page_says_that_a_drawing_waits_for_a_check(visit: Callable[..., Visitor], make_site: Callable[..., Any]) -> None:
    visitor = arrive(visit, make_site(trust="moderated"))
    label = save(visitor, 1)
    expect(visitor.at("#save-status")).to_have_text(f"Last: {label}. The networks will learn from it after a check.")


@pytest.mark.long_run
def test_the_keys_of_the_labels_are_told_where_there_is_a_keyboard_and_every_label_is_a_key(
    visit: Callable[..., Visitor], site: Any
) -> None:
    with site.platform.database.writing() as session:
        session.add(SymbolSetRow(name="words", labels=["a", "ja"], origin="owner"))
    visitor = arrive(visit, site)
    expect(visitor.page.get_by_text("Or press the key of a symbol.")).to_be_visible()
    visitor.page.goto(f"{site.url}/contribute/words")
    expect(visitor.page.get_by_text("Or press the key of a symbol.")).to_have_count(0)
    phone = arrive(visit, site, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    expect(phone.page.get_by_text("Or press the key of a symbol.")).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), [(390, 844), pytest.param(844, 390, marks=pytest.mark.long_run)])
def test_a_phone_needs_one_finger_and_no_scrolling(visit: Callable[..., Visitor], site: Any, width: int, height: int) -> None:
    phone = {"viewport": {"width": width, "height": height}, "has_touch": True, "is_mobile": True}
    visitor = arrive(visit, site, **phone)
    label = asked(visitor)
    visitor.finger(SEVEN)
    button = visitor.at("#save")
    place = button.bounding_box()
    assert place is not None and place["y"] + place["height"] <= height, "in reach without scrolling"
    assert visitor.page.evaluate("scrollY") == 0
    button.tap()
    expect(visitor.at("#count")).to_have_text("1 drawing saved in this session.")
    assert samples(site) == [(label, "accepted")]


@pytest.mark.long_run
def test_any_of_the_last_drawings_is_taken_back_to_the_pad(visitor: Visitor, site: Any) -> None:
    first, second = save(visitor, 1), save(visitor, 2)
    expect(visitor.at("#sitting")).to_contain_text("Goal of this session: 10.")
    expect(visitor.at("#sitting li b")).to_have_text([second, first])
    visitor.at("#sitting").get_by_role("button", name=f"Take back: {first}").click()
    expect(visitor.at("#sitting li b")).to_have_text([second])
    expect(visitor.at("#prompt")).to_have_text(first)
    assert len(visitor.drawing()["strokes"]) == len(SEVEN)
    assert samples(site) == [(first, "withdrawn"), (second, "accepted")]
    visitor.page.keyboard.press("5")
    expect(visitor.at("#prompt")).to_have_text("5")


@pytest.mark.long_run
def test_a_very_long_label_takes_few_lines_on_a_phone(visit: Callable[..., Visitor], site: Any) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitaen"
    with site.platform.database.writing() as session:
        session.add(SymbolSetRow(name="words", labels=[long, "ja"], origin="owner"))
    visitor = visit(f"{site.url}/contribute/words", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    visitor.at("#choice").select_option(long)
    expect(visitor.at("#prompt")).to_have_text(long)
    lines = "element => element.getBoundingClientRect().height / parseFloat(getComputedStyle(element).lineHeight)"
    assert visitor.at("#prompt").evaluate(lines) < 3.5
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 360
    place = visitor.at("#save").bounding_box()
    assert place is not None and place["y"] + place["height"] <= 740
