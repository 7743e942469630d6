"""Measure in Chromium how soon the page Recognise can be used, and how long people wait for what they do.

    python -m benchmarks.interactive

It starts a platform of its own. *Interactive* is the time from the start of a first visit, with an empty cache, until the page
has wired its pad and its buttons. *Answered* is the time from the pen's lift until the answer is on the page, *where it looks*
that from the button's press until the CNN's map is drawn. Each figure is a median, of seven visits, forty real strokes and forty
real drawings. The slow connection and the slow processor are Chromium's own throttling: 1.6 Mbit/s with 150 ms for each round
trip, and a quarter of the processor's speed. *A sitting* is a hundred real drawings on Contribute, each of the symbol that the
page asks for, and each with all its points; what five minutes leave for each drawing is a person's own time.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.end_to_end import Drawing, own_platform
from tests import servers
from tests.support.pictures import REAL

VISITS = 7
DRAWINGS = 40
SITTING, LONGEST = 100, 300.0  # drawings, seconds
SLOW_BYTES = 1.6e6 / 8  # bytes a second
ROUND_TRIP = 150  # ms
SLOWER = 4  # times
# The module of the page writes this line when it has wired everything else.
WATCH = """
const look = () => {
  if (document.querySelector("#consent-state span")?.textContent) window.interactive ??= performance.now();
  else requestAnimationFrame(look);
};
document.addEventListener("DOMContentLoaded", look);
"""
ANSWERS = """() => {
  window.answered = [];
  let lifted = 0;
  document.querySelector("ink-pad canvas").addEventListener("pointerup", () => { lifted = performance.now(); }, true);
  new MutationObserver(() => {
    const box = document.querySelector(".answer");
    if (!lifted || box.hasAttribute("data-stale") || ["empty", "waiting", "failed"].includes(box.dataset.status)) return;
    window.answered.push(performance.now() - lifted);
    lifted = 0;
  }).observe(document.querySelector(".answer"), { attributes: true, subtree: true, childList: true });
}"""

EXPLAINS = """() => new Promise((done) => {
  const line = document.querySelector("#explanation [role=status]");
  const pressed = performance.now();
  const watch = new MutationObserver(() => {
    if (!line.textContent) return;
    watch.disconnect();
    requestAnimationFrame(() => done(performance.now() - pressed));
  });
  watch.observe(line, { childList: true, characterData: true, subtree: true });
  document.querySelector("#explanation button").click();
})"""
NEXT = """() => {
  const prompt = document.querySelector("#prompt");
  let pressed = 0;
  document.addEventListener("keydown", () => { pressed = performance.now(); }, { capture: true, once: true });
  window.next = new Promise((done) => {
    const watch = new MutationObserver(() => {
      watch.disconnect();
      requestAnimationFrame(() => done(performance.now() - pressed));
    });
    watch.observe(prompt, { childList: true, characterData: true, subtree: true });
  });
}"""


def first_visit(browser: Browser, url: str, slow: bool) -> float:
    """Return the milliseconds until a first visitor's page is interactive."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(WATCH)
    if slow:
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        speeds = {"downloadThroughput": SLOW_BYTES, "uploadThroughput": SLOW_BYTES}
        session.send("Network.emulateNetworkConditions", {"offline": False, "latency": ROUND_TRIP, **speeds})
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url)
    page.wait_for_function("window.interactive")
    milliseconds = float(page.evaluate("window.interactive"))
    context.close()
    return milliseconds


def answers(browser: Browser, url: str, drawings: list[Drawing]) -> list[float]:
    """Return the milliseconds from the pen's lift to the answer, of drawings with one stroke."""
    page = browser.new_context().new_page()
    page.goto(url)
    page.wait_for_function("document.querySelector('#consent-state span').textContent")
    page.evaluate(ANSWERS)
    for number, drawing in enumerate(drawings):
        stroke(page, drawing)
        page.wait_for_function("count => window.answered.length > count", arg=number)
        page.locator("[data-action=clear]").click()
    return [float(one) for one in page.evaluate("window.answered")]


def explanations(browser: Browser, url: str, drawings: list[Drawing]) -> list[float]:
    """Return the milliseconds from the press of the button to the map of what the CNN's answer depends on."""
    page, times = browser.new_context().new_page(), []
    page.goto(url)
    page.wait_for_function("document.querySelector('#consent-state span').textContent")
    for drawing in drawings:
        draw(page, drawing["strokes"], drawing["box"])
        page.wait_for_selector("#explanation button[aria-disabled=false]")
        times.append(float(page.evaluate(EXPLAINS)))
        page.locator("#explanation button").click()  # off again
        page.locator("[data-action=clear]").click()
    return times


def sitting(browser: Browser, url: str) -> tuple[float, list[float]]:
    """Contribute a hundred drawings; return the seconds until all are acknowledged, and the milliseconds to each next prompt."""
    page, times = browser.new_context().new_page(), []
    page.goto(f"{url}/contribute")
    began = time.monotonic()
    for number in range(SITTING):
        expect(page.locator("#prompt")).to_have_text(re.compile(r"\S"))
        asked = page.locator("#prompt").inner_text()
        of_asked = [one for one in REAL if one["label"] == asked]
        drawing = of_asked[number % len(of_asked)]
        draw(page, drawing["strokes"], drawing["box"])
        page.evaluate(NEXT)
        page.keyboard.press("Enter")
        times.append(float(page.evaluate("window.next")))
    expect(page.locator("#count")).to_contain_text(str(SITTING), timeout=60_000)
    took = time.monotonic() - began
    page.context.close()
    return took, times


def stroke(page: Page, drawing: Drawing) -> None:
    """Draw the longest stroke of a drawing."""
    draw(page, [max(drawing["strokes"], key=len)], drawing["box"])


def draw(page: Page, strokes: list[Any], size: tuple[float, float]) -> None:
    """Draw strokes of a pad of ``size`` with the mouse."""
    box = page.locator("ink-pad canvas").bounding_box()
    assert box is not None
    scale = box["width"] / max(size)
    for points in strokes:
        places = [(box["x"] + x * scale, box["y"] + y * scale) for x, y, *_ in points]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def main() -> None:
    """Print the medians."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with own_platform() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.chromium(), args=["--disable-gpu", *flags])
        first_visit(browser, url, slow=False)  # the server compiles its templates
        for name, slow in (("loopback", False), (f"1.6 Mbit/s, processor {SLOWER} times slower", True)):
            times = [first_visit(browser, url, slow) for _ in range(VISITS)]
            print(f"interactive, {name}: {median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})")
        times = answers(browser, url, REAL[:DRAWINGS])
        print(f"answered after the pen's lift: {median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})")
        times = explanations(browser, url, REAL[:DRAWINGS])
        print(f"where it looks, after the button: {median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})")
        took, times = sitting(browser, url)
        print(f"a sitting of {SITTING} drawings, without a person's time: {took:.1f} s")
        print(f"the next prompt after Enter: {median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})")
        print(f"{LONGEST:.0f} s leave a person {(LONGEST - took) / SITTING:.1f} s for each drawing")
        browser.close()


if __name__ == "__main__":
    main()
