"""Draw every page, in both themes and both languages, on a phone and on a desktop: ``make shots``.

It starts the whole platform in a folder of its own, lets people give real drawings and corrections, and writes one PNG for each
page and state. Somebody then looks at them. ``python -m tests.shots FOLDER --only phone-dark-ru`` draws a part.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from typing import Any
from urllib.error import URLError

from playwright.sync_api import Browser, Page, sync_playwright

from functions.settings import ROOT
from tests import servers
from tests.support.pictures import REAL

PASSWORD = "the owner's password"
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2},
}
THEMES = ("light", "dark")
LANGUAGES = {"en": "en-GB", "ru": "ru-RU"}
PAGES = {
    "read": "/read/digits",
    "models": "/models/digits",
    "models-characters": "/models/characters",
    "compare": "/models/digits/compare",
    "dataset": "/dataset/digits",
    "mine": "/mine",
    "about": "/about",
    "how": "/how-it-works",
    "networks": "/networks",
    "privacy": "/privacy",
    "reference": "/reference",
    "offline": "/offline",
    "nothing": "/nothing",
}
OWNERS = ("", "moderation", "versions", "runs", "sets", "sets/digits", "contributors", "tokens", "webhooks", "audit", "settings")
SETTLED = 700  # ms until an answer or a chart is there
PATIENCE = 90  # seconds for a start or a lesson


@contextmanager
def platform(home: Path) -> Iterator[str]:
    """Run the platform, and yield its address."""
    url = f"http://127.0.0.1:{(port := servers.free_port())}"
    env = os.environ | {"INKLOOP_HOME": str(home), "PORT": str(port), "ADMIN_PASSWORD": PASSWORD, "INKLOOP_LIMITS": "off"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "main.py"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        wait_for(f"{url}/readyz")
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_for(url: str) -> None:
    """Wait until an address answers."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(URLError, OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise TimeoutError(url)


def draw(page: Page, drawing: dict[str, Any]) -> None:
    """Draw real strokes on the pad of a page."""
    pad = page.locator("ink-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    (wide, high), mouse = drawing["box"], page.mouse
    side = min(box["width"], box["height"])
    for stroke in drawing["strokes"]:
        (x, y), *rest = [(box["x"] + one[0] / wide * side, box["y"] + one[1] / high * side) for one in stroke]
        mouse.move(x, y)
        mouse.down()
        for place in rest:
            mouse.move(*place)
        mouse.up()


def fill(browser: Browser, url: str) -> None:
    """Let people give drawings, and correct some answers, as visitors with cookies of their own do."""
    for person in range(12):  # enough for charts with several points
        context = browser.new_context()
        for number, drawing in enumerate(REAL[person % 6 * 10 : person % 6 * 10 + 10]):
            wide, high = drawing["box"]
            body = {"strokes": drawing["strokes"], "width": wide, "height": high, "pointer": "pen"}
            sets = f"{url}/api/v1/sets/digits"
            if person < 6 and number % 3:
                context.request.post(f"{sets}/samples", data={**body, "label": drawing["label"]})
            else:
                found = context.request.post(f"{sets}/predictions", data={**body, "consent": True}).json()
                context.request.post(f"{url}/api/v1/predictions/{found['id']}/correction", data={"label": drawing["label"]})
        if person < 2:  # somebody reports a drawing, and the owner has something to decide
            context.request.post(
                f"{url}/api/v1/samples/{context.request.get(f'{sets}/samples').json()['samples'][0]['id']}/report"
            )
        context.close()
    context = browser.new_context()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        runs = context.request.get(f"{url}/api/v1/sets/digits/runs").json()["runs"]
        if runs and all(run["state"] not in ("queued", "running") for run in runs):
            break
        time.sleep(0.5)
    context.close()


class Shots:
    """A folder that gets pictures of a visitor's pages."""

    def __init__(self, page: Page, url: str, folder: Path, name: str) -> None:
        self.page, self.url, self.folder, self.name = page, url, folder, name

    def take(self, state: str, *, whole: bool = True) -> None:
        """Write a picture of the page as it is now."""
        self.page.screenshot(path=self.folder / f"{state}-{self.name}.png", full_page=whole)

    def visitor(self) -> None:
        """Go through the pages as a visitor does."""
        page = self.page
        page.goto(f"{self.url}/")
        page.locator("#example:not(:empty)").wait_for()
        self.take("recognise-1-first-visit")
        draw(page, REAL[7])
        page.wait_for_timeout(SETTLED)
        page.locator("#explanation button").click()
        page.wait_for_timeout(SETTLED)
        self.take("recognise-2-answer")
        page.locator("[data-verdict=wrong]").click()
        self.take("recognise-3-picker", whole=False)
        page.keyboard.press("4")
        self.take("recognise-4-consent", whole=False)
        page.locator("[data-consent=yes]").click()
        page.locator(".correction").wait_for()
        page.wait_for_timeout(SETTLED)
        self.take("recognise-5-lesson")
        page.goto(f"{self.url}/recognise/characters")
        draw(page, REAL[0])
        page.wait_for_timeout(SETTLED)
        page.locator("[data-verdict=wrong]").click()
        self.take("recognise-6-characters")
        page.goto(f"{self.url}/contribute/digits")
        page.wait_for_timeout(SETTLED)
        for number in (3, 11, 24):
            draw(page, REAL[number])
            page.keyboard.press("Enter")
            page.wait_for_timeout(SETTLED)
        draw(page, REAL[3])
        self.take("contribute")
        for name, path in PAGES.items():
            page.goto(self.url + path)
            for chart in page.locator(".plot").all():
                chart.scroll_into_view_if_needed()  # charts that can be zoomed are made when they come near
            page.wait_for_timeout(SETTLED)
            self.take(name)
        page.goto(f"{self.url}/dataset/digits")
        page.locator(".gallery a").first.click()
        self.take("drawing")
        page.goto(f"{self.url}/models/digits")
        page.locator(".model-more a").first.click()
        self.take("version")

    def owner(self) -> None:
        """Go through the owner's pages."""
        page = self.page
        page.goto(f"{self.url}/admin/login")
        self.take("owner-login", whole=False)
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.locator(".tabs").wait_for()
        for name in OWNERS:
            page.goto(f"{self.url}/admin/{name}")
            self.take(f"owner-{(name or 'home').replace('/', '-')}")
        page.goto(f"{self.url}/admin/moderation")
        page.locator(".theirs a").first.click()
        self.take("owner-contributor")


def main() -> None:
    """Write the pictures of all sizes, themes and languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "var" / "shots")
    parser.add_argument("--only", default="", help="a part of the name of what to draw, such as phone-dark-ru")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as home, platform(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=servers.chromium(), args=["--disable-gpu", *flags])
        fill(browser, url)
        for size, theme, language in product(SIZES, THEMES, LANGUAGES):
            name = f"{size}-{theme}-{language}"
            if chosen.only not in name:
                continue
            context = browser.new_context(**SIZES[size], color_scheme=theme, locale=LANGUAGES[language], service_workers="block")
            shots = Shots(context.new_page(), url, chosen.folder, name)
            shots.visitor()
            shots.owner()
            context.close()
        browser.close()
    print(json.dumps({"folder": str(chosen.folder), "pictures": len(list(chosen.folder.glob("*.png")))}))


if __name__ == "__main__":
    main()
