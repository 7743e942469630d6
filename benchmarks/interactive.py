"""Measure in Chromium how soon the page Recognise can be used, and how soon a drawing is answered.

    python -m benchmarks.interactive

It starts a platform of its own. *Interactive* is the time from the start of a first visit, with an empty cache, until the page
has wired its pad and its buttons. *Answered* is the time from the pen's lift until the answer is on the page. Each figure is a
median, of seven visits and of forty real strokes. The slow connection and the slow processor are Chromium's own throttling:
1.6 Mbit/s with 150 ms for each round trip, and a quarter of the processor's speed.
"""

from __future__ import annotations

import argparse
import os
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.end_to_end import Drawing, own_platform
from tests import servers
from tests.support.pictures import REAL

VISITS = 7
DRAWINGS = 40
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
    time = float(page.evaluate("window.interactive"))
    context.close()
    return time


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
    return [float(time) for time in page.evaluate("window.answered")]


def stroke(page: Page, drawing: Drawing) -> None:
    """Draw the longest stroke of a drawing."""
    box = page.locator("ink-pad canvas").bounding_box()
    assert box is not None
    points = max(drawing["strokes"], key=len)
    scale = box["width"] / max(drawing["box"])
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
        browser.close()


if __name__ == "__main__":
    main()
