"""The whole platform after people and its owner have used it: what ``states`` are shown on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError

from playwright.sync_api import Browser, BrowserContext

from functions.settings import ROOT
from tests import servers
from tests.browser.acts import WAIT, sign_in
from tests.support.pages import PASSWORD
from tests.support.pictures import REAL

PATIENCE = 180  # seconds for a start or a lesson on a busy machine
SETS = {"shapes": "star heart moon spaceship Donaudampfschifffahrtsgesellschaftskapitän", "vowels": "A E I O U"}
REPORTED = 43  # drawings; a page of the queue has 40


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


def fill(browser: Browser, url: str) -> None:
    """Let people give drawings, and correct some answers, as visitors with cookies of their own do."""
    sets = f"{url}/api/v1/sets/digits"
    for person in range(12):  # enough for charts with several points
        with somebody(browser) as context:
            for number, drawing in enumerate(REAL[person % 6 * 10 : person % 6 * 10 + 10]):
                if person < 6 and number % 3:
                    give(context, sets, drawing)
                    continue
                found = send(context, f"{sets}/predictions", {**body_of(drawing), "consent": True})
                send(context, f"{url}/api/v1/predictions/{found['id']}/correction", {"label": drawing["label"]})
            if person < 2:  # somebody reports a drawing, and the owner has something to decide
                report(context, url, context.request.get(f"{sets}/samples").json()["samples"][0]["id"])
    with somebody(browser) as context:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            runs = context.request.get(f"{sets}/runs").json()["runs"]
            if runs and all(run["state"] not in ("queued", "running") for run in runs):
                break
            time.sleep(0.5)


def furnish(browser: Browser, url: str) -> None:
    """Let people and the owner bring about what ``states`` show: own sets, wrong labels, reports, a token, a webhook."""
    with somebody(browser) as context:
        page = context.new_page()
        sign_in(page, url)
        for name, labels in SETS.items():
            page.goto(f"{url}/admin/sets")
            page.locator("#set-name").fill(name)
            page.locator("#set-labels").fill(labels)
            page.locator("[aria-labelledby=new-set] button").click()
            page.locator(f"#set-{name}").wait_for(timeout=WAIT)
        page.goto(f"{url}/admin/sets/vowels")
        page.locator("[value=hide]").click()
        page.locator("#news").wait_for(timeout=WAIT)
        page.goto(f"{url}/admin/tokens")
        page.locator("#token-name").fill("laptop")
        page.keyboard.press("Enter")
        page.locator("#token-text").wait_for(timeout=WAIT)
        page.goto(f"{url}/admin/webhooks")
        page.locator("#webhook-url").fill("https://hooks.example/inkloop")
        page.locator("[name=event]").first.check()
        page.locator("form:has(#webhook-url) button").click()
        page.locator("#secret-text").wait_for(timeout=WAIT)
    fill(browser, url)
    with somebody(browser) as context:  # whose labels are wrong
        for drawing in REAL[:12]:
            give(context, f"{url}/api/v1/sets/digits", {**drawing, "label": str((int(drawing["label"]) + 3) % 10)})
    given = []
    for person in range(6):
        with somebody(browser) as context:
            sets = f"{url}/api/v1/sets/characters"
            given += [give(context, sets, drawing) for drawing in REAL[person * 10 : person * 10 + 10]]
    with somebody(browser) as context:
        for sample in given[:REPORTED]:
            report(context, url, sample)


@contextmanager
def somebody(browser: Browser) -> Iterator[BrowserContext]:
    """Yield a browser of a person's own."""
    context = browser.new_context(locale="en-GB")
    yield context
    context.close()


def body_of(drawing: dict[str, Any]) -> dict[str, Any]:
    wide, high = drawing["box"]
    return {"strokes": drawing["strokes"], "width": wide, "height": high, "pointer": "pen"}


def send(context: BrowserContext, address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Post a body, again while a busy server says that it is not available, and return the answer."""
    deadline = time.monotonic() + PATIENCE
    while (answer := context.request.post(address, data=body)).status == 503 and time.monotonic() < deadline:
        time.sleep(1)
    assert answer.ok, answer.text()
    return dict(answer.json())


def give(context: BrowserContext, sets: str, drawing: dict[str, Any]) -> str:
    """Give a drawing with its label, and return its sample."""
    return str(send(context, f"{sets}/samples", {**body_of(drawing), "label": drawing["label"]})["id"])


def report(context: BrowserContext, url: str, sample: str) -> None:
    """Report a drawing."""
    send(context, f"{url}/api/v1/samples/{sample}/report")
