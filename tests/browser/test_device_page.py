"""Recognise on the visitor's own device, in a browser, against the app with tiny networks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Request, Route, expect

from functions import registry
from functions.settings import ROOT
from tests.browser.conftest import Site
from tests.browser.test_recognise_page import PHONE, samples
from tests.browser.visitor import CROSS, SEVEN, Visitor
from tests.support.learned_versions import learned

Visit = Callable[..., Visitor]

PREDICTIONS = re.compile(r"/predictions$")
ARTEFACT = re.compile(r"/artefact$")
RUNTIME = re.compile(r"\.wasm$")
STAYS = "Nothing leaves this device until you judge an answer and let the drawing be kept."
SENT = "Each drawing is sent to the server, which answers."


def line(visitor: Visitor) -> object:
    return expect(visitor.at("#place p"))


def choose(visitor: Visitor, place: str) -> None:
    visitor.at("#place label").filter(has_text=place).click()


def on_the_device(visitor: Visitor) -> list[str]:
    """Let the device answer; return the list to which the addresses of later drawings that are sent are added."""
    choose(visitor, "on this device")
    expect(visitor.at("#place")).to_have_attribute("data-state", "ready")
    sent: list[str] = []
    visitor.page.on("request", lambda request: _note(request, sent))
    return sent


def _note(request: Request, sent: list[str]) -> None:
    if request.method == "POST":
        sent.append(request.url)


@pytest.mark.parametrize("options", [pytest.param({}, marks=pytest.mark.long_run), PHONE], ids=["desktop", "phone"])
def test_a_chosen_device_answers_and_nothing_leaves_it(site: Site, visit: Visit, options: dict[str, object]) -> None:
    visitor = visit(site.url, **options)
    line(visitor).to_have_text(SENT)
    sent = on_the_device(visitor)
    line(visitor).to_have_text(STAYS)
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    expect(visitor.at("#answer-note")).to_have_text("The networks differ: FNN 1, CNN 2.")
    assert float(visitor.at("[data-learner=cnn][data-role=original] meter").first.evaluate("meter => meter.value")) > 0.9
    visitor.button("Clear the pad").click()
    expect(visitor.at("#answer")).to_have_text("Draw something")
    assert sent == []


@pytest.mark.long_run
def test_the_answer_follows_the_pen(site: Site, visit: Visit) -> None:
    visitor = visit(site.url)
    on_the_device(visitor)
    mouse, [first, *rest] = visitor.page.mouse, visitor.places(SEVEN)[0]
    mouse.move(*first)
    mouse.down()
    for place in rest:
        mouse.move(*place)
    visitor.expect_answer("1")
    ink = "c => c.getContext('2d').getImageData(0, 0, 28, 28).data.reduce((a, b) => a + b)"
    assert visitor.at("#square").evaluate(ink) > 784 * 255, "the square is alive too"
    expect(visitor.at(".answer")).to_have_attribute("aria-live", "off")
    expect(visitor.button("Right")).to_be_disabled()
    mouse.up()
    expect(visitor.button("Right")).to_be_enabled()
    expect(visitor.at(".answer")).to_have_attribute("aria-live", "polite")


@pytest.mark.long_run
def test_a_judged_drawing_goes_to_the_server_only_with_consent(site: Site, visit: Visit) -> None:
    visitor = visit(site.url)
    sent = on_the_device(visitor)
    visitor.draw(SEVEN)
    visitor.button("Right").click()
    visitor.button("Just tell me").click()
    assert sent == [] and samples(site) == []
    visitor.at("#consent-state button").click()
    visitor.button("Keep and teach").click()
    visitor.button("Clear the pad").click()
    visitor.draw(CROSS)
    visitor.button("Right").click()
    expect(visitor.at("#verdict-note")).to_contain_text("1")
    assert [label for label, _ in samples(site)] == ["1"]
    assert len(sent) == 2, "the drawing and its correction"


@pytest.mark.long_run
def test_the_choice_is_remembered_and_holds_for_the_first_drawing(site: Site, visit: Visit) -> None:
    visitor = visit(site.url)
    sent = on_the_device(visitor)
    visitor.page.reload()
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    assert sent == []
    choose(visitor, "on the server")
    line(visitor).to_have_text(SENT)
    visitor.draw(CROSS)
    visitor.expect_answer("1")
    assert sent


SLOW = """() => {
  const asked = window.fetch;
  let last = 0;
  performance.now = () => last; // a clock that this test alone moves
  window.fetch = async (...request) => {
    const answer = await asked(...request);
    if (String(request[0]).endsWith("/predictions")) last += window.late;
    return answer;
  };
  window.late = 5000;
}"""


@pytest.mark.long_run
@pytest.mark.parametrize("chosen", [False, True], ids=["left to the page", "the server is chosen"])
def test_a_slow_server_lets_the_device_answer_unless_the_person_chose_the_server(site: Site, visit: Visit, chosen: bool) -> None:
    visitor = visit(site.url)
    if chosen:
        choose(visitor, "on this device")
        choose(visitor, "on the server")
    visitor.page.evaluate(SLOW)
    for strokes in (SEVEN, CROSS, SEVEN):
        visitor.button("Clear the pad").click() if strokes is CROSS else None
        visitor.draw(strokes)
        visitor.expect_answer("1")
    if chosen:
        line(visitor).to_have_text(SENT)
        return
    line(visitor).to_contain_text("The server answers slowly, so this device answers.")
    expect(visitor.at("#place [value=device]")).to_be_checked()
    sent: list[str] = []
    visitor.page.on("request", lambda request: _note(request, sent))
    visitor.draw(CROSS)
    visitor.expect_answer("1")
    assert sent == []
    choose(visitor, "on the server")
    line(visitor).to_have_text(SENT)
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    assert sent


@pytest.mark.long_run
def test_a_new_live_version_replaces_the_local_one_at_the_next_look(site: Site, visit: Visit) -> None:
    visitor = visit(site.url)
    on_the_device(visitor)
    visitor.draw(SEVEN)
    best = visitor.at("[data-learner=cnn][data-role=learned] li b").first
    expect(best).to_have_text("2")
    made = learned(site.platform)
    with site.platform.database.writing() as session:
        registry.activate(session, made, "test")
    visitor.page.evaluate("const now = performance.now.bind(performance); performance.now = () => now() + 60_000")
    visitor.draw(CROSS)
    expect(best).to_have_text("7")
    expect(visitor.at("[data-learner=cnn][data-role=original] li b").first).to_have_text("2")


NOT_LOADED = "The program that runs the networks could not be loaded."
BROKEN = (
    pytest.param(ARTEFACT, b"no network at all", "A network arrived damaged and cannot be run here.", id="artefact"),
    pytest.param(RUNTIME, b"\0asm\1\0\0\0" + bytes(100), NOT_LOADED, id="half a runtime"),
    pytest.param(re.compile(r"/deviceWorker\.js$"), None, NOT_LOADED, id="no worker", marks=pytest.mark.long_run),
)


@pytest.mark.long_run
@pytest.mark.parametrize(("file", "body", "reason"), BROKEN)
def test_where_the_networks_cannot_run_the_page_says_so_and_the_server_answers(
    site: Site, visit: Visit, file: re.Pattern[str], body: bytes | None, reason: str
) -> None:
    visitor = visit(site.url)
    visitor.forgiving = True

    def spoil(route: Route) -> None:
        route.abort() if body is None else route.fulfill(body=body, content_type="application/wasm")

    visitor.page.context.route(file, spoil)
    choose(visitor, "on this device")
    line(visitor).to_have_text(f"{reason} The server answers instead.")
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    visitor.page.context.unroute(file)
    choose(visitor, "on the server")
    choose(visitor, "on this device")
    line(visitor).to_have_text(STAYS)


@pytest.mark.long_run
def test_a_browser_that_is_too_old_is_told_so(site: Site, visit: Visit) -> None:
    visitor = visit(site.url)
    visitor.page.add_init_script("WebAssembly.validate = () => false")
    visitor.page.reload()
    choose(visitor, "on this device")
    line(visitor).to_have_text("This browser is too old to run the networks. The server answers instead.")
    visitor.draw(SEVEN)
    visitor.expect_answer("1")


@pytest.mark.long_run
def test_a_visitor_who_does_not_want_it_loads_nothing_of_it(site: Site, visit: Visit) -> None:
    visitor = visit("about:blank")
    loaded: list[str] = []
    visitor.page.on("request", lambda request: loaded.append(request.url))
    visitor.page.goto(site.url)
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    lazy = {path.name for path in (ROOT / "static" / "js").glob("device*.js")} | {"square.js", "combine.js", "core.js"}
    assert not [url for url in loaded if url.rsplit("/", 1)[-1] in lazy or "artefact" in url or "litert" in url]
