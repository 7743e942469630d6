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
from tests.shots import SETTLED, draw, fill, platform  # noqa: E402
from tests.support.pictures import REAL  # noqa: E402

SEVEN, FOUR = (next(one for one in REAL if one["label"] == label) for label in "74")


def take(page: Page, name: str, height: int) -> None:
    """Write the upper part of a page, as WebP or as PNG with few colours."""
    page.wait_for_timeout(SETTLED)
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})  # type: ignore[index]
    page.evaluate("scrollTo(0, 0)")
    picture = Image.open(io.BytesIO(page.screenshot()))
    if name.endswith(".png"):
        picture.convert("RGB").quantize(128).save(HERE / name, optimize=True)
    else:
        picture.convert("RGB").save(HERE / name, quality=82, method=6)
    print(HERE / name)


def open_page(browser: Browser, address: str, width: int) -> Page:
    """Open a page as somebody who has been here before."""
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="en-GB", service_workers="block")
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
    page = open_page(browser, url, 1000)
    draw(page, SEVEN)
    page.locator("#explanation button[aria-disabled=false]").click()
    take(page, "recognise.webp", 781)
    page = open_page(browser, url, 1000)
    draw(page, FOUR)
    page.wait_for_timeout(SETTLED)
    correct(page, "9")
    take(page, "lesson.webp", 828)
    page = open_page(browser, url, 800)
    draw(page, SEVEN)
    take(page, "tutorial-answer.png", 608)
    correct(page, "1")
    take(page, "tutorial-corrected.png", 760)


def contribute(browser: Browser, url: str) -> None:
    """A sitting under way."""
    page = open_page(browser, f"{url}/contribute/digits", 800)
    for drawing in REAL[3:30:6]:
        draw(page, drawing)
        page.keyboard.press("Enter")
        page.wait_for_timeout(SETTLED)
    draw(page, SEVEN)
    take(page, "tutorial-contribute.png", 760)


def main() -> None:
    """Draw them all."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as home, platform(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.chromium(), args=["--disable-gpu", *flags])
        fill(browser, url)
        take(open_page(browser, f"{url}/dataset/digits", 1000), "dataset.webp", 671)
        take(open_page(browser, f"{url}/models/digits", 1000), "models.webp", 890)
        recognise(browser, url)
        contribute(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
