"""The charts of Models: read point by point, zoomed and printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from functions.domain.monitoring import Outcomes, learning_curve, version_scores
from functions.records.tables import Version
from functions.verbs.metrics import HoldoutAccuracy, SetMetrics, VersionProgress
from tests.browser.test_accessibility import AXE, MOVED, RUN, TAGS
from tests.browser.visitor import Visitor
from tests.support.labelled_answers import NOON, answer

VERSIONS = 8
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


class FixedMetrics:
    """The metrics of a set where people have judged 400 answers of eight versions, one of which failed its test."""

    def of_set(self, *_: Any) -> SetMetrics:
        answers = [
            answer("7", "7" if n % 9 else "1", "7" if n % (3 + n // 50) else "1", versions=("f", f"v{n // 50}"), minutes=90 * n)
            for n in range(400)
        ]
        progress = [self._version(number) for number in reversed(range(VERSIONS))]
        learned = {row.version.id: row.learned for row in progress if row.learned is not None}
        curves = {"cnn": learning_curve(version_scores(answers), "cnn", learned), "fnn": []}
        return SetMetrics(answers, progress, answers[-200:], curves, Outcomes(0, {}, ()))

    def _version(self, number: int) -> VersionProgress:
        created = NOON + timedelta(hours=75 * number)
        gate = {"accepted": number != 3}
        row = Version(
            id=f"v{number}",
            set_name="digits",
            learner="cnn",
            card={},
            labels=list("0123456789"),
            gate=gate,
            original=not number,
            created=created,
        )
        live = number == VERSIONS - 1
        return VersionProgress(row, live, NOON if live else None, 100 * number, HoldoutAccuracy(0.97 + number / 500, 1000), None)


@pytest.fixture
def models(make_site: Callable[..., Any]) -> str:
    """The address of Models where there is much to see."""
    site = make_site()
    site.server.app.extensions["inkloop"] = replace(site.platform, metrics=FixedMetrics())
    return f"{site.url}/models"


def figure_of(visitor: Visitor, heading: str) -> Locator:
    """Return the chart that follows a heading, when it can be read."""
    figure = visitor.at(f"h3:has-text('{heading}') ~ .charts figure").first
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".plot")).to_have_attribute("data-ready", "")
    return figure


@pytest.mark.long_run
def test_a_chart_is_read_and_zoomed_with_the_keyboard(visit: Callable[..., Visitor], models: str) -> None:
    visitor = visit(models, timezone_id="UTC")
    figure = figure_of(visitor, "Do the networks forget?")
    slider, press = figure.get_by_role("slider"), visitor.page.keyboard.press
    expect(figure.locator(".plot-reading")).to_contain_text("Point at the chart")
    slider.focus()
    press("End")
    said = "Version of 24 Mar 2026, 09:00: 98.40 % (97.42 % – 99.01 %), live now"
    expect(slider).to_have_attribute("aria-valuetext", said.replace(" %", "\N{NO-BREAK SPACE}%"))
    for _ in range(4):
        press("ArrowLeft")
    expect(figure.locator(".plot-reading")).to_contain_text("failed the test")
    whole = figure.get_by_role("button", name="Whole chart")
    expect(whole).to_have_attribute("aria-disabled", "true")
    press("+")
    expect(whole).to_have_attribute("aria-disabled", "false")
    press("Escape")
    expect(whole).to_have_attribute("aria-disabled", "true")
    by_time = figure.get_by_role("button", name="Space points by date")
    by_time.press("Enter")
    expect(by_time).to_have_attribute("aria-pressed", "true")


@pytest.mark.long_run
def test_a_part_of_a_chart_is_chosen_with_the_mouse_and_a_printer_gets_the_picture(
    visit: Callable[..., Visitor], models: str
) -> None:
    visitor = visit(models)
    figure = visitor.at("figure:has(.plot)").first
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".plot")).to_have_attribute("data-ready", "")
    box, mouse = figure.locator(".u-over").bounding_box(), visitor.page.mouse
    assert box is not None
    mouse.move(box["x"] + 40, box["y"] + 30)
    expect(figure.locator(".plot-reading")).to_contain_text("learned\xa0")
    mouse.down()
    mouse.move(box["x"] + 120, box["y"] + 30, steps=4)
    mouse.up()
    whole = figure.get_by_role("button", name="Whole chart")
    expect(whole).to_have_attribute("aria-disabled", "false")
    mouse.dblclick(box["x"] + 60, box["y"] + 30)
    expect(whole).to_have_attribute("aria-disabled", "true")
    visitor.page.emulate_media(media="print")
    expect(figure.locator("svg.chart")).to_be_visible()
    expect(figure.locator(".plot-live")).to_be_hidden()


@pytest.mark.long_run
def test_two_fingers_zoom_and_one_moves_what_is_shown(visit: Callable[..., Visitor], models: str) -> None:
    visitor = visit(models, **PHONE)
    figure = figure_of(visitor, "Learning curve")
    over = figure.locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    middle, line = box["x"] + box["width"] / 2, box["y"] + 40
    visitor.touch("touchStart", [middle, line])
    visitor.touch("touchEnd")
    expect(figure.locator(".plot-reading")).to_contain_text("learned: ")
    visitor.touch("touchStart", [middle - 20, line], [middle + 20, line])
    visitor.touch("touchMove", [middle - 90, line], [middle + 90, line])
    visitor.touch("touchEnd")
    expect(figure.get_by_role("button", name="Whole chart")).to_have_attribute("aria-disabled", "false")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.long_run
@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "ru-RU")])
def test_axe_finds_nothing_in_charts_and_other_pages_load_none_of_them(
    visit: Callable[..., Visitor], models: str, scheme: str, locale: str
) -> None:
    visitor = visit(models, color_scheme=scheme, locale=locale, bypass_csp=True, reduced_motion="reduce")
    page = visitor.page
    for frame in visitor.at(".plot").all():
        frame.scroll_into_view_if_needed()
        expect(frame).to_have_attribute("data-ready", "")
    page.add_script_tag(path=AXE)
    assert page.evaluate(RUN, TAGS) == []
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    for path in ("/about", "/dataset", "/"):
        page.goto(models.replace("/models", path))
    assert [url for url in loaded if "uplot" in url or "plots" in url] == []


@pytest.mark.long_run
@pytest.mark.parametrize("size", [PHONE, {}], ids=["phone", "desktop"])
def test_nothing_moves_when_the_charts_come(visit: Callable[..., Visitor], models: str, size: dict[str, Any]) -> None:
    page = visit(models, locale="ru-RU", **size).page
    for chart in page.locator(".plot").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("data-ready", "")
    assert page.evaluate(MOVED) == []
