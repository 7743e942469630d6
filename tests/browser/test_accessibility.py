"""Every page for everybody: axe finds nothing against WCAG 2.2 AA, and the focus can be seen.

``axe/axe.min.js`` is axe-core 4.10.3 of npm, MPL-2.0, as published.
"""

from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import settle
from tests.browser.stage import furnish, platform
from tests.browser.states import walk
from tests.browser.visitor import Visitor
from tests.support.pages import PASSWORD
from tests.support.sample_drawings import SEVEN

AXE = Path(__file__).parent / "axe" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
REFERENCE = "reference"  # Swagger UI draws most of it, after the page has loaded; its colours and controls are not ours
RUN = """async (tags) => (await axe.run({ exclude: [".swagger-ui"] }, { runOnly: { type: "tag", values: tags } }))
  .violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ""}`))"""
# A tenth of the layout shift that is called good; what comes in pieces on a busy machine moves less.
MOVED = """() => new Promise((resolve) => {
  const moved = [];
  const note = ({ value, sources, hadRecentInput }) => hadRecentInput || value < 0.01 || moved.push(
    `moved by ${value.toFixed(4)}: ${sources.map(({ node }) => node?.outerHTML?.slice(0, 90)).join(" | ")}`);
  new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(moved), 100);
})"""
SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [role=slider]")].filter((element) => {
  const { width, height } = element.getBoundingClientRect();
  const inText = element.closest("p, dd, td, li") && getComputedStyle(element).display === "inline";
  const label = element.closest("label") ?? element.labels?.[0];
  const shown = element.checkVisibility({ visibilityProperty: true }) && !element.closest(".visually-hidden, .swagger-ui");
  return shown && !inText && width && Math.min(width, height) < 24 && !(label?.getBoundingClientRect().height >= 24);
}).map(({ outerHTML }) => `small: ${outerHTML.slice(0, 120)}`)"""
CUT = """() => [...document.querySelectorAll("h1, h2, h3, p, li, dt, dd, button, a, label, summary")].filter((element) => {
  if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(".visually-hidden, .skip")) return false;
  const { overflowX } = getComputedStyle(element);
  const hidden = element.clientWidth <= 1; // only for screen readers
  return !hidden && !["visible", "auto"].includes(overflowX) && element.scrollWidth > element.clientWidth + 1;
}).map(({ outerHTML }) => `cut: ${outerHTML.slice(0, 120)}`)"""
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
SETTLED = 150  # ms
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
RING = """() => {
  const luminance = (text) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = text.match(/[0-9.]+/g).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element.parentElement; one; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one);
      if (!/^rgba.*, 0\\)$|transparent/.test(backgroundColor)) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const element = document.activeElement;
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
  const name = `${element.tagName} ${element.id} ${element.textContent.trim().slice(0, 30)}`;
  if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) return [name, 0];
  const [light, dark] = [luminance(outlineColor), luminance(ground(element))].sort((a, b) => b - a);
  return [name, (light + 0.05) / (dark + 0.05)];
}"""


@pytest.fixture
def site(make_site: Callable[..., Any]) -> Any:
    """The app with a drawing that waits for the owner."""
    site = make_site(trust="moderated", admin_password=PASSWORD)
    body, url = json.dumps({**SEVEN, "label": "7"}).encode(), f"{site.url}/api/v1/sets/digits/samples"
    urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"})).close()
    return site


def arrive(visit: Callable[..., Visitor], site: Any, scheme: str, locale: str, **options: Any) -> Page:
    visitor = visit(f"{site.url}/admin/login", color_scheme=scheme, locale=locale, bypass_csp=True, **options)
    visitor.forgiving = True
    page = visitor.page
    page.add_init_script(path=AXE)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".tabs")).to_be_visible()
    return page


@pytest.fixture(scope="module")
def used(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the whole platform, after people and its owner have used it."""
    with platform(tmp_path_factory.mktemp("used")) as url:
        furnish(browser, url)
        yield url


@pytest.fixture
def arrive_anywhere(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of a new browser, in which axe is and nothing moves for show."""
    contexts = []

    def arrive(**options: Any) -> Page:
        context = browser.new_context(bypass_csp=True, service_workers="block", reduced_motion="reduce", **options)
        context.add_init_script(path=AXE)
        contexts.append(context)
        return context.new_page()

    yield arrive
    for context in contexts:
        context.close()


@pytest.mark.long_run
@pytest.mark.parametrize(
    ("scheme", "locale", "size"),
    [("light", "en-GB", DESKTOP), ("dark", "ru-RU", PHONE), ("light", "ru-RU", PHONE), ("dark", "en-GB", DESKTOP)],
    ids=["light en desktop", "dark ru phone", "light ru phone", "dark en desktop"],
)
def test_axe_finds_nothing_in_any_state_nothing_moves_and_targets_are_large(
    arrive_anywhere: Callable[..., Page], used: str, scheme: str, locale: str, size: dict[str, Any]
) -> None:
    page = arrive_anywhere(color_scheme=scheme, locale=locale, **size)
    found = {}
    for state in walk(page, used):
        settle(page, SETTLED)
        violations = page.evaluate(RUN, TAGS)
        if state.name != REFERENCE:
            violations += page.evaluate(SMALL)
            if not state.acts:
                violations += page.evaluate(MOVED)
            if page.evaluate("document.documentElement.scrollWidth") > size["viewport"]["width"]:
                violations.append("wider than the screen")
        if violations:
            found[state.name] = violations
    assert found == {}


@pytest.mark.long_run
@pytest.mark.parametrize(
    "size",
    [
        {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True},
        {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    ],
    ids=["320 pixels", "1280 x 800 at 200 %"],
)
def test_every_state_fits_a_narrow_screen_and_a_zoom_of_two(
    arrive_anywhere: Callable[..., Page], used: str, size: dict[str, Any]
) -> None:
    page = arrive_anywhere(locale="ru-RU", **size)
    found = {}
    for state in walk(page, used):
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > size["viewport"]["width"]:
            found[state.name] = wide
        elif state.name != REFERENCE and (cut := page.evaluate(CUT)):
            found[state.name] = cut
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long_run)])
def test_with_the_systems_own_colours_ink_and_choices_can_be_seen(visit: Callable[..., Visitor], site: Any, scheme: str) -> None:
    visitor = visit(site.url, forced_colors="active", color_scheme=scheme)
    visitor.agree()
    visitor.draw()
    visitor.expect_answer("1")
    ink = Image.open(io.BytesIO(visitor.pad.screenshot())).convert("L")
    dark, light = ink.getextrema()
    assert light - dark > 128
    right, wrong = visitor.button("Right"), visitor.button("Wrong")
    right.click()
    expect(right).to_have_attribute("aria-pressed", "true")
    grounds = [one.evaluate("element => getComputedStyle(element).backgroundColor") for one in (right, wrong)]
    assert grounds[0] != grounds[1]
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate(RING)[1] >= 3


@pytest.mark.long_run
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long_run)])
def test_what_has_the_focus_has_a_ring_that_stands_out(visit: Callable[..., Visitor], site: Any, scheme: str) -> None:
    page = arrive(visit, site, scheme, "en-GB")
    faint = set()
    for path in ("/", "/contribute", "/admin/moderation", "/admin/sets/digits"):
        page.goto(f"{site.url}{path}")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            name, ratio = page.evaluate(RING)
            if ratio < 3:
                faint.add(f"{path}: {name}: {ratio:.1f}")
    assert faint == set()


def test_after_a_symbol_was_picked_by_key_the_focus_stays_on_the_page(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url)
    visitor.agree()
    visitor.draw()
    visitor.expect_answer("1")
    visitor.button("Wrong").click()
    visitor.page.keyboard.press("7")
    expect(visitor.at("#picker")).to_be_hidden()
    assert visitor.page.evaluate("document.activeElement.tagName") == "BUTTON"
