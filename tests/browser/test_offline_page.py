"""Recognise and Contribute without a connection, with the service worker of the app, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from functions.settings import ROOT
from functions.web.pages import offline
from tests.browser.conftest import Site
from tests.browser.test_device_page import choose, on_the_device
from tests.browser.test_recognise_page import samples
from tests.browser.visitor import CROSS, SEVEN, Visitor

Visit = Callable[..., Visitor]

UNTIL = """async ([condition, given]) => {
  const holds = {
    kept: async () => {
      const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
      const found = await Promise.all(caches_.map(async (cache) => (await cache.keys()).map(({ url }) => new URL(url).pathname)));
      return navigator.serviceWorker.controller && given.every((pathname) => found.flat().includes(pathname));
    },
    caches: async () => String((await caches.keys()).sort()) === String(given),
  }[condition];
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}"""


def wait_until_kept(page: Page, *pathnames: str) -> None:
    """Wait until the service worker is there and keeps these files."""
    page.evaluate(UNTIL, ["kept", list(pathnames)])


@pytest.fixture
def arrive(visit: Visit) -> Visit:
    """Send a visitor whose browser may have a service worker, and who expects failed requests."""

    def come(url: str, **options: object) -> Visitor:
        visitor = visit(url, service_workers="allow", **options)
        visitor.forgiving = True
        return visitor

    return come


@pytest.mark.long_run
def test_recognise_answers_on_the_device_after_a_reload_without_a_connection(site: Site, arrive: Visit) -> None:
    visitor = arrive(site.url)
    on_the_device(visitor)
    runtime = "/static/vendor/litert/litert_wasm_compat_internal.wasm"
    artefacts = [f"/api/v1/versions/digits-{learner}-1/artefact" for learner in ("fnn", "cnn")]
    wait_until_kept(visitor.page, "/", "/contribute", runtime, "/api/v1/sets/digits/networks", *artefacts)
    visitor.page.context.set_offline(True)
    visitor.page.reload()
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    expect(visitor.at("#place p")).to_contain_text("Nothing leaves this device")
    choose(visitor, "on the server")
    visitor.button("Clear the pad").click()
    visitor.draw(CROSS)
    visitor.expect_answer("1")
    expect(visitor.at("#place p")).to_have_text("The server cannot be reached, so this device answers.")
    visitor.page.context.set_offline(False)
    visitor.draw(SEVEN)
    expect(visitor.at("#place p")).to_have_text("Each drawing is sent to the server, which answers.")


@pytest.mark.long_run
def test_without_networks_on_the_device_the_page_says_so(site: Site, arrive: Visit) -> None:
    visitor = arrive(site.url)
    wait_until_kept(visitor.page, "/", "/static/js/deviceNetworks.js")
    visitor.page.context.set_offline(True)
    visitor.page.reload()
    choose(visitor, "on this device")
    expect(visitor.at("#place p")).to_have_text("The networks are not on this device yet, and the server cannot be reached.")
    visitor.draw(SEVEN)
    expect(visitor.at("#error")).to_be_visible()
    visitor.page.context.set_offline(False)
    visitor.at("#error button").click()
    visitor.expect_answer("1")
    visitor.draw(CROSS)
    expect(visitor.at("#place")).to_have_attribute("data-state", "ready")


BEFORE = """localStorage.setItem("inkloop.waiting.k", JSON.stringify({
  key: "k", at: 1, set: "digits", label: "4", tried: true, unwanted: false,
  body: { strokes: [[[60, 60], [60, 150], [180, 150]], [[150, 60], [150, 240]]], width: 280, height: 280 },
}))"""


def test_contribute_queues_drawings_without_a_connection_and_each_arrives_once(site: Site, arrive: Visit) -> None:
    visitor = arrive(site.url)
    wait_until_kept(visitor.page, "/contribute")
    visitor.page.context.set_offline(True)
    visitor.page.goto(f"{site.url}/contribute")
    for count in (1, 2, 3):
        visitor.at("#choice").select_option(str(count))
        visitor.draw(SEVEN)
        visitor.page.keyboard.press("Enter")
    expect(visitor.at("#offline")).to_contain_text(
        "3 drawings are not sent yet: there is no connection. They are kept on this device."
    )
    visitor.page.reload()
    expect(visitor.at("#offline")).to_contain_text("3 drawings are not sent yet")
    visitor.page.evaluate(BEFORE)  # as the release before stored what waits
    visitor.page.reload()
    expect(visitor.at("#offline")).to_contain_text("4 drawings are not sent yet")
    assert visitor.page.evaluate("Object.keys(localStorage).filter((name) => name.includes('waiting'))") == []
    visitor.page.context.set_offline(False)
    expect(visitor.at("#offline")).to_be_hidden()
    expect(visitor.at("#count")).to_contain_text("4")
    visitor.page.reload()
    expect(visitor.at("#count")).to_contain_text("4")
    assert sorted(str(label) for label, _ in samples(site)) == ["1", "2", "3", "4"]


@pytest.mark.long_run
def test_other_pages_lead_to_those_that_work(site: Site, arrive: Visit) -> None:
    visitor = arrive(site.url)
    wait_until_kept(visitor.page, "/offline")
    visitor.page.context.set_offline(True)
    visitor.page.goto(f"{site.url}/models")
    expect(visitor.at("h1")).to_have_text("There is no connection")
    visitor.at("main").get_by_role("link", name="Recognise").click()
    expect(visitor.at("h1")).to_have_text("Draw a symbol")


@pytest.mark.long_run
def test_a_new_release_replaces_old_files_without_a_stuck_page(
    site: Site, arrive: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = arrive(site.url)
    on_the_device(visitor)
    runtime = "/static/vendor/litert/core.js"
    wait_until_kept(visitor.page, "/", runtime)
    monkeypatch.setattr(offline, "release", lambda: "a-newer-release")
    visitor.page.reload()  # the old worker passes the new page on, and does not keep it
    visitor.draw(SEVEN)
    visitor.expect_answer("1")
    visitor.page.evaluate(UNTIL, ["caches", ["inkloop-a-newer-release", "inkloop-networks"]])
    wait_until_kept(visitor.page, "/", runtime)
    visitor.page.context.set_offline(True)
    visitor.page.reload()
    visitor.draw(CROSS)
    visitor.expect_answer("1")


def counted(site: Site) -> list[tuple[str, int]]:
    """Return a list that gets the path and the bytes of the body of each answer of the site, whoever asks for it."""
    found: list[tuple[str, int]] = []
    app = site.server.app

    def counting(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        sent = 0
        for part in app(environ, start):
            sent += len(part)
            yield part
        found.append((environ["PATH_INFO"], sent))

    site.server.app = counting
    return found


def test_a_cold_load_is_light_and_what_works_without_a_connection_comes_later_and_nothing_twice(
    site: Site, arrive: Visit
) -> None:
    answers = counted(site)
    visitor = arrive(site.url)
    wait_until_kept(visitor.page, "/", "/contribute", "/offline", "/static/js/pages.js")
    begins = [path for path, _ in answers].index("/service-worker.js")
    load, later = answers[:begins], answers[begins:]
    assert len(load) <= 10
    assert sum(sent for _, sent in load) < 90_000
    assert all(path in ("/", "/contribute", "/offline", "/service-worker.js") or "/js/device" in path for path, _ in later)
    assert not {path for path, _ in load if path != "/"} & {path for path, _ in later}
    assert len(later) <= 7
    assert sum(sent for _, sent in later) < 40_000


@pytest.mark.long_run
def test_a_browser_can_install_the_app(site: Site, arrive: Visit) -> None:
    visitor = arrive(site.url)
    wait_until_kept(visitor.page, "/")
    session = visitor.page.context.new_cdp_session(visitor.page)
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    assert re.search("Inkloop", told["data"])
    assert (ROOT / "static" / "css" / "inkloop-512.png").exists()
    # Browsers of tests keep nothing for later, which alone forbids to install.
    reasons = {one["errorId"] for one in session.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert reasons <= {"in-incognito"}
