"""The first thirty seconds: what this is, an example that draws itself, and what comes after an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from functions.settings import ROOT
from tests.browser.visitor import SEVEN, Visitor

MOST_BYTES, MOST_REQUESTS = 90_000, 10  # of a first visit

SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { sum += one.hadRecentInput ? 0 : one.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 300);
})"""


@pytest.fixture
def real_site(make_site: Callable[..., Any]) -> Any:
    """The app with the networks that ship."""
    return make_site(models=ROOT / "models")


@pytest.mark.parametrize("motion", ["no-preference", pytest.param("reduce", marks=pytest.mark.long_run)])
def test_a_first_visitor_sees_a_drawing_that_is_answered_once(visit: Callable[..., Visitor], real_site: Any, motion: str) -> None:
    visitor = visit(real_site.url, first=True, reduced_motion=motion)
    expect(visitor.at("#example")).to_have_text(re.compile("^The networks. answer: 7.*Your turn!$"))
    expect(visitor.at("ink-pad[data-example]")).to_be_visible()
    assert visitor.drawing()["strokes"] == []
    assert visitor.page.evaluate(SHIFTS) < 0.1
    visitor.draw(SEVEN)
    expect(visitor.at("ink-pad[data-example]")).to_have_count(0)
    visitor.expect_answer("7")
    visitor.page.reload()
    expect(visitor.at("ink-pad[data-example]")).to_have_count(0)


def test_an_empty_page_invites_and_after_a_verdict_another_drawing_can_be_made(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url)
    expect(visitor.at(".invite li")).to_have_count(3)
    for hidden in (".verdict", ".prediction >> nth=0", "#draw-another"):
        expect(visitor.at(hidden)).to_be_hidden()
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    expect(visitor.at(".invite")).to_be_hidden()
    visitor.button("Right").click()
    visitor.button("Draw another").click()
    expect(visitor.at(".invite")).to_be_visible()
    assert visitor.drawing()["strokes"] == []


def test_a_first_visit_is_light_and_the_next_page_loads_no_script_or_style(visit: Callable[..., Visitor], real_site: Any) -> None:
    visitor = visit("about:blank", first=True)
    page = visitor.page
    network, answers = page.context.new_cdp_session(page), []
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda found: answers.append(found["encodedDataLength"]))
    page.goto(real_site.url)
    expect(visitor.at("#example")).to_have_text(re.compile("Your turn!$"))
    assert len(answers) <= MOST_REQUESTS
    assert sum(answers) <= MOST_BYTES
    answers.clear()
    page.get_by_role("link", name="Contribute").click()
    expect(visitor.at("h1")).to_have_text("Please draw")
    loaded = """() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/static/"))
      .map(({ name, transferSize }) => [name, transferSize])"""
    files = page.evaluate(loaded)
    assert len(files) >= 4
    assert [name for name, size in files if size] == []
