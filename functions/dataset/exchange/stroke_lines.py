"""Drawings as lines of JSON: with all facts, or in one of the forms of Quick, Draw!."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Literal

from functions.dataset.exchange.exported_sample import ExportedSample
from functions.dataset.exchange.image_folder import json_line
from functions.domain.drawing import quick_draw

Form = Literal["facts", "raw", "simplified"]


def stroke_lines(samples: Iterable[ExportedSample], form: Form = "facts") -> Iterator[bytes]:
    """Yield one line for each sample.

    The form ``facts`` holds every sample: an uploaded picture has no strokes, so it has an ``image``, a PNG in base64. The forms
    of Quick, Draw! leave it out, and non-symbols too, because each drawing there has a ``word``.
    """
    for sample in samples:
        if form == "facts":
            yield json_line(_facts(sample))
        elif sample.strokes is not None and sample.label is not None:
            yield json_line(_quick_draw(sample, form))


def _facts(sample: ExportedSample) -> dict[str, object]:
    facts = sample.facts()
    if sample.strokes is None and sample.png is not None:
        facts["image"] = base64.b64encode(sample.png).decode()
    return facts


def _quick_draw(sample: ExportedSample, form: Form) -> dict[str, object]:
    strokes = (sample.strokes or {})["strokes"]
    return {
        "key_id": sample.id,
        "word": sample.label,
        "countrycode": "",  # nobody is asked
        "timestamp": sample.created.strftime("%Y-%m-%d %H:%M:%S.%f UTC"),
        "recognized": sample.status == "accepted",
        "split": sample.split,
        "drawing": quick_draw.raw(strokes) if form == "raw" else quick_draw.simplified(strokes),
    }
