"""Turns what a reader found into a drawing with its rows' values, or refuses it in a sentence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from functions.dataset.exchange.incoming import Incoming, Refused, undrawable
from functions.domain.drawing import Drawing, from_json, from_png, from_strokes, square_from_bytes, to_json, to_png
from functions.domain.drawing.ink import INK_SIDE, SQUARE_SIDE
from functions.domain.problem import Problem
from functions.domain.trust import perceptual_hash
from functions.errors import EmptyDrawing, Situation
from functions.records.exported_samples import EXPORTABLE
from functions.records.tables import now

SCALE = INK_SIDE // SQUARE_SIDE


@dataclass(frozen=True)
class Prepared:
    """A drawing to import. ``key`` is the same for the same drawing with the same label, whichever file has it."""

    name: str
    label: str | None
    split: str | None
    status: str
    contributor: str  # the source's own name for who drew it, "" where it has none
    created: datetime
    drawing: Drawing
    png: bytes
    png_sha256: str
    look: int
    key: str


def prepare(set_name: str, found: Incoming) -> Prepared | Refused:
    """Return a drawing that can be kept; strokes are drawn anew, a square stays what it is, and becomes its own picture."""
    try:
        drawing = _drawing(found)
    except EmptyDrawing:
        return Refused(found.name, Problem("refused_blank"))
    except Situation as error:
        return Refused(found.name, undrawable(error))
    png = to_png(drawing.ink)
    sha256 = hashlib.sha256(png).hexdigest()
    drawn = sha256 if drawing.strokes is None else json.dumps(to_json(drawing.strokes), sort_keys=True)
    key = hashlib.sha256("\n".join(("import", set_name, json.dumps(found.label), drawn)).encode()).hexdigest()
    status, contributor = found.facts.get("status"), found.facts.get("contributor")
    created = found.created
    return Prepared(
        name=found.name,
        label=found.label,
        split=found.split,
        status=status if status in EXPORTABLE else "accepted",
        contributor=contributor[:64] if isinstance(contributor, str) else "",
        created=min(created, now()) if created is not None else now(),
        drawing=drawing,
        png=png,
        png_sha256=sha256,
        look=perceptual_hash(drawing.square),
        key=key,
    )


def _drawing(found: Incoming) -> Drawing:
    if found.strokes is not None:
        return from_strokes(from_json(dict(found.strokes)))
    if found.square is None:
        return from_png(found.png or b"")
    if not found.square.any():
        raise EmptyDrawing
    # MNIST's prescription has been applied already: what networks learn must be what was measured on.
    ink = 255 - found.square.repeat(SCALE, 0).repeat(SCALE, 1)
    ink = np.ascontiguousarray(ink)
    return Drawing(None, square_from_bytes(found.square.tobytes()), lambda: ink)
