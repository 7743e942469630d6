"""Ways to an answer without a pointer: a file, the clipboard, a drop, the keyboard, and no script at all."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.visitor import SEVEN, Visitor
from tests.support.sample_drawings import png

# A picture of the browser's own making, in a kind that the API does not take.
JPEG = """async () => {
  const canvas = new OffscreenCanvas(1200, 900), pen = canvas.getContext("2d");
  pen.fillStyle = "#eee"; pen.fillRect(0, 0, 1200, 900);
  pen.fillRect(0, 0, 1, 1); pen.fillStyle = "#222"; pen.fillRect(560, 200, 60, 500);
  const blob = await canvas.convertToBlob({ type: "image/jpeg" });
  return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
}"""
BRING = """([type, text, kind]) => {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "picture", { type: kind }));
  const event = type === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(type === "paste" ? "body" : "h1").dispatchEvent(event);
}"""


@pytest.fixture
def visitor(visit: Callable[..., Visitor], site: Any) -> Visitor:
    return visit(site.url)


def on_the_pad(visitor: Visitor) -> str:
    expect(visitor.at("ink-pad[data-drawn]")).to_be_visible()
    return str(visitor.drawing().get("picture", ""))


def bring(page: Page, how: str, body: bytes, kind: str = "image/png") -> None:
    page.evaluate(BRING, [how, base64.b64encode(body).decode(), kind])


@pytest.mark.long_run
def test_a_chosen_picture_is_answered_and_can_be_corrected_as_a_drawing_can(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.at("ink-pad input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png()})
    visitor.expect_answer("1")
    assert visitor.inked(80, 22)
    visitor.button("Wrong").click()
    visitor.page.keyboard.press("7")
    expect(visitor.at(".correction")).to_be_visible()
    expect(visitor.at(".correction image")).to_have_count(1)
    visitor.page.keyboard.press("Control+z")
    expect(visitor.at("ink-pad[data-drawn]")).to_have_count(0)


def test_a_photograph_is_pasted_and_a_picture_is_dropped(visitor: Visitor) -> None:
    photograph = base64.b64decode(visitor.page.evaluate(JPEG))
    bring(visitor.page, "paste", photograph, "image/jpeg")
    visitor.expect_answer("1")
    first = on_the_pad(visitor)
    assert first.startswith("data:image/png;base64,")
    bring(visitor.page, "dragover", png())
    expect(visitor.at(".pad-drop")).to_be_visible()
    bring(visitor.page, "drop", png())
    expect(visitor.at(".pad-drop")).to_be_hidden()
    visitor.page.wait_for_function("first => document.querySelector('ink-pad').drawing.picture !== first", arg=first)
    visitor.draw(SEVEN)  # a stroke begins another drawing
    assert on_the_pad(visitor) == ""


@pytest.mark.long_run
def test_the_answer_to_a_drawing_is_gone_when_a_picture_takes_its_place_and_so_is_that_to_a_picture(visitor: Visitor) -> None:
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    held: list[Route] = []
    visitor.page.route("**/predictions", lambda route: held.append(route))
    with visitor.page.expect_request("**/predictions"):
        bring(visitor.page, "drop", png())
    expect(visitor.at("#answer")).to_have_text("Looking at it…")
    expect(visitor.at(".prediction li:first-child b").first).to_be_empty()
    held.pop().continue_()
    visitor.expect_answer("1")
    with visitor.page.expect_request("**/predictions"):
        visitor.draw(SEVEN)
    expect(visitor.at("#answer")).to_have_text("Looking at it…")
    held.pop().continue_()
    visitor.expect_answer("1")


@pytest.mark.long_run
def test_what_is_no_picture_or_shows_nothing_is_told(visitor: Visitor) -> None:
    bring(visitor.page, "drop", b"some text", "text/plain")
    expect(visitor.at("#error")).to_contain_text("cannot read this as a picture")
    bring(visitor.page, "paste", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "image/svg+xml")
    expect(visitor.at("#error")).to_contain_text("Nothing was found in this picture")


def test_the_arrow_keys_draw_and_a_screen_reader_is_told(visitor: Visitor) -> None:
    page = visitor.page
    visitor.pad.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # the keyboard has brought the focus here, so the pen shows
    page.keyboard.press("Space")
    expect(visitor.at("[data-pen]")).to_have_text("Pen down, 50\u00a0% from the left, 50\u00a0% from the top")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    assert visitor.inked(50, 70)
    page.keyboard.press("Space")
    expect(visitor.at("[data-pen]")).to_have_text(re.compile("^Pen up, 51"))
    visitor.expect_answer("1")
    (stroke,) = visitor.drawing()["strokes"]
    assert [point[:2] for point in (stroke[0], stroke[-1])] == [[140, 140], [142, 220]]
    assert visitor.drawing()["pointer"] is None
    page.keyboard.down("ArrowLeft")
    page.keyboard.down("ArrowUp")
    page.keyboard.up("ArrowUp")
    page.keyboard.up("ArrowLeft")
    expect(visitor.at("[data-pen]")).to_have_text("45\u00a0% from the left, 76\u00a0% from the top")


@pytest.mark.long_run
def test_a_drawing_of_the_keyboard_is_contributed_with_enter(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/contribute")
    expect(visitor.at("#prompt")).to_have_text(re.compile(r"\d"))
    visitor.pad.focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        visitor.page.keyboard.press(key)
    expect(visitor.at("#count")).to_have_text(re.compile("^1 drawing"))


@pytest.mark.long_run
def test_a_pasted_picture_is_contributed(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/contribute")
    expect(visitor.at("#prompt")).to_have_text(re.compile(r"\d"))
    bring(visitor.page, "paste", png())
    on_the_pad(visitor)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#count")).to_have_text(re.compile("^1 drawing"))


@pytest.mark.long_run
def test_without_a_script_a_form_answers_a_picture(visit: Callable[..., Visitor], site: Any, tmp_path: Path) -> None:
    visitor = visit(site.url, java_script_enabled=False)
    expect(visitor.at("ink-pad")).to_be_hidden()
    (tmp_path / "seven.png").write_bytes(png())
    visitor.page.get_by_label("A picture of one symbol (PNG)").set_input_files(tmp_path / "seven.png")
    visitor.page.get_by_role("button", name="Recognise it").click()
    expect(visitor.at(".answer-words b")).to_have_text("1")
    expect(visitor.at(".prediction")).to_have_count(2)
    for path in ("contribute", "read"):
        visitor.page.goto(f"{site.url}/{path}")
        expect(visitor.at("ink-pad")).to_be_hidden()
        visitor.page.get_by_role("link", name="let the networks recognise a picture").click()
        expect(visitor.page.get_by_label("A picture of one symbol (PNG)")).to_be_visible()
