"""The page Read, in a browser: tiny networks for what the page does, the shipped ones for what it is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from functions.records.tables import DrawingRow, Sample
from functions.settings import ROOT
from tests.browser.visitor import Visitor
from tests.support.sample_lines import line, picture_of

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 3,
    "reduced_motion": "reduce",
}
HIGH = 180  # of 280 units that a line of ``sample_lines`` takes, with its margins


@pytest.fixture
def site(make_site: Callable[..., Any]) -> Any:
    """The app with the shipped networks."""
    return make_site(models=ROOT / "models")


@pytest.fixture
def visitor(visit: Callable[..., Visitor], site: Any) -> Visitor:
    return visit(f"{site.url}/read/digits")


def write(visitor: Visitor, text: str, at: float = 0.0, *, finger: bool = False) -> None:
    """Write a line with the mouse or a finger, as high as the pad, ``at`` heights of the pad from its left."""
    scroller = visitor.at(".pad-scroll")
    box = scroller.bounding_box()
    assert box is not None
    moved = scroller.evaluate("element => element.scrollLeft")
    scale = box["height"] / HIGH
    mouse = visitor.page.mouse
    for stroke in line(text)["strokes"]:
        places = [[box["x"] + x * scale + at * box["height"] - moved, box["y"] + y * scale] for x, y in stroke]
        if finger:
            visitor.touch("touchStart", places[0])
            for place in places[1:]:
                visitor.touch("touchMove", place)
            visitor.touch("touchEnd")
            continue
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place)
        mouse.up()


def expect_text(visitor: Visitor, text: str) -> None:
    expect(visitor.at("#spoken")).to_have_text(text)
    expect(visitor.at("#text .glyph")).to_have_text(list(text))
    expect(visitor.at(".glyph-box")).to_have_count(len(text))


def join_the_first_two(visitor: Visitor) -> None:
    """Write 118, and join the first two pieces."""
    visitor.agree()
    write(visitor, "118")
    expect_text(visitor, "118")
    visitor.at("#text .glyph").first.click()
    visitor.button("Join with the next").click()
    expect(visitor.at(".glyph-box")).to_have_count(2)


def write_a_four_in_two_pieces(visitor: Visitor) -> None:
    """Write 118, join the first two pieces, and say that they are a 4."""
    join_the_first_two(visitor)
    visitor.page.keyboard.press("4")


def samples(site: Any) -> list[tuple[str | None, str]]:
    with site.platform.database.reading() as session:
        return [(one.label, one.status) for one in session.scalars(select(Sample).order_by(Sample.id))]


def drawings(site: Any) -> int:
    with site.platform.database.reading() as session:
        return sum(bool(row.square) for row in session.scalars(select(DrawingRow)))


def test_a_number_is_read_and_each_symbol_shows_its_four_answers(visitor: Visitor, site: Any) -> None:
    write(visitor, "417")
    expect_text(visitor, "417")
    visitor.at("#text .glyph").nth(2).click()
    expect(visitor.at("#glyph-title")).to_have_text("Symbol 3 of 3")
    expect(visitor.at(".prediction li:first-child b")).to_have_text(["7"] * 4)
    visitor.page.keyboard.press("ArrowLeft")
    expect(visitor.at("#glyph-title")).to_have_text("Symbol 2 of 3")
    visitor.at(".glyph-box button").first.click()
    expect(visitor.at("#glyph-title")).to_have_text("Symbol 1 of 3")
    assert drawings(site) == 0


@pytest.mark.long_run
def test_typed_symbols_correct_one_glyph_each_and_stay_while_one_writes_on(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    write(visitor, "17")
    expect_text(visitor, "17")
    visitor.at("#text .glyph").first.click()
    visitor.page.keyboard.type("47")  # faster than they are sent
    expect_text(visitor, "47")
    expect(visitor.at(".correction")).to_have_count(2)
    assert [label for label, _ in samples(site)] == ["4", "7"]
    assert drawings(site) == 2
    write(visitor, "0", at=1.1)
    expect_text(visitor, "470")
    visitor.button("All correct").click()
    expect(visitor.at("#verdict-note")).to_contain_text("Thank you")
    assert [label for label, _ in samples(site)] == ["4", "7", "0"]
    assert drawings(site) == 3, "what is kept already is not kept again"


@pytest.mark.long_run
def test_writing_on_keeps_no_symbol_twice_where_only_one_was_corrected_and_a_cut_was_mended(visitor: Visitor, site: Any) -> None:
    write_a_four_in_two_pieces(visitor)
    expect_text(visitor, "48")
    write(visitor, "7", at=1.6)
    expect_text(visitor, "487")
    visitor.at("#text .glyph").nth(2).click()
    visitor.page.keyboard.press("7")
    expect(visitor.at(".correction")).to_have_count(2)
    assert [label for label, _ in samples(site)] == ["4", "7"]
    assert drawings(site) == 3


@pytest.mark.long_run
def test_a_second_verdict_on_a_glyph_replaces_the_first(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    write(visitor, "1")
    expect_text(visitor, "1")
    visitor.at("#text .glyph").click()
    for label in "47":
        visitor.page.keyboard.press(label)
        expect(visitor.at("#verdict-note")).to_contain_text(f"You said: {label}")
    expect(visitor.at(".correction")).to_have_count(1)
    assert [(label, status == "withdrawn") for label, status in samples(site)] == [("4", True), ("7", False)]


@pytest.mark.long_run
def test_a_withdrawn_glyph_can_be_judged_again_and_the_others_stay_as_they_were(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    write(visitor, "17")
    expect_text(visitor, "17")
    visitor.at("#text .glyph").first.click()
    visitor.page.keyboard.type("48")
    expect(visitor.at(".correction")).to_have_count(2)
    visitor.at(".correction button").last.click()  # the four's, the older one
    expect_text(visitor, "18")
    visitor.at("#text .glyph").first.click()
    visitor.page.keyboard.press("4")
    expect_text(visitor, "48")
    expect(visitor.at("#verdict-note")).to_contain_text("Thank you")
    kept = [label for label, status in samples(site) if status != "withdrawn"]
    assert kept == ["8", "4"]


@pytest.mark.long_run
def test_a_wrong_cut_is_joined_split_and_put_back(visitor: Visitor, site: Any) -> None:
    join_the_first_two(visitor)
    visitor.button("Put it back as it was").click()
    expect_text(visitor, "118")
    visitor.button("Join with the next").click()
    expect(visitor.at(".glyph-box")).to_have_count(2)
    visitor.page.keyboard.press("Control+z")  # the newest change is the cut, not a stroke
    expect_text(visitor, "118")
    assert samples(site) == []
    assert drawings(site) == 3


@pytest.mark.long_run
def test_consent_is_asked_for_once_and_what_was_said_before_is_sent_then(visitor: Visitor, site: Any) -> None:
    write(visitor, "11")
    expect_text(visitor, "11")
    visitor.at("#text .glyph").first.click()
    visitor.page.keyboard.press("7")
    expect(visitor.at("#consent")).to_be_visible()
    expect_text(visitor, "71")
    assert drawings(site) == 0
    visitor.button("Keep and teach").click()
    expect(visitor.at(".correction")).to_have_count(1)
    visitor.button("All correct").click()
    expect(visitor.at("#verdict-note")).to_contain_text("You said: 1")
    assert [label for label, _ in samples(site)] == ["7", "1"]


@pytest.mark.long_run
def test_without_consent_symbols_are_corrected_on_the_page_alone(visitor: Visitor, site: Any) -> None:
    write(visitor, "11")
    expect_text(visitor, "11")
    visitor.at("#text .glyph").first.click()
    visitor.page.keyboard.press("7")
    visitor.button("Just tell me").click()
    expect_text(visitor, "71")
    visitor.button("All correct").click()
    expect(visitor.at("#verdict-note")).to_contain_text("not kept")
    visitor.button("Split in two").click()
    visitor.button("Just tell me").click()
    expect(visitor.at("#verdict-note")).to_contain_text("only if they may be kept")
    assert drawings(site) == 0


@pytest.mark.long_run
def test_a_server_that_fails_loses_nothing(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.forgiving = True
    write(visitor, "17")
    expect_text(visitor, "17")
    visitor.page.route("**/correction", lambda route: route.abort())
    visitor.at("#text .glyph").first.click()
    visitor.page.keyboard.type("47")
    expect(visitor.at("#error")).to_contain_text("no connection")
    expect_text(visitor, "47")
    visitor.page.unroute("**/correction")
    visitor.button("Try again").click()
    expect(visitor.at(".correction")).to_have_count(2)
    assert [label for label, _ in samples(site)] == ["4", "7"]


@pytest.mark.long_run
def test_strokes_are_undone_and_redone_and_a_cleared_pad_comes_back(visitor: Visitor) -> None:
    write(visitor, "11")
    expect_text(visitor, "11")
    visitor.page.keyboard.press("Control+z")
    expect_text(visitor, "1")
    visitor.page.keyboard.press("Control+Shift+z")
    expect_text(visitor, "11")
    visitor.button("Clear the pad").click()
    expect(visitor.at("#empty")).to_be_visible()
    expect(visitor.at(".glyph-box")).to_have_count(0)
    visitor.button("Undo the last stroke").click()
    expect_text(visitor, "11")


@pytest.mark.long_run
def test_on_a_phone_the_pad_grows_to_the_right_and_moves_on(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/read/digits", **PHONE)
    write(visitor, "188", finger=True)
    expect_text(visitor, "188")
    scroller = visitor.at(".pad-scroll")
    expect(visitor.button("Move the pad back")).to_be_visible()  # it has moved by itself
    moved = scroller.evaluate("element => element.scrollLeft / element.clientHeight")
    assert moved > 0.1
    write(visitor, "2", at=1.2, finger=True)
    expect_text(visitor, "1882")
    wide = visitor.drawing()["width"]
    assert wide > 400, "the pad is wider than the screen"
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page itself does not scroll sideways"


@pytest.mark.long_run
def test_a_line_comes_back_with_its_verdicts_in_another_language_and_gives_no_second_sample(visitor: Visitor, site: Any) -> None:
    write_a_four_in_two_pieces(visitor)
    expect(visitor.at(".correction")).to_have_count(1)
    visitor.at(".language").first.click()
    expect(visitor.at("html")).to_have_attribute("lang", "ru")
    expect_text(visitor, "48")
    assert visitor.at("#text .glyph[data-said]").count() == 1
    visitor.at("#text .glyph").first.click()
    expect(visitor.at("#verdict-note")).to_contain_text("4")
    visitor.page.keyboard.press("9")
    expect_text(visitor, "98")
    expect(visitor.at(".correction")).to_have_count(1)
    visitor.button("Всё верно").click()
    expect(visitor.at(".correction")).to_have_count(2)
    assert [(label, status == "withdrawn") for label, status in samples(site)] == [("4", True), ("9", False), ("8", False)]
    assert drawings(site) == 2, "what is kept already is not kept again"
    visitor.at(".correction button").last.click()
    expect(visitor.at("#text .glyph[data-said]")).to_have_count(1)


@pytest.mark.long_run
def test_a_corrected_picture_comes_back_in_another_language_and_as_a_drawing_alone_in_another_set(
    visitor: Visitor, site: Any
) -> None:
    bring(visitor, "417")
    expect_text(visitor, "417")
    visitor.at("#text .glyph").first.click()
    visitor.page.keyboard.press("9")
    visitor.button("Just tell me").click()
    visitor.at(".language").first.click()
    expect(visitor.at("html")).to_have_attribute("lang", "ru")
    expect_text(visitor, "917")
    visitor.at(".site-head a[href$='/read/characters']").first.click()
    expect(visitor.at("#text .glyph")).to_have_text(["4", "1", "7"])
    assert drawings(site) == 0


def bring(visitor: Visitor, text: str, **how: float) -> None:
    """Choose a picture of a line."""
    buffer = picture_of(line(text, **how))
    visitor.at("ink-pad input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": buffer})


def boxed(visitor: Visitor, number: int) -> dict[str, float]:
    """Return where a box lies on the canvas, in hundredths of its sides."""
    box, canvas = visitor.at(".glyph-box").nth(number).bounding_box(), visitor.pad.bounding_box()
    assert box is not None
    assert canvas is not None
    left, wide = (100 * length / canvas["width"] for length in (box["x"] - canvas["x"], box["width"]))
    top, high = (100 * length / canvas["height"] for length in (box["y"] - canvas["y"], box["height"]))
    return {"left": left, "middle": left + wide / 2, "right": left + wide, "top": top, "bottom": top + high}


def test_a_picture_of_a_line_is_read_corrected_and_cut_as_writing_is(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    bring(visitor, "417", gap=0.6)
    expect_text(visitor, "417")
    one = boxed(visitor, 1)
    ink = [visitor.inked(x, 50) for x in (one["left"], one["middle"], one["right"])]
    assert ink == [False, True, False], "the box lies around its symbol in the picture"
    assert one["top"] < 40 / 180 * 100 < 140 / 180 * 100 < one["bottom"]
    visitor.at("#text .glyph").nth(1).click()
    visitor.page.keyboard.press("9")
    expect_text(visitor, "497")
    expect(visitor.at(".correction image")).to_have_count(1)
    visitor.at("#text .glyph").nth(1).click()
    visitor.button("Join with the next").click()
    expect(visitor.at(".glyph-box")).to_have_count(2)
    visitor.button("Put it back as it was").click()
    expect(visitor.at(".glyph-box")).to_have_count(3)
    assert [label for label, _ in samples(site)] == ["9"]
    bring(visitor, "80")
    expect_text(visitor, "80")  # another picture takes over nothing
    visitor.page.keyboard.press("Control+z")
    expect_text(visitor, "417")


@pytest.mark.long_run
def test_a_long_line_in_a_picture_is_scrolled_and_its_boxes_with_it(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/read/digits", **PHONE)
    bring(visitor, "18811887")
    expect_text(visitor, "18811887")
    visitor.button("Move the pad on").click()
    visitor.at("#text .glyph").last.click()
    last = boxed(visitor, 7)
    assert any(visitor.inked(last["left"] + part * (last["right"] - last["left"]), 50) for part in (0.2, 0.4, 0.5, 0.6, 0.8))
    scroller = visitor.at(".pad-scroll")
    assert scroller.evaluate("element => element.scrollLeft") > 0


@pytest.mark.long_run
def test_a_line_is_written_with_the_keyboard_and_the_pad_follows_the_pen(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/read/digits", viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = visitor.page
    visitor.pad.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # the keyboard has brought the focus here, so the pen shows
    for key in ["Space", *["ArrowDown"] * 12, "Space"]:
        page.keyboard.press(key)
    expect_text(visitor, "1")
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    for key in ["Space", *["ArrowUp"] * 12, "Space"]:
        page.keyboard.press(key)
    expect_text(visitor, "11")
    first, second = visitor.drawing()["strokes"]
    assert second[0][0] - first[0][0] == 40 * 8
    seen = "element => [element.scrollLeft, element.scrollLeft + element.clientWidth].map(x => 280 * x / element.clientHeight)"
    left, right = visitor.at(".pad-scroll").evaluate(seen)
    assert left > 0
    assert left < second[-1][0] < right, "the pen is in sight"
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"


@pytest.mark.long_run
def test_a_word_is_written_in_another_set(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/read/characters")
    write(visitor, "47")
    expect(visitor.at("#text .glyph")).to_have_text(["4", "7"])


@pytest.mark.long_run
def test_thirty_one_symbols_get_a_clear_sentence(visitor: Visitor) -> None:
    visitor.forgiving = True
    many = [[[10 + 30 * i, 100, i], [10 + 30 * i, 200, i]] for i in range(31)]
    pad = visitor.page.locator("ink-pad")
    pad.evaluate("(pad, strokes) => { pad.drawing = { strokes, pointer: 'pen', width: 1200 }; }", many)
    pad.evaluate("pad => pad.dispatchEvent(new CustomEvent('drawing', { detail: pad.drawing }))")
    expect(visitor.at("#error")).to_contain_text("at most 30 symbols")
    assert len(visitor.drawing()["strokes"]) == 31
