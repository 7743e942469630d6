"""What drawings looked like when somebody last looked at them.

After a change that is meant, look at the new pictures and keep them:

    REGENERATE_GOLDENS=1 python -m pytest tests/domain/drawing/test_goldens.py

A golden ink is the ink itself. A golden square is the square from strokes beside the square from their ink.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from functions.domain.drawing import from_png, to_png
from tests.support.pictures import REAL, drawn, placed, png, seven

GOLDENS = Path(__file__).parents[2] / "goldens"
SPECIAL = {
    "dot": [[[140, 140]]],
    "bar": [[[140, 40], [140, 240]]],
    "speck": [[[100, 100], [103, 101]]],
    "wide": [[[20, 130], [260, 150]]],
    "lopsided": [[[40, 140], [200, 140]], *[[[220, y], [230, y]] for y in range(100, 180, 4)]],
}


def inks() -> dict[str, np.ndarray]:
    found = {f"hand-{hand['label']}": drawn(hand["strokes"], 500, 500).ink for hand in REAL[:10:3]}
    return found | {"seven-28": from_png(png(255 - seven(28))).ink, "seven-900": from_png(png(seven(900))).ink}


def squares() -> dict[str, np.ndarray]:
    hands = {f"hand-{hand['label']}": drawn(placed(hand["strokes"], 170, 140, 140)) for hand in REAL[10:20]}
    special = {name: drawn(strokes) for name, strokes in SPECIAL.items()}
    pairs = {name: np.hstack([d.square, from_png(to_png(d.ink)).square]) for name, d in (hands | special).items()}
    return {name: np.round(255 * pair).astype(np.uint8) for name, pair in pairs.items()}


@pytest.mark.parametrize(("kind", "make"), [("ink", inks), ("square", squares)])
def test_drawings_look_as_they_did(kind, make):
    for name, picture in make().items():
        path = GOLDENS / f"{kind}-{name}.png"
        if os.environ.get("REGENERATE_GOLDENS"):
            Image.fromarray(picture).save(path, optimize=True)
        with Image.open(path) as golden:
            difference = np.abs(np.asarray(golden).astype(int) - picture)
        # Other processors add in another order: a level or two, never a shape.
        assert difference.max() <= 2, f"{path.name} differs by {difference.max()} grey levels"
