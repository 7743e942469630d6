"""A visitor's own examples adapt the answers on the page, unless the visitor switches that off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_device_page import on_the_device
from tests.browser.visitor import SEVEN, Visitor
from tests.support import tiny_models

SLANTED = [[[22, 28], [38, 27], [55, 25], [72, 24], [66, 40], [59, 55], [52, 77]]]


@pytest.fixture
def visitor(visit: Callable[..., Visitor], make_site: Callable[..., Any], tmp_path: Path) -> Visitor:
    """A visitor who corrected a 2 to a 7, on a site whose networks always answer 2 and output their embedding."""
    tiny_models.ship(tmp_path / "models", release="2", answers={"fnn": 2, "cnn": 2}, embeds=True, sureness=3.0)
    arrived = visit(make_site().url)
    arrived.draw(SEVEN)
    arrived.expect_answer("2")
    expect(arrived.at("#adapt")).to_be_hidden()
    arrived.button("Wrong").click()
    arrived.at("#picker [data-label='7']").last.click()
    arrived.button("Keep and teach").click()
    return arrived


def test_a_correction_adapts_the_answers_at_once_and_for_the_next_drawing(visitor: Visitor) -> None:
    visitor.expect_answer("7")
    expect(visitor.at(".correction-details")).to_contain_text("For you, already: 7")
    visitor.button("Clear the pad").click()
    visitor.draw(SLANTED)
    visitor.expect_answer("7")
    expect(visitor.at("#answer-note")).to_contain_text("Adapted to your handwriting. Without your examples: 2")
    for learner in ("fnn", "cnn"):
        expect(visitor.at(f"[data-learner={learner}][data-role=learned] li b").first).to_have_text("2")
    expect(visitor.at(".correction .before")).to_contain_text("2")


@pytest.mark.long_run
def test_adaptation_can_be_switched_off_and_stays_off(visitor: Visitor) -> None:
    visitor.expect_answer("7")
    visitor.at("#adapt").uncheck()
    visitor.expect_answer("2")
    expect(visitor.at("#answer-note")).to_have_text("Both networks agree.")
    visitor.page.reload()
    expect(visitor.at("#adapt")).not_to_be_checked()
    visitor.at("#adapt").check()
    visitor.draw(SLANTED)
    visitor.expect_answer("7")


@pytest.mark.long_run
def test_a_withdrawn_example_adapts_no_more_answers(visitor: Visitor) -> None:
    visitor.expect_answer("7")
    visitor.button("Delete it").click()
    visitor.expect_answer("2")


OWN = """async () => (await new Promise((resolve) => {
  const request = indexedDB.open("inkloop");
  request.onupgradeneeded = () => request.transaction.abort(); // there is no database: nothing is kept
  request.onerror = () => resolve([]);
  request.onsuccess = () => {
    const all = request.result.transaction("own").objectStore("own").getAll();
    all.onsuccess = () => { request.result.close(); resolve(all.result); };
  };
})).map(({ label }) => label)"""


@pytest.mark.long_run
def test_the_device_adapts_its_answers_from_what_this_browser_keeps(visitor: Visitor) -> None:
    visitor.expect_answer("7")
    sent = on_the_device(visitor)
    visitor.button("Clear the pad").click()
    visitor.draw(SLANTED)
    visitor.expect_answer("7")
    expect(visitor.at("#answer-note")).to_contain_text("Adapted to your handwriting. Without your examples: 2")
    expect(visitor.at("[data-learner=cnn][data-role=learned] li b").first).to_have_text("2")
    visitor.at("#adapt").uncheck()
    visitor.expect_answer("2")
    visitor.at("#adapt").check()
    visitor.expect_answer("7")
    assert sent == []
    visitor.button("Delete it").click()
    visitor.expect_answer("2")
    assert visitor.page.evaluate(OWN) == []


@pytest.mark.long_run
def test_a_drawing_that_is_judged_on_the_device_adapts_the_next_answer(visitor: Visitor) -> None:
    visitor.button("Delete it").click()
    on_the_device(visitor)
    visitor.expect_answer("2")
    visitor.button("Wrong").click()
    visitor.at("#picker [data-label='7']").last.click()
    visitor.expect_answer("7")
    visitor.page.reload()
    visitor.draw(SLANTED)
    visitor.expect_answer("7")


@pytest.mark.long_run
@pytest.mark.parametrize("way", ["forget", "withdraw"])
def test_own_drawings_go_when_the_browser_is_forgotten_or_all_is_withdrawn(visitor: Visitor, way: str) -> None:
    visitor.expect_answer("7")
    visitor.page.wait_for_function(f"async () => (await ({OWN})()).length === 1")
    visitor.page.goto(visitor.page.url.split("/recognise")[0].rstrip("/") + "/mine")
    if way == "forget":
        visitor.at("#forget summary").click()
        visitor.button("Forget this browser now").click()
        expect(visitor.page.get_by_text("Nothing has been saved")).to_be_visible()
    else:
        visitor.at("#withdraw-all summary").click()
        visitor.at("#withdraw-all button").click()
        expect(visitor.at("#withdraw-all [role=status]")).not_to_be_empty()
    visitor.page.wait_for_function(f"async () => (await ({OWN})()).length === 0")
