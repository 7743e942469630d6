"""What a person does on a page to bring it into a state: each act is a function of the page, each maker returns an act."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Page, Route

from tests.support.pages import PASSWORD
from tests.support.pictures import REAL
from tests.support.sample_drawings import png
from tests.support.sample_lines import line

Act = Callable[[Page], None]
WAIT = 60_000  # ms; long, because a busy machine must not fail a page
ANSWERED = ".answer:not([data-status=empty], [data-status=waiting], [data-stale])"
SCRIPTS = re.compile(r'<script type="module"[^>]*></script>|</?noscript>')
HOLD = """([element, strokes, width]) => {
  element.drawing = { strokes, pointer: "pen", width };
  element.dispatchEvent(new CustomEvent("drawing", { detail: element.drawing }));
}"""


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


def drawn(number: int) -> Act:
    """Draw one of the real drawings."""
    return lambda page: draw(page, REAL[number])


def drawn_as_asked(page: Page) -> None:
    """Draw the digit that Contribute asks for, or any drawing in another set."""
    asked = page.locator("#prompt").inner_text()
    draw(page, REAL[int(asked) if asked.isdigit() else 3])


def written(text: str, wait: str = "#text .glyph") -> Act:
    """Write a line of digits, and wait until it is read, or for something else."""
    drawing = line(text)
    scale = 280 / drawing["height"]  # the pad is 280 units high
    strokes = [[[x * scale, y * scale, 0] for x, y in stroke] for stroke in drawing["strokes"]]

    def write(page: Page) -> None:
        pad = page.locator("ink-pad")
        page.evaluate(HOLD, [pad.element_handle(), strokes, drawing["width"] * scale])
        seen(wait)(page)

    return write


def click(selector: str) -> Act:
    """Click on the first that fits."""
    return lambda page: page.locator(selector).first.click(timeout=WAIT)


def press(key: str) -> Act:
    """Press a key."""
    return lambda page: page.keyboard.press(key)


def fill(selector: str, text: str) -> Act:
    """Type a text into a field."""
    return lambda page: page.locator(selector).fill(text)


def chosen(selector: str, value: str) -> Act:
    """Choose from a list."""
    return lambda page: page.locator(selector).select_option(value) and None


def go(path: str) -> Act:
    """Go to another page of the site."""
    return lambda page: page.goto(urljoin(page.url, path)) and None


def seen(selector: str) -> Act:
    """Wait until something is there."""
    return lambda page: page.locator(selector).first.wait_for(timeout=WAIT)


def uploaded(selector: str, name: str = "a.png", body: bytes | None = None) -> Act:
    """Choose a file."""
    kind = "image/png" if name.endswith(".png") else "text/plain"
    file = {"name": name, "mimeType": kind, "buffer": png() if body is None else body}
    return lambda page: page.locator(selector).set_input_files(file)


def cut_off(pattern: str) -> Act:
    """Let requests to these addresses fail, as without a connection."""
    return lambda page: page.route(pattern, lambda route: route.abort())


def answered_with(pattern: str, answer: dict[str, Any]) -> Act:
    """Give this answer in the server's place."""
    return lambda page: page.route(pattern, lambda route: route.fulfill(json=answer))


def unfold(page: Page) -> None:
    """Open all that can be opened."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")


def again(page: Page) -> None:
    """Load the page again, with what was arranged meanwhile."""
    page.reload()


def without_scripts(page: Page) -> None:
    """Show pages as visitors without scripts see them. The browser runs scripts, or axe could not look."""

    def strip(route: Route) -> None:
        if route.request.resource_type != "document":
            route.continue_()
            return
        answer = route.fetch()
        route.fulfill(response=answer, body=SCRIPTS.sub("", answer.text()))

    page.route("**/*", strip)
    page.reload()


def asked_soon(page: Page) -> None:
    """Let the next saved drawing be followed by a gold question."""
    page.locator("#gold-question").evaluate("box => { box.dataset.interval = 1; }")


def ask_for_oldest_version(page: Page) -> None:
    """Go from the owner's versions to the question whether the oldest shall be live."""
    address = page.locator(".version-row a[href*='/versions/']").last.get_attribute("href")
    page.goto(urljoin(page.url, f"{page.url}/{str(address).rsplit('/', 1)[-1]}"))


def sign_in(page: Page, url: str) -> None:
    """Sign in as the owner."""
    page.goto(f"{url}/admin/login")
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".tabs").wait_for(timeout=WAIT)


def settle(page: Page, pause: int) -> None:
    """Wait until charts are made and what moves has come to rest."""
    for chart in page.locator(".plot").all():
        chart.scroll_into_view_if_needed()  # charts that can be zoomed are made when they come near
    page.wait_for_timeout(pause)
    page.evaluate("document.activeElement === document.body && scrollTo(0, 0)")


def corrections(*kinds: str) -> str:
    """Return what a browser remembers of corrections, one of each kind; see ``static/js/lesson.js``."""
    return json.dumps([_correction(kind, place) for place, kind in enumerate(kinds)])


def _correction(kind: str, place: int) -> dict[str, Any]:
    label = REAL[place]["label"]
    wrong = str((int(label) + 3) % 10)
    scale = 280 / max(REAL[place]["box"])
    strokes = [[[one[0] * scale, one[1] * scale, 0] for one in stroke] for stroke in REAL[place]["strokes"]]
    correction: dict[str, Any] = {
        "at": 4_000_000_000_000,  # ms; younger than a day for a long time
        "drawing": {"strokes": strokes, "pointer": "pen"},
        "set": "digits",
        "before": _prediction(label if kind == "confirmed" else wrong, 0.71),
        "after": None,
        "label": label,
        "verdict": "wrong",
        "sample": f"sample-{place}",
        "receipt": f"receipt-{place}",
        "status": "accepted",
    }
    facts: dict[str, dict[str, Any]] = {
        "learning": {"run": "running", "forYou": _prediction(label, 0.93)["answer"]},
        "failed": {"run": "failed"},
        "learned": {"run": "done", "after": _prediction(label, 0.97), "people": 12},
        "not_learned": {"run": "done", "after": _prediction(wrong, 0.52), "forYou": _prediction(label, 0.93)["answer"]},
        "kept_out": {"run": "done", "after": _prediction(wrong, 0.64), "keptOut": True},
        "judges": {"apart": True},
        "withdrawn": {"withdrawn": True},
        **{status: {"status": status} for status in ("pending", "quarantined", "rejected")},
    }
    return {**correction, **facts.get(kind, {})}


def _prediction(label: str, p: float) -> dict[str, Any]:
    networks = [
        {"learner": learner, "role": "learned", "version": learner, "top": [{"label": label, "p": p}], "reject": 0.01}
        for learner in ("fnn", "cnn")
    ]
    answer = {"status": "sure", "label": label, "p": p, "alternatives": []}
    return {"answer": answer, "models": networks}
