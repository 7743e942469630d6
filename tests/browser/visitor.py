"""A visitor: a page in a browser, with the actions of a person who draws on it."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

Strokes = list[list[list[float]]]

# A seven on a pad of 100 x 100.
SEVEN: Strokes = [[[25, 25], [40, 25], [55, 25], [70, 25], [62, 40], [54, 55], [46, 75]]]
CROSS: Strokes = [[[30, 30], [50, 50], [70, 70]], [[70, 30], [50, 50], [30, 70]]]
DOT: Strokes = [[[50, 50]]]


class Visitor:
    """A person on a page. ``complaints`` are errors on the browser's console; a ``forgiving`` visitor expects failed requests."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.forgiving = False
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(url)

    def _hear(self, message: ConsoleMessage) -> None:
        lost = message.text.startswith("Failed to load resource")
        blocked = message.text == "Service Worker registration blocked by Playwright"  # as the visit asked
        if message.type in ("error", "warning") and not blocked and not (lost and self.forgiving):
            self.complaints.append(message.text)

    def agree(self) -> None:
        """Let checked drawings be kept, as somebody who was asked at an earlier visit."""
        self.page.evaluate("localStorage.setItem('inkloop.consent', 'yes')")
        self.page.reload()

    # --- drawing ------------------------------------------------------------------------------------------------------

    @property
    def pad(self) -> Locator:
        return self.page.locator("ink-pad canvas")

    def places(self, strokes: Strokes, box: tuple[float, float] = (100, 100)) -> Strokes:
        """Return strokes of a pad of ``box`` as places on the screen."""
        self.pad.scroll_into_view_if_needed()
        pad = self.pad.bounding_box()
        assert pad is not None
        wide, high = pad["width"] / box[0], pad["height"] / box[1]
        return [[[pad["x"] + x * wide, pad["y"] + y * high] for x, y, *_ in stroke] for stroke in strokes]

    def draw(self, strokes: Strokes = SEVEN, box: tuple[float, float] = (100, 100)) -> None:
        """Draw with the mouse."""
        mouse = self.page.mouse
        for first, *rest in self.places(strokes, box):
            mouse.move(*first)
            mouse.down()
            for place in rest:
                mouse.move(*place)
            mouse.up()

    def touch(self, kind: str, *places: list[float]) -> None:
        """Send one touch event: ``touchStart``, ``touchMove`` or ``touchEnd``, with the fingers that are down."""
        if not hasattr(self, "_fingers"):
            self._fingers = self.page.context.new_cdp_session(self.page)
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        self._fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def finger(self, strokes: Strokes = SEVEN) -> None:
        """Draw with one finger."""
        for first, *rest in self.places(strokes):
            self.touch("touchStart", first)
            for place in rest:
                self.touch("touchMove", place)
            self.touch("touchEnd")

    # --- looking ------------------------------------------------------------------------------------------------------

    def drawing(self) -> dict[str, Any]:
        """Return the drawing on the pad."""
        held: dict[str, Any] = self.page.locator("ink-pad").evaluate("pad => pad.drawing")
        return held

    def inked(self, x: float, y: float) -> bool:
        """Return whether there is ink at a place of the light pad, in hundredths of its sides. A picture's paper is no ink."""
        look = """async ([canvas, x, y]) => {
          for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
          copy.drawImage(canvas, 0, 0);
          const [red, green, blue, alpha] = copy.getImageData(canvas.width * x, canvas.height * y, 1, 1).data;
          return alpha > 128 && red + green + blue < 480;
        }"""
        return bool(self.page.evaluate(look, [self.pad.element_handle(), x / 100, y / 100]))

    def at(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def expect_answer(self, label: str) -> None:
        """Wait until the drawing on the pad is answered with ``label``."""
        expect(self.at("#answer")).to_have_text(re.compile(rf"^{label}\s\("))
        expect(self.at(".answer[data-stale]")).to_have_count(0)
