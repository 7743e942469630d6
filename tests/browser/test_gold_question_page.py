"""Gold questions on the page Contribute."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from functions.learners.squares import Squares, save_squares
from functions.records.tables import GoldAnswer
from tests.browser.visitor import SEVEN, Visitor


@pytest.fixture
def site(make_site: Callable[..., Any], tmp_path: Path) -> Any:
    """A site whose hold-out set is one square: a vertical bar, labelled 1."""
    opened = make_site()
    models = opened.platform.settings.models
    squares = np.zeros((1, 28, 28), np.uint8)
    squares[0, 4:24, 13:16] = 255
    file = models / "digits" / "holdout.npz"
    save_squares(file, Squares(squares, np.array([1])), "for tests")
    manifest = json.loads((models / "manifest.json").read_text())
    manifest["sets"]["digits"]["holdout"] = {
        "file": "digits/holdout.npz",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    (models / "manifest.json").write_text(json.dumps(manifest))
    return opened


def answers(site: Any) -> list[bool]:
    with site.platform.database.reading() as session:
        return [check.right for check in session.query(GoldAnswer).order_by(GoldAnswer.id)]


def test_a_gold_question_appears_between_two_drawings_and_can_be_skipped(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/contribute")
    expect(visitor.at("#gold-question")).to_be_hidden()
    visitor.at("#gold-question").evaluate("box => { box.dataset.interval = 1; }")

    def save() -> None:
        expect(visitor.at("#gold-question form")).to_be_hidden()
        visitor.draw(SEVEN)
        visitor.page.keyboard.press("Enter")
        expect(visitor.at("#gold-question form")).to_be_visible()

    def answer(label: str) -> None:
        visitor.at("#gold-question-label").select_option(label)
        visitor.button("Answer").click()

    save()
    assert visitor.at("#gold-question img").evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 280
    answer("1")
    expect(visitor.at("#gold-question [role=status]")).to_have_text("Correct: 1.")
    save()
    visitor.button("Skip").click()
    expect(visitor.at("#gold-question")).to_be_hidden()
    save()
    answer("4")
    expect(visitor.at("#gold-question [role=status]")).to_have_text("The author meant: 1.")
    assert answers(site) == [True, False]


@pytest.mark.long_run
def test_a_gold_question_does_not_move_the_page_under_a_pen(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/contribute", viewport={"width": 390, "height": 640})
    asked: list[Route] = []
    visitor.page.route("**/check", lambda route: asked.append(route))
    visitor.at("#gold-question").evaluate("box => { box.dataset.interval = 1; }")
    visitor.draw(SEVEN)
    with visitor.page.expect_request("**/check"):
        visitor.page.keyboard.press("Enter")
    (x, y), *_ = visitor.places(SEVEN)[0]
    mouse, scrolled = visitor.page.mouse, visitor.page.evaluate("scrollY")
    mouse.move(x, y)
    mouse.down()
    with visitor.page.expect_response("**/check"):
        asked.pop().continue_()
    visitor.page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    expect(visitor.at("#gold-question")).to_be_hidden()
    mouse.move(x + 40, y)
    mouse.up()
    expect(visitor.at("#gold-question")).to_be_hidden()
    assert visitor.page.evaluate("scrollY") == scrolled
    visitor.page.keyboard.press("Control+z")  # the pad is empty again
    expect(visitor.at("#gold-question form")).to_be_visible()


@pytest.mark.long_run
def test_a_set_without_gold_questions_asks_none(visit: Callable[..., Visitor], make_site: Callable[..., Any]) -> None:
    visitor = visit(f"{make_site().url}/contribute")
    visitor.forgiving = True  # the browser reports every 404
    visitor.at("#gold-question").evaluate("box => { box.dataset.interval = 1; }")
    visitor.draw(SEVEN)
    with visitor.page.expect_response("**/check"):
        visitor.page.keyboard.press("Enter")
    expect(visitor.at("#save-status")).to_contain_text("Last: ")
    expect(visitor.at("#gold-question")).to_be_hidden()
