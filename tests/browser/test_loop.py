"""The learning loop in a browser, on the whole platform: draw, get an answer, correct it, get a better answer."""

from __future__ import annotations

import cmath
import gzip
import json
import math
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.starts_early
LEARNING = 200_000  # ms; an idle machine needs fifteen seconds after the worker's start
STROKES = Path(__file__).parent.parent / "strokes.json.gz"


def ask(url: str, drawing: dict[str, Any]) -> dict[str, Any]:
    """Predict a drawing through the API, without consent, so that nothing is stored."""
    width, height = drawing["box"]
    body = json.dumps({"strokes": drawing["strokes"], "width": width, "height": height}).encode()
    request = urllib.request.Request(f"{url}/api/v1/sets/digits/predictions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(json.load(answer))


def mistaken(url: str) -> dict[str, Any]:
    """Return the real drawing, turned if need be, whose wrong answer is the least sure one: a lesson moves both networks enough.

    How much of a lesson a network keeps depends on the run's random seed. It does not always turn a network that was sure.
    """
    wrong = []
    for drawing in json.loads(gzip.decompress(STROKES.read_bytes())):
        for some in (turned(drawing, angle) for angle in (0, 15, -15, 25, -25)):
            answer = ask(url, some)["answer"]
            if answer["status"] == "sure" and answer["label"] != some["label"]:
                wrong.append((answer["p"], len(wrong), some))
    return min(wrong)[2]


def turned(drawing: dict[str, Any], angle: float) -> dict[str, Any]:
    """Return a drawing turned by ``angle`` degrees around the middle of its box, and small enough to stay inside."""
    (width, height), turn = drawing["box"], cmath.rect(0.7, math.radians(angle))
    middle = complex(width / 2, height / 2)

    def moved(x: float, y: float, *rest: float) -> list[float]:
        place = middle + (complex(x, y) - middle) * turn
        return [place.real, place.imag, *rest]

    return {**drawing, "strokes": [[moved(*point) for point in stroke] for stroke in drawing["strokes"]]}


def test_the_new_version_answers_a_corrected_drawing_correctly(visit: Callable[..., Visitor], live_platform: str) -> None:
    drawing = mistaken(live_platform)
    label, box = drawing["label"], tuple(drawing["box"])
    before = ask(live_platform, drawing)
    visitor = visit(live_platform)
    visitor.draw(drawing["strokes"], box)
    visitor.expect_answer(before["answer"]["label"])
    shown = visitor.at("#answer").inner_text()
    visitor.button("Wrong").click()
    visitor.at("#picker").get_by_role("button", name=label, exact=True).click()
    visitor.button("Keep and teach").click()
    expect(visitor.at("#verdict-note")).to_have_text(re.compile(f"You said: {label}."))

    expect(visitor.at(".run")).to_have_attribute("data-state", "done", timeout=LEARNING)
    expect(visitor.at(".correction .before")).to_have_text(shown)
    expect(visitor.at(".correction .after")).to_have_text(re.compile(rf"^{label}\s\("))
    expect(visitor.at(".correction-details")).to_contain_text("Everybody gets this answer now.")
    visitor.expect_answer(label)

    stranger = visit(live_platform)
    stranger.draw(drawing["strokes"], box)
    stranger.expect_answer(label)
    after = ask(live_platform, drawing)
    versions = {(model["learner"], model["role"]): model["version"] for model in after["models"]}
    assert versions["cnn", "learned"] != versions["cnn", "original"]
