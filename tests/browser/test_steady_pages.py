"""While a page is used nothing jumps: no layout shift without a cause, and what a finger is on stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from functions.settings import ROOT
from tests.browser.test_read_page import expect_text, write
from tests.browser.visitor import CROSS, SEVEN, Visitor
from tests.browser.worker import ManualWorker

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
SIZES = pytest.mark.parametrize("size", [PHONE, {}], ids=["phone", "desktop"])
# Notes the shifts that nobody caused in the half second before and that can be seen (a hundredth), and each place on the page
# where an element was seen. What a lesson pushes down is below what is in use: the footer, and on Read the networks.
WATCH = """(names) => {
  window.shifted = [];
  window.places = Object.fromEntries(names.map((name) => [name, []]));
  const name = ({ node, previousRect, currentRect }) => `${node?.outerHTML?.slice(0, 60) ?? node?.textContent} ` +
    `${previousRect.y}+${previousRect.height} -> ${currentRect.y}+${currentRect.height}`;
  const below = ".layout-read .layout-networks, .site-foot, .run, .answer > *"; // the answer changes within its own place
  new PerformanceObserver((list) => {
    for (const { value, sources, hadRecentInput } of list.getEntries()) {
      const pushed = sources.every(({ node }) => (node?.closest ? node : node?.parentElement)?.closest(below));
      if (!hadRecentInput && value >= 0.01 && !pushed) shifted.push(`${value.toFixed(4)}: ${sources.map(name).join(" | ")}`);
    }
  }).observe({ type: "layout-shift" });
  const look = () => {
    for (const [selector, seen] of Object.entries(places)) {
      const element = document.querySelector(selector);
      const { top, height } = element?.getBoundingClientRect() ?? {};
      if (!height || !element.checkVisibility({ visibilityProperty: true })) continue;
      const place = Math.round(top + scrollY);
      if (seen.every((one) => Math.abs(one - place) > 1)) seen.push(place);
    }
    requestAnimationFrame(look);
  };
  look();
}"""


def watch(page: Page, *names: str) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate(WATCH, list(names))


def expect_steady(page: Page) -> None:
    """Wait until the newest frames were looked at, and find that nothing has moved."""
    page.wait_for_timeout(300)
    assert "\n".join(page.evaluate("shifted")) == ""
    assert {name: places for name, places in page.evaluate("places").items() if len(places) > 1} == {}


def place_of(page: Page, selector: str) -> float:
    """Return how far below the top of the page an element begins, in pixels."""
    return float(page.locator(selector).evaluate("element => element.getBoundingClientRect().top + scrollY"))


def by_hand(visitor: Visitor, size: dict[str, Any]) -> Callable[..., None]:
    return visitor.finger if size else visitor.draw


@pytest.mark.long_run
@SIZES
def test_recognise_stays_where_it_is_from_the_first_stroke_to_the_lesson(
    visit: Callable[..., Visitor], site: Any, size: dict[str, Any]
) -> None:
    visitor = visit(site.url, **size)
    page, draw = visitor.page, by_hand(visitor, size)
    watch(page, "ink-pad canvas", ".answer", ".verdict", "#look-alikes", ".replies", ".corrections")
    draw(SEVEN)
    visitor.expect_answer("1")
    page.wait_for_timeout(600)  # what comes now has no cause in the stroke
    draw([[[35, 50], [60, 50]]])
    visitor.expect_answer("1")
    before = place_of(page, ".layout-networks")
    visitor.button("Wrong").click()
    page.locator("#picker").get_by_role("button", name="7", exact=True).click()
    networks = place_of(page, ".layout-networks")
    visitor.button("Keep and teach").click()
    expect(visitor.at(".correction")).to_have_count(1)
    page.wait_for_timeout(600)
    ManualWorker(site.platform).publish(7)
    expect(visitor.at(".correction-details")).to_contain_text("Everybody gets this answer now.")
    visitor.expect_answer("7")
    expect_steady(page)
    assert place_of(page, ".layout-networks") == pytest.approx(before, abs=1), "the lesson pushes no network"
    way = visitor.at("#to-progress")
    expect(way).to_have_text("The networks have learned it")
    assert way.is_visible() == bool(size), "on a phone the card is below the networks"
    assert networks > before, "only the questions did, while they were open"


@pytest.mark.long_run
@SIZES
def test_contribute_stays_where_it_is_from_prompt_to_prompt(
    visit: Callable[..., Visitor], site: Any, size: dict[str, Any]
) -> None:
    visitor = visit(f"{site.url}/contribute", **size)
    page, draw = visitor.page, by_hand(visitor, size)
    watch(page, "ink-pad canvas", "#prompt", "#another", "#save", "#withdraw", "#sitting")
    for count in range(1, 4):
        draw(CROSS)
        visitor.at("#save").click()
        expect(visitor.at("#count")).to_contain_text(str(count))
        page.wait_for_timeout(600)
    visitor.at("#withdraw").click()
    visitor.at("#another").click()
    page.wait_for_timeout(600)
    expect_steady(page)


@pytest.mark.long_run
@SIZES
def test_read_stays_where_it_is_while_symbols_are_read_and_corrected(
    visit: Callable[..., Visitor], make_site: Callable[..., Any], size: dict[str, Any]
) -> None:
    visitor = visit(f"{make_site(models=ROOT / 'models').url}/read/digits", **size)
    page = visitor.page
    watch(page, "ink-pad canvas", "#text", ".verdict")
    write(visitor, "1", finger=bool(size))
    expect_text(visitor, "1")
    page.wait_for_timeout(600)
    write(visitor, "7", at=0.9, finger=bool(size))
    expect_text(visitor, "17")
    visitor.at("#text .glyph").first.click()
    visitor.button("Another symbol").click()
    page.locator("#picker").get_by_role("button", name="4", exact=True).click()
    visitor.button("Keep and teach").click()
    expect(visitor.at(".correction")).to_have_count(1)
    page.wait_for_timeout(600)
    expect_steady(page)


@pytest.mark.long_run
def test_a_second_tap_on_a_picked_label_does_not_answer_the_question_that_appears_there(
    visit: Callable[..., Visitor], site: Any
) -> None:
    visitor = visit(site.url, **PHONE)
    page = visitor.page
    visitor.finger(SEVEN)
    visitor.expect_answer("1")
    visitor.button("Wrong").click()
    page.locator("#picker").get_by_role("button", name="0", exact=True).click()
    expect(visitor.at("#consent")).to_be_visible()
    keep = visitor.button("Keep and teach").bounding_box()
    assert keep is not None
    expect(visitor.at("#consent[data-settling]")).to_have_count(0)  # the page's own moment has passed
    page.evaluate("document.querySelector('#consent').dataset.settling = ''")  # as it is for the first moment
    page.touchscreen.tap(keep["x"] + keep["width"] / 2, keep["y"] + keep["height"] / 2)
    assert page.evaluate("localStorage.getItem('inkloop.consent')") is None
    page.evaluate("delete document.querySelector('#consent').dataset.settling")
    visitor.button("Keep and teach").click()
    assert page.evaluate("localStorage.getItem('inkloop.consent')") == "yes"
