"""A device makes the square and the answer that the server makes: real networks, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import pytest

from functions.settings import ROOT
from tests.browser.conftest import Site
from tests.browser.visitor import Visitor
from tests.support.pictures import REAL

Strokes = list[list[list[float]]]
Visit = Callable[..., Visitor]

PAD = 280
ODD: list[Strokes] = [
    [[[50, 50]]],  # a dot
    [[[50, 50], [50.5, 50]]],
    [[[50, 50], [50, 200]]],
    [[[50, 50], [200, 50], [50, 50.5]]],  # there and back
    [[[-100, 140], [400, 140]]],  # from outside to outside
    [[[20, 20]], [[260, 260]]],
    [[[140, 20], [140, 260]], [[140, 260], [260, 140]]],  # the second stroke begins where the first ends
    [[[10, 10], [270, 270]], [[270, 10], [10, 270]]],
]


def drawings(count: int) -> list[Strokes]:
    """Return real digits, then the same ones turned, stretched and made smaller, and some odd drawings."""
    random = np.random.default_rng(0)
    made: list[Strokes] = list(ODD)
    for number, drawing in zip(range(count - len(ODD)), cycle(REAL), strict=False):
        again = number >= len(REAL)
        angle, size = (random.uniform(-0.4, 0.4), random.uniform(0.4, 1.2, 2)) if again else (0.0, np.ones(2))
        turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * size
        fitted = [(np.array(line)[:, :2] * PAD / max(drawing["box"]) - PAD / 2) @ turned + PAD / 2 for line in drawing["strokes"]]
        made.append([np.clip(np.round(line, 2), -PAD, 2 * PAD).tolist() for line in fitted])
    return made


DRAWN = drawings(200)

ANSWERS = """async ([root, api, set, drawn]) => {
  const { Api } = await import(`${root}/api.js`);
  const { DeviceNetworks } = await import(`${root}/deviceNetworks.js`);
  const device = new DeviceNetworks(new Api(api), set);
  await device.load();
  const predictions = [];
  const start = performance.now();
  for (const strokes of drawn) predictions.push(await device.predict({ strokes, pointer: null }));
  return { predictions, time: (performance.now() - start) / drawn.length };
}"""


def squares(predictions: list[dict[str, Any]]) -> np.ndarray:
    return np.array([one["square"] for one in predictions])  # (n, 784)


def answer_of(prediction: dict[str, Any]) -> tuple[str, str | None]:
    return prediction["answer"]["status"], prediction["answer"]["label"]


@pytest.fixture
def real_site(make_site: Callable[..., Site]) -> Site:
    """The app with the networks that ship."""
    return make_site(models=ROOT / "models")


@pytest.mark.long_run
@pytest.mark.parametrize("set_name", ["digits", pytest.param("characters", marks=pytest.mark.long_run)])
def test_the_device_answers_as_the_server_does(real_site: Site, visit: Visit, set_name: str) -> None:
    page = visit(f"{real_site.url}/recognise/{set_name}").page
    here = page.evaluate(ANSWERS, ["/static/js", "/api/v1", set_name, DRAWN])["predictions"]
    client = real_site.server.app.test_client()
    bodies = [{"strokes": strokes, "width": PAD, "height": PAD, "square": True} for strokes in DRAWN]
    there = [client.post(f"/api/v1/sets/{set_name}/predictions", json=body).json for body in bodies]
    differences = 255 * np.abs(squares(here) - squares(there))
    ink = (squares(here) > 0) | (squares(there) > 0)
    assert max(one[inked].mean() for one, inked in zip(differences, ink, strict=True)) <= 0.5, "of 255 greys, over the ink"
    pairs = list(zip(here, there, strict=True))
    assert sum(answer_of(a) == answer_of(b) for a, b in pairs) >= 199
    for a, b in pairs:
        assert [one["version"] for one in a["models"]] == [one["version"] for one in b["models"]]
        for mine, its in zip(a["models"], b["models"], strict=True):
            assert abs(mine["reject"] - its["reject"]) <= 0.01
            if its["top"][0]["p"] > 0.5:
                assert mine["top"][0]["label"] == its["top"][0]["label"]
                assert abs(mine["top"][0]["p"] - its["top"][0]["p"]) <= 0.01


EXPLAINED = """async ([root, api, set, strokes]) => {
  const { Api } = await import(`${root}/api.js`);
  const { DeviceNetworks } = await import(`${root}/deviceNetworks.js`);
  const device = new DeviceNetworks(new Api(api), set);
  await device.load();
  return device.explain({ strokes, pointer: null });
}"""


@pytest.mark.long_run
def test_the_device_explains_an_answer_as_the_server_does(real_site: Site, visit: Visit) -> None:
    page, strokes = visit(real_site.url).page, DRAWN[20]
    here = page.evaluate(EXPLAINED, ["/static/js", "/api/v1", "digits", strokes])
    client = real_site.server.app.test_client()
    there = client.post("/api/v1/sets/digits/explanations", json={"strokes": strokes, "width": PAD, "height": PAD}).json
    assert here["label"] == there["label"]
    assert abs(np.array(here["lost"]) - np.array(there["lost"])).max() < 0.02
    assert max(there["lost"]) > 0.001
