"""The page Recognise, in a browser, against the app with tiny networks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Request, Route, expect
from sqlalchemy import func, select

from functions.domain.run_step import Step
from functions.records.tables import DrawingRow, Prediction, Sample
from tests.browser.visitor import CROSS, DOT, SEVEN, Visitor
from tests.browser.worker import ManualWorker

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 3}
PREDICTIONS = re.compile(r"/predictions$")


def kept(site: Any, table: type) -> int:
    with site.platform.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(table)))


def samples(site: Any) -> list[tuple[str | None, str]]:
    with site.platform.database.reading() as session:
        return [(one.label, one.status) for one in session.scalars(select(Sample).order_by(Sample.id))]


@pytest.fixture
def visitor(visit: Callable[..., Visitor], site: Any) -> Visitor:
    return visit(site.url)


def test_a_drawing_is_answered_by_four_networks(visitor: Visitor) -> None:
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    expect(visitor.at("#answer-note")).to_have_text("The networks differ: FNN 1, CNN 2.")
    for learner, label in (("fnn", "1"), ("cnn", "2")):
        for role in ("original", "learned"):
            first = visitor.at(f"[data-learner={learner}][data-role={role}] li").first
            expect(first.locator("b")).to_have_text(label)
            assert float(first.locator("meter").evaluate("meter => meter.value")) > 0.9
    seen = visitor.at("#square").evaluate("c => c.getContext('2d').getImageData(0, 0, 28, 28).data.reduce((a, b) => a + b)")
    assert seen > 784 * 255, "there is ink in the square"


@pytest.mark.long_run
def test_the_page_shows_on_demand_what_the_answer_of_the_cnn_depends_on(visitor: Visitor) -> None:
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    visitor.button("Where does the CNN look?").click()
    expect(visitor.at("#explanation [role=status]")).to_contain_text("the CNN’s answer “2” depends on that place")
    with visitor.page.expect_response(re.compile("/explanations$")):  # another drawing is explained without another click
        visitor.draw(CROSS)
    visitor.button("Where does the CNN look?").click()
    expect(visitor.at("#explanation [role=status]")).to_be_empty()


@pytest.mark.long_run
def test_a_stroke_has_no_gaps_and_records_time_and_pointer(visitor: Visitor) -> None:
    visitor.draw([[[20, 20], [40, 20], [60, 20], [80, 20], [80, 80]]])
    assert all(visitor.inked(x, 20) for x in range(20, 61, 2)), "points far apart are joined"
    assert not visitor.inked(30, 60)
    drawing = visitor.drawing()
    times = [point[2] for point in drawing["strokes"][0]]
    assert drawing["pointer"] == "mouse"
    assert times[0] == 0 and times == sorted(times)
    assert {len(point) for point in drawing["strokes"][0]} == {3}, "a mouse has no pressure"


@pytest.mark.long_run
def test_a_point_is_a_drawing(visitor: Visitor) -> None:
    visitor.draw(DOT)
    assert visitor.inked(50, 50)
    visitor.expect_answer("1")


def test_undo_takes_the_last_stroke_and_clear_everything(visitor: Visitor) -> None:
    expect(visitor.button("Undo the last stroke")).to_be_disabled()
    visitor.draw(CROSS)
    assert visitor.inked(30, 70) and visitor.inked(30, 30)
    visitor.button("Undo the last stroke").click()
    assert not visitor.inked(30, 70) and visitor.inked(30, 30)
    visitor.draw(SEVEN)
    visitor.page.keyboard.press("Control+z")
    assert len(visitor.drawing()["strokes"]) == 1
    visitor.button("Clear the pad").click()
    assert visitor.drawing()["strokes"] == []
    assert not visitor.inked(30, 30)
    expect(visitor.at("#answer")).to_have_text("Draw something")
    visitor.button("Undo the last stroke").click()
    assert len(visitor.drawing()["strokes"]) == 1, "clear can be undone"


@pytest.mark.long_run
def test_undo_and_redo_by_key_on_any_keyboard(visitor: Visitor) -> None:
    visitor.draw(CROSS)
    press = """([key, code, shiftKey]) => document.body.dispatchEvent(
        new KeyboardEvent("keydown", {key, code, shiftKey, ctrlKey: true, bubbles: true}))"""
    counts = []
    for key, code, shift in (
        ("я", "KeyZ", False),
        ("Z", "KeyZ", True),
        ("z", "KeyY", False),
        ("z", "KeyZ", False),
        ("н", "KeyY", False),
    ):
        visitor.page.evaluate(press, [key, code, shift])
        counts.append(len(visitor.drawing()["strokes"]))
    assert counts == [1, 2, 1, 0, 1]


@pytest.mark.long_run
def test_a_stroke_that_the_system_takes_away_leaves_nothing(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, **PHONE)
    visitor.finger(CROSS[:1])
    [[first, second]] = visitor.places([[[20, 20], [60, 20]]])
    visitor.touch("touchStart", first)
    visitor.touch("touchMove", second)
    visitor.touch("touchCancel")
    assert len(visitor.drawing()["strokes"]) == 1
    visitor.touch("touchStart", first)
    visitor.page.set_viewport_size({"width": 844, "height": 390})
    visitor.touch("touchEnd")
    expect(visitor.at("ink-pad")).to_have_js_property("busy", False)
    assert len(visitor.drawing()["strokes"]) == 1, "a turned phone ends the stroke"


@pytest.mark.long_run
def test_a_drawing_survives_a_turned_phone(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, **PHONE)
    visitor.finger(CROSS)
    before = visitor.drawing()
    visitor.page.set_viewport_size({"width": 844, "height": 390})
    assert visitor.drawing() == before
    assert visitor.inked(50, 50) and visitor.inked(30, 30)
    width = visitor.pad.evaluate("canvas => canvas.width / canvas.clientWidth")
    assert width == pytest.approx(3, abs=0.02), "as sharp as the screen"


@pytest.mark.long_run
def test_a_finger_draws_and_does_not_scroll(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, **PHONE)
    visitor.finger([[[50, 80], [50, 50], [50, 20]]])
    assert visitor.page.evaluate("scrollY") == 0
    assert visitor.drawing()["pointer"] == "touch"
    assert visitor.inked(50, 50)
    visitor.expect_answer("1")


@pytest.mark.long_run
def test_only_one_finger_draws_at_a_time(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, **PHONE)
    [[a, b, c]], [[d, e]] = visitor.places([[[20, 20], [50, 20], [80, 20]]]), visitor.places([[[20, 80], [80, 80]]])
    visitor.touch("touchStart", a)
    visitor.touch("touchStart", a, d)
    visitor.touch("touchMove", b, e)
    visitor.touch("touchMove", c, e)
    visitor.touch("touchEnd")
    assert len(visitor.drawing()["strokes"]) == 1
    assert visitor.inked(50, 20) and not visitor.inked(50, 80)


@pytest.mark.long_run
def test_a_pen_records_its_pressure_and_the_palm_is_ignored(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, **PHONE)
    pen = visitor.page.context.new_cdp_session(visitor.page)
    [[first, last]], [[palm, slip]] = visitor.places([[[20, 20], [80, 20]]]), visitor.places([[[60, 80], [70, 80]]])

    def move(kind: str, place: list[float]) -> None:
        how = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen", "force": 0.7}
        pen.send("Input.dispatchMouseEvent", {"type": kind, "x": place[0], "y": place[1], **how})

    visitor.touch("touchStart", palm)
    move("mousePressed", first)
    visitor.touch("touchMove", slip)
    move("mouseMoved", last)
    move("mouseReleased", last)
    visitor.touch("touchEnd")
    visitor.touch("touchStart", palm)
    visitor.touch("touchEnd")
    visitor.button("Clear the pad").click()
    visitor.page.wait_for_timeout(3100)
    visitor.touch("touchStart", palm)  # the palm taps before the pen comes
    visitor.touch("touchEnd")
    move("mousePressed", first)
    move("mouseMoved", last)
    move("mouseReleased", last)
    drawing = visitor.drawing()
    assert drawing["pointer"] == "pen"
    assert len(drawing["strokes"]) == 1
    assert drawing["strokes"][0][-1][3] == pytest.approx(0.7, abs=0.01)


def test_consent_is_asked_for_once_where_the_first_verdict_needs_it(visitor: Visitor, site: Any) -> None:
    expect(visitor.at("#consent-state")).to_have_text(re.compile("Nothing that you draw is stored unless you say so."))
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    visitor.button("Right").click()
    expect(visitor.button("Keep and teach")).to_be_focused()
    expect(visitor.at("#consent-state")).to_be_hidden()
    assert [kept(site, table) for table in (DrawingRow, Prediction, Sample)] == [0, 0, 0]
    assert visitor.page.context.cookies() == []
    visitor.button("Keep and teach").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("^Thank you. You said: 1."))
    assert samples(site) == [("1", "accepted")]
    visitor.button("Clear the pad").click()
    visitor.draw(CROSS)
    visitor.button("Wrong").click()
    visitor.page.keyboard.press("4")
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: 4."))
    assert samples(site) == [("1", "accepted"), ("4", "accepted")]


@pytest.mark.long_run
def test_without_consent_a_verdict_is_thanked_for_and_nothing_is_stored(visitor: Visitor, site: Any) -> None:
    visitor.draw(SEVEN)
    visitor.button("Wrong").click()
    visitor.page.keyboard.press("7")
    visitor.button("Just tell me").click()
    expect(visitor.at("#verdict-note")).to_have_text("Thank you. The drawing was not kept, so the networks do not learn from it.")
    visitor.page.reload()
    visitor.draw(SEVEN)
    visitor.button("Right").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("was not kept"))
    assert [kept(site, table) for table in (DrawingRow, Prediction, Sample)] == [0, 0, 0]
    assert visitor.page.context.cookies() == []
    visitor.button("Change").click()
    visitor.button("Keep and teach").click()
    visitor.button("Right").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: 1."))
    assert samples(site) == [("1", "accepted")]


@pytest.mark.long_run
def test_the_consent_is_within_reach_on_a_phone(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, **PHONE)
    visitor.finger()
    visitor.expect_answer("1")
    visitor.button("Right").tap()
    expect(visitor.button("Keep and teach")).to_be_in_viewport(ratio=1)


@pytest.mark.long_run
def test_with_consent_only_the_checked_drawing_is_stored(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(CROSS)
    visitor.button("Clear the pad").click()
    visitor.draw(SEVEN)
    visitor.button("Right").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("^Thank you. You said: 1."))
    assert [kept(site, table) for table in (DrawingRow, Prediction, Sample)] == [1, 1, 1]
    assert samples(site) == [("1", "accepted")]


@pytest.mark.long_run
def test_consent_is_remembered(visitor: Visitor) -> None:
    visitor.agree()
    expect(visitor.at("#consent-state")).to_contain_text("Drawings that you check are kept")
    visitor.button("Change").click()
    visitor.button("Just tell me").click()
    visitor.page.reload()
    expect(visitor.at("#consent-state")).to_contain_text("Nothing that you draw is stored.")


@pytest.mark.long_run
def test_the_refused_answer_is_not_offered_again(visitor: Visitor) -> None:
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    visitor.button("Wrong").click()
    expect(visitor.at("#picker [data-label='2']")).to_be_visible()
    expect(visitor.at("#picker [data-label='1']")).to_be_hidden()


@pytest.mark.long_run
def test_a_mistaken_verdict_can_be_changed(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Not a symbol").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("not a symbol"))
    expect(visitor.at(".correction-details")).to_contain_text("You said: not a symbol.")
    visitor.button("Wrong").click()
    visitor.at("#picker").get_by_role("button", name="7", exact=True).click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: 7."))
    expect(visitor.at(".correction")).to_have_count(1)
    assert kept(site, DrawingRow) == 1
    assert samples(site) == [(None, "withdrawn"), ("7", "accepted")]


def test_a_correction_can_be_withdrawn(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Right").click()
    expect(visitor.at(".correction")).to_contain_text("Thank you. This counts as a right answer.")
    visitor.button("Delete it").click()
    expect(visitor.at(".correction")).to_contain_text("Deleted.")
    assert samples(site) == [("1", "withdrawn")]
    visitor.button("Right").click()
    expect(visitor.at(".correction")).to_contain_text("This counts as a right answer.")
    assert samples(site) == [("1", "withdrawn"), ("1", "accepted")]


def test_the_progress_is_shown_until_the_new_version_answers(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Wrong").click()
    visitor.page.keyboard.press("7")
    expect(visitor.at(".run")).to_contain_text("Learning starts as soon as you pause")
    worker = ManualWorker(site.platform)
    worker.report(0.4, Step.of("fitting", learner="cnn", method="fine_tuning", step=120, steps=300))
    expect(visitor.at(".run p")).to_have_text("The CNN is learning: step 120 of 300.")
    assert visitor.at(".run progress").evaluate("bar => bar.value") == pytest.approx(0.4)
    worker.publish(7)
    expect(visitor.at(".run")).to_be_hidden()
    expect(visitor.at(".correction-answers")).to_have_text(re.compile(r"^1\s\(.*→7\s\("))
    expect(visitor.at(".correction-details")).to_contain_text("Everybody gets this answer now.")
    visitor.expect_answer("7")
    expect(visitor.button("Wrong")).to_have_attribute("aria-pressed", "false")
    plain = visitor.button("Not a symbol").evaluate("button => getComputedStyle(button).backgroundColor")
    expect(visitor.button("Right")).to_have_css("background-color", plain)  # it does not look as if it were chosen
    expect(visitor.at("[data-learner=cnn][data-role=original] b").first).to_have_text("2")


@pytest.mark.long_run
def test_the_page_says_that_a_new_version_failed_the_gate(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Wrong").click()
    visitor.page.keyboard.press("7")
    expect(visitor.at(".correction")).to_have_count(1)
    ManualWorker(site.platform).reject()
    expect(visitor.at(".correction")).to_contain_text("The new versions did not pass their check, so the old ones stay.")


@pytest.mark.long_run
def test_a_right_answer_is_counted_without_a_lesson_to_watch(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Right").click()
    expect(visitor.at(".correction")).to_contain_text("Thank you. This counts as a right answer.")
    expect(visitor.at(".run")).to_be_hidden()
    ManualWorker(site.platform).publish(1)
    expect(visitor.at(".correction-answers")).to_have_text("1")


def test_a_correction_survives_a_reload_and_a_second_tab_with_the_way_to_delete_it(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Wrong").click()
    visitor.page.keyboard.press("7")
    expect(visitor.at(".correction")).to_contain_text("For everybody: soon, once the networks have learned from it.")
    visitor.page.reload()
    expect(visitor.at(".run")).to_contain_text("Learning starts as soon as you pause")
    ManualWorker(site.platform).publish(7)
    expect(visitor.at(".correction-details")).to_contain_text("Everybody gets this answer now.")
    second = Visitor(visitor.page.context.new_page(), site.url)
    second.button("Delete it").click()
    expect(visitor.at(".correction")).to_contain_text("Deleted.")
    assert samples(site) == [("7", "withdrawn")]


@pytest.mark.long_run
def test_a_drawing_comes_back_with_its_verdict_in_another_language_and_gives_no_second_sample(
    visitor: Visitor, site: Any
) -> None:
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Not a symbol").click()
    expect(visitor.at(".correction")).to_have_count(1)
    visitor.at(".language").first.click()
    expect(visitor.at("html")).to_have_attribute("lang", "ru")
    visitor.expect_answer("1")
    nothing, right = visitor.at("[data-verdict=nothing]"), visitor.at("[data-verdict=right]")
    expect(nothing).to_have_attribute("aria-pressed", "true")
    right.click()
    expect(right).to_have_attribute("aria-pressed", "true")
    expect(visitor.at(".correction")).to_have_count(1)
    assert kept(site, DrawingRow) == 1
    assert samples(site) == [(None, "withdrawn"), ("1", "accepted")]


@pytest.mark.long_run
def test_what_another_tab_deletes_is_judged_no_more_in_the_first(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Not a symbol").click()
    expect(visitor.at(".correction")).to_have_count(1)
    second = Visitor(visitor.page.context.new_page(), site.url)
    second.button("Delete it").click()
    expect(visitor.button("Not a symbol")).to_have_attribute("aria-pressed", "false")
    visitor.button("Right").click()
    expect(visitor.at("#verdict-note")).to_contain_text("You said: 1")
    assert samples(site) == [(None, "withdrawn"), ("1", "accepted")]


@pytest.mark.long_run
def test_the_answer_waits_or_fails_in_its_own_words(visitor: Visitor) -> None:
    visitor.forgiving = True
    answers: list[Route] = []
    visitor.page.route(PREDICTIONS, lambda route: answers.append(route))
    visitor.draw(SEVEN)
    expect(visitor.at("#answer")).to_have_text("Looking at it…")
    visitor.page.wait_for_timeout(50)
    answers[-1].continue_()
    visitor.expect_answer("1")
    visitor.button("Clear the pad").click()
    visitor.draw(CROSS)
    expect(visitor.at("#answer")).to_have_text("Looking at it…")
    expect(visitor.at("[data-learner=fnn] li b").first).to_have_text("")
    visitor.page.wait_for_timeout(50)
    answers[-1].abort()
    expect(visitor.at("#answer")).to_have_text("No answer yet")


@pytest.mark.long_run
def test_a_correction_that_waits_for_the_owner_says_so(visit: Callable[..., Visitor], make_site: Callable[..., Any]) -> None:
    visitor = visit(make_site(trust="moderated").url)
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.button("Wrong").click()
    visitor.page.keyboard.press("7")
    expect(visitor.at(".correction")).to_contain_text("The networks will learn from it after a check.")


@pytest.mark.long_run
def test_right_means_what_was_shown_even_if_a_new_version_answers_meanwhile(visitor: Visitor, site: Any) -> None:
    visitor.agree()
    visitor.draw(CROSS)
    visitor.button("Right").click()
    expect(visitor.at(".correction")).to_have_count(1)
    visitor.draw(SEVEN)
    expect(visitor.button("Right")).to_be_enabled()
    ManualWorker(site.platform).publish(7)
    site.platform.runtime.refresh()
    visitor.button("Right").click()
    expect(visitor.at(".correction")).to_have_count(2)
    assert samples(site) == [("1", "accepted"), ("1", "accepted")]


def test_without_a_connection_the_page_says_so_and_keeps_the_drawing(visitor: Visitor) -> None:
    visitor.forgiving = True
    visitor.page.context.set_offline(True)
    visitor.draw(SEVEN)
    expect(visitor.at("#error")).to_contain_text("There is no connection. Your drawing is still here.")
    assert visitor.inked(40, 25)
    expect(visitor.at(".networks")).to_be_hidden()  # there is nothing to show in it
    visitor.page.context.set_offline(False)
    visitor.expect_answer("1")
    expect(visitor.at("#square")).to_be_visible()
    expect(visitor.at("#error")).to_be_hidden()


FAILURES = (
    (429, {"Retry-After": "7"}, "too_many_requests", "Too many requests. Try again in 7 seconds."),
    (503, {"Retry-After": "5"}, "unavailable", "The server cannot answer now"),
    (500, {}, "internal", "Something went wrong on the server"),
    (422, {}, "blank_drawing", "Nothing is drawn on the pad."),
    (418, {}, "teapot", "That did not work: I am a teapot."),
)


def answering(status: int, headers: dict[str, str], error: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, headers=headers, json=error)


@pytest.mark.long_run
def test_every_failure_has_a_sentence_and_can_be_retried(visitor: Visitor) -> None:
    visitor.forgiving = True
    for status, headers, code, words in FAILURES:
        error = {"error": {"code": code, "message": "I am a teapot.", "request_id": "x"}}
        visitor.page.route(PREDICTIONS, answering(status, headers, error))
        visitor.draw(SEVEN)
        expect(visitor.at("#error")).to_contain_text(words)
        assert visitor.drawing()["strokes"] != []
        visitor.page.unroute(PREDICTIONS)
        visitor.button("Try again").click()
        visitor.expect_answer("1")
        expect(visitor.at("#error")).to_be_hidden()
        visitor.button("Clear the pad").click()


@pytest.mark.long_run
@pytest.mark.parametrize("lost", ["/predictions$", "/correction$"])
def test_a_correction_whose_answer_was_lost_is_stored_once(visitor: Visitor, site: Any, lost: str) -> None:
    visitor.forgiving = True
    visitor.agree()
    visitor.draw(SEVEN)
    expect(visitor.button("Right")).to_be_enabled()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    visitor.page.route(re.compile(lost), lose, times=1)
    visitor.button("Right").click()
    expect(visitor.at("#error")).to_contain_text("There is no connection.")
    visitor.button("Try again").click()
    expect(visitor.at(".correction")).to_have_count(1)
    assert samples(site) == [("1", "accepted")]
    assert kept(site, DrawingRow) == 1


@pytest.mark.long_run
def test_only_the_newest_drawing_is_answered(visitor: Visitor) -> None:
    asked: list[int] = []

    def count(request: Request) -> None:
        if request.method == "POST":
            asked.append(len(request.post_data_json["strokes"]))

    visitor.page.on("request", count)
    visitor.draw(CROSS)
    visitor.expect_answer("1")
    assert asked[-1] == 2
    assert len(asked) <= 2


@pytest.mark.long_run
def test_a_correction_needs_no_mouse(visitor: Visitor, site: Any) -> None:
    visitor.draw(SEVEN)
    keys = visitor.page.keyboard
    visitor.at("[data-verdict=right]").focus()
    keys.press("Tab")
    expect(visitor.at("[data-verdict=wrong]")).to_be_focused()
    expect(visitor.button("Wrong")).to_be_enabled()
    keys.press("Enter")
    expect(visitor.at("#picker button").first).to_be_focused()
    keys.press("Escape")
    expect(visitor.at("#picker")).to_be_hidden()
    expect(visitor.button("Wrong")).to_be_focused()
    keys.press("Enter")
    for key in ("ArrowRight", "Enter", "Enter"):  # the last one agrees
        keys.press(key)
    expect(visitor.at("#verdict-note")).to_have_text(re.compile("You said: 2."))
    assert samples(site) == [("2", "accepted")]


@pytest.mark.long_run
def test_below_a_path_of_another_host_the_pages_work_too(visit: Callable[..., Visitor], make_site: Callable[..., Any]) -> None:
    site = make_site(prefix="/ink")
    visitor = visit(f"{site.url}/ink/")
    visitor.agree()
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    visitor.at("nav.site-nav a").nth(2).click()
    expect(visitor.page).to_have_url(f"{site.url}/ink/contribute")
    assert {cookie["path"] for cookie in visitor.page.context.cookies()} <= {"/ink"}


@pytest.mark.long_run
def test_the_wheel_moves_nothing_below_a_pen_that_is_down(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(site.url, viewport={"width": 800, "height": 400})
    [[first, second]] = visitor.places([[[30, 40], [60, 50]]])
    mouse, before = visitor.page.mouse, visitor.page.evaluate("scrollY")
    mouse.move(*first)
    mouse.down()
    mouse.wheel(0, 200)
    mouse.move(*second)
    assert visitor.page.evaluate("scrollY") == before
    mouse.up()
    mouse.wheel(0, 200)
    visitor.page.wait_for_function("before => scrollY !== before", arg=before)
