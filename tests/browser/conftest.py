"""A browser and two servers: the app with tiny networks for the pages, and the whole platform for the learning loop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from functions.app import create_app, open_platform
from functions.registry import Artefacts
from functions.serving.live_models import LiveModels
from functions.settings import ROOT, Settings
from functions.web.platform import Platform
from tests import servers
from tests.browser.visitor import Visitor
from tests.support import tiny_models

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

PATIENCE = 60_000  # ms; long, because a busy machine must not fail a test of a page
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium that connects only to the tests' servers."""
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *as_root])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, make_site: object) -> Iterator[Callable[..., Visitor]]:
    """Send a visitor to an address. Keyword arguments are options of the browser's context.

    Visitors have been here before, so no example draws itself, unless ``first`` is true.
    A service worker would make requests that a test cannot intercept; tests of it allow it. Visitors leave before ``make_site``
    closes its sites, or they would complain.
    """
    visitors: list[Visitor] = []

    def arrive(url: str, first: bool = False, **options: object) -> Visitor:
        usual = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "service_workers": "block"}
        context = browser.new_context(**{**usual, **options})
        context.set_default_timeout(PATIENCE)
        if not first:
            context.add_init_script("try { localStorage.setItem('inkloop.example', 'shown'); } catch {}")
        visitors.append(Visitor(context.new_page(), url))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.page.context.close()
    # Only the console tells that a page breaks its own content security policy, or throws.
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


class Handler(WSGIRequestHandler):
    """A handler that keeps connections open, as a real server does, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *about: object) -> None:
        """Write no log."""


class Site:
    """The app with tiny networks, served to a browser: the FNN always answers 1, the CNN 2."""

    def __init__(self, settings: Settings) -> None:
        real = open_platform(settings)
        runtime = LiveModels(real.database, Artefacts(real.store, settings.models))
        runtime.refresh()
        self.platform: Platform = replace(real, runtime=runtime)
        self.server = make_server("127.0.0.1", 0, create_app(settings, self.platform), threaded=True, request_handler=Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        )  # seconds between two looks whether the server must stop
        self.thread.start()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        self.platform.database.engine.dispose()


@pytest.fixture
def make_site(settings: Callable[..., Settings], tmp_path: Path, migrated_sqlite: Path) -> Iterator[Callable[..., Site]]:
    """Return a factory of sites. Keyword arguments replace settings."""
    tiny_models.ship(tmp_path / "models")
    opened: list[Site] = []

    def make(**changes: object) -> Site:
        chosen = settings(**{"models": tmp_path / "models", "admin_password": "the owner's password", "limits": False, **changes})
        shutil.copyfile(migrated_sqlite, chosen.home / "inkloop.sqlite")
        opened.append(Site(chosen))
        return opened[-1]

    yield make
    for site in opened:
        site.close()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """The app with the laptop's settings."""
    return make_site()


@pytest.fixture(scope="session")
def live_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the whole platform, as one command starts it: web process, worker, real networks."""
    home, port = tmp_path_factory.mktemp("platform"), servers.free_port()
    settings = {"INKLOOP_HOME": str(home), "PORT": str(port), "INKLOOP_LIMITS": "off", "ADMIN_PASSWORD": "the owner's password"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "main.py"], cwd=ROOT, env=os.environ | settings, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while not _ready(f"{url}/readyz"):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"The platform did not start:\n{(home / 'log').read_text()[-3000:]}")
        time.sleep(0.2)
    yield url
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
