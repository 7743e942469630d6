"""Draw the pictures of the tour and of the tutorial again, from a platform that people have used.

    .venv/bin/python docs/pictures/make.py      # two minutes; needs requirements-dev.txt

Look at them before they are committed. The other pictures of this folder come from benchmarks, which their pages name.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests import servers  # noqa: E402
from tests.browser.acts import draw  # noqa: E402
from tests.browser.stage import fill, platform  # noqa: E402
from tests.browser.test_loop import mistaken  # noqa: E402
from tests.support.pictures import REAL  # noqa: E402

SEVEN = [one for one in REAL if one["label"] == "7"][2]
WIDTH = 1280  # pixels of the screen
SETTLED = 700  # ms until an answer or a chart is there


def take(page: Page, name: str, width: int, height: int) -> None:
    """Write the upper part of a page, made so small, as WebP or as PNG with few colours."""
    page.wait_for_timeout(SETTLED)
    page.set_viewport_size({"width": WIDTH, "height": height * WIDTH // width})
    page.evaluate("scrollTo(0, 0)")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    if name.endswith(".png"):
        picture.quantize(128).save(HERE / name, optimize=True)
    else:
        picture.save(HERE / name, quality=82, method=6)
    print(HERE / name)


def open_page(browser: Browser, address: str) -> Page:
    """Open a page as somebody who has been here before."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 900}, locale="en-GB", service_workers="block")
    context.add_init_script("try { localStorage.setItem('inkloop.example', 'shown'); } catch {}")
    page = context.new_page()
    page.goto(address)
    return page


def correct(page: Page, label: str) -> None:
    """Say what the drawing is, and let it be kept."""
    page.locator("[data-verdict=wrong]").click()
    page.keyboard.press(label)
    page.locator("[data-consent=yes]").click()
    page.locator(".correction").wait_for()


def recognise(browser: Browser, url: str) -> None:
    """An answer, explained, and a correction that is learned."""
    page = open_page(browser, url)
    draw(page, SEVEN)
    page.locator("#explanation button[aria-disabled=false]").click()
    take(page, "recognise.webp", 1000, 815)
    page = open_page(browser, url)
    draw(page, SEVEN)
    take(page, "tutorial-answer.png", 800, 608)
    wrong = mistaken(url)
    for name, width, height in (("lesson.webp", 1000, 828), ("tutorial-corrected.png", 800, 760)):
        page = open_page(browser, url)
        draw(page, wrong)
        page.wait_for_timeout(SETTLED)
        correct(page, wrong["label"])
        take(page, name, width, height)


def contribute(browser: Browser, url: str) -> None:
    """A sitting under way."""
    page = open_page(browser, f"{url}/contribute/digits")
    for number in range(6):
        page.wait_for_timeout(SETTLED)
        asked = page.locator("#prompt").inner_text()
        draw(page, [one for one in REAL if one["label"] == asked][number % 3])
        if number < 5:
            page.keyboard.press("Enter")
    take(page, "tutorial-contribute.png", 800, 608)


def main() -> None:
    """Draw them all."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as home, platform(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.chromium(), args=["--disable-gpu", *flags])
        fill(browser, url)
        take(open_page(browser, f"{url}/dataset/digits"), "dataset.webp", 1000, 671)
        take(open_page(browser, f"{url}/models/digits"), "models.webp", 1000, 890)
        recognise(browser, url)
        contribute(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
