"""A drawing that the pages show before anybody has drawn: a seven with a bar, and what the networks answer to it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from functions.dataset.predicted import answer
from functions.domain.drawing import Drawing, from_strokes, parse_strokes
from functions.errors import NothingLearned, Unavailable, UnknownSet
from functions.web.api.present import prediction_json
from functions.web.platform import platform

SIDE = 280  # units of the pad, as in static/js/strokes.js
LABEL = "7"
SEVEN = "82,86 100,80 122,77 150,76 178,77 198,79 188,97 176,118 164,141 153,165 144,190 136,214"
BAR = "106,150 124,146 146,143 168,141"
STROKES = [[[float(value) for value in point.split(",")] for point in line.split()] for line in (SEVEN, BAR)]


@lru_cache(maxsize=1)
def seven() -> Drawing:
    """Return the drawing."""
    return from_strokes(parse_strokes(STROKES, SIDE, SIDE))


def example_drawing(set_name: str) -> dict[str, Any] | None:
    """Return the strokes and everybody's answer, for the scripts; None where the networks do not take it for a seven.

    Nothing is stored or counted: nobody has asked.
    """
    try:
        answered = answer(platform().runtime, set_name, seven())
    except (NothingLearned, Unavailable, UnknownSet):  # this process may not have noticed a new set yet
        return None
    if answered.answer.label != LABEL:
        return None
    return {"strokes": STROKES, "answer": prediction_json(answered, False)["answer"]}
