"""The appearance of the pages: sizes, themes, languages, and the content security policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from functions.records.tables import SymbolSetRow
from tests.browser.visitor import Visitor


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.long_run), "ru"])
def test_a_narrow_phone_never_scrolls_sideways(visit: Callable[..., Visitor], site: Any, language: str) -> None:
    with site.platform.database.writing() as session:
        session.add(SymbolSetRow(name="a-name-as-long-as-a-name-can-be-", labels=["left", "right"]))
    visitor = visit("about:blank", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    long = "a-name-as-long-as-a-name-can-be-"
    with_sets = [f"{page}/{name}" for page in ("/contribute", "/recognise", "/read", "/models") for name in ("digits", long)]
    for path in (*with_sets, "/recognise/nowhere"):
        visitor.forgiving = "nowhere" in path
        visitor.page.goto(f"{site.url}{path}?lang={language}")
        assert visitor.page.evaluate("document.documentElement.scrollWidth") == 360, path


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.long_run), "dark"])
def test_the_page_follows_the_systems_light_or_dark_theme(visit: Callable[..., Visitor], site: Any, scheme: str) -> None:
    visitor = visit(site.url, color_scheme=scheme)
    other = "dark" if scheme == "light" else "light"
    for wanted in (scheme, other):
        visitor.page.emulate_media(color_scheme=wanted)
        expect(visitor.at("html")).to_have_attribute("data-bs-theme", wanted)
        paper = visitor.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(paper) > 3 * 200) == (wanted == "light")


def test_the_page_uses_the_browsers_language_until_a_visitor_chooses_another(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, locale="ru-RU")
    expect(visitor.at("h1")).to_have_text("Нарисуйте символ")
    expect(visitor.at("#answer")).to_have_text("Нарисуйте что-нибудь")
    visitor.at("a.language").click()
    expect(visitor.at("h1")).to_have_text("Draw a symbol")
    visitor.page.get_by_role("link", name="Contribute").click()
    expect(visitor.at("h1")).to_have_text("Please draw")


@pytest.mark.long_run
def test_the_policy_forbids_scripts_in_the_page(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url)
    visitor.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.broken = true";
          document.head.append(script);
        }"""
    )
    assert visitor.page.evaluate("window.broken") is None
    assert any("Content Security Policy" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


@pytest.mark.long_run
def test_the_first_tab_skips_to_the_content(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url)
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("main")).to_be_focused()
