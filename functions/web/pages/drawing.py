"""The page of one drawing: its strokes, its facts, the answers of the networks, and what may be done with it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from functions.dataset.label_history import label_history
from functions.domain.answer import LEARNERS, REJECTION_THRESHOLD, ROLES, Learner, Role
from functions.domain.drawing import Square, to_png
from functions.domain.symbols import SymbolSet
from functions.errors import NothingLearned, Unavailable, UnknownSample
from functions.records.drawings import read_strokes, square_of
from functions.records.samples import find_sample
from functions.records.tables import DrawingRow, Prediction, Sample
from functions.records.withdrawals import learned_from
from functions.web.api.drawings import answers_to
from functions.web.pages.dataset import Tile
from functions.web.pages.ink_paths import ink_path
from functions.web.pages.owner_sentences import reason_text
from functions.web.pages.public import current_words, pages, set_page
from functions.web.platform import platform
from functions.web.security import access, identity, owner_session
from functions.web.security.visible import visible

VERSIONS = 10  # that learned from a drawing, the newest; many follow each other on a busy day


@dataclass(frozen=True)
class Said:
    """The best guess of one network: its label (None: not a symbol), and the probability of it, 0..1."""

    version: str
    label: str | None
    p: float


@dataclass(frozen=True)
class Opinion:
    """What one network said of a drawing when it was checked, and says now; None where that is not known."""

    learner: Learner
    role: Role
    then: Said | None
    now: Said | None


@pages.get("/dataset/<set_name>/<sample_id>")
def drawing(set_name: str, sample_id: str) -> Response:
    """Show a drawing. Until it is accepted, only its author and the owner may see it."""
    return set_page("drawing.html", set_name, lambda session, chosen: _drawing(session, chosen, sample_id))


@pages.get("/dataset/<set_name>/<sample_id>/versions")
def drawing_versions(set_name: str, sample_id: str) -> Response:
    """Show a drawing with what the versions say of it that were ever live."""
    with platform().database.reading() as session:
        _shown(session, set_name, sample_id)
    more = {"said_by": answers_to(sample_id)}
    return set_page("drawing.html", set_name, lambda session, chosen: _drawing(session, chosen, sample_id) | more)


def _shown(session: Session, set_name: str, sample_id: str) -> Sample:
    sample = visible(find_sample(session, sample_id))
    if sample.set_name != set_name:
        raise UnknownSample("There is no such drawing in this set.")
    return sample


def _drawing(session: Session, chosen: SymbolSet, sample_id: str) -> dict[str, Any]:
    sample = _shown(session, chosen.name, sample_id)
    owner, mine = access.may(), sample.contributor_id == identity.caller().contributor
    row = session.get_one(DrawingRow, sample.drawing_id)
    strokes = None if row.strokes is None else read_strokes(row.strokes)
    versions = learned_from(session, sample.id)
    script = {"sample": sample.id, "strokes": strokes, "receipt": identity.receipt(sample.id) if mine else None}
    return {
        "sample": sample,
        "tile": Tile(sample, ink_path(row.strokes)),
        "square": _picture_of(square_of(row)),
        "strokes": None if strokes is None else _figures(strokes),
        "opinions": _opinions(session, sample, square_of(row)),
        "versions": versions[:VERSIONS],
        "more_versions": max(0, len(versions) - VERSIONS),
        "history": label_history(session, sample),
        "reason": reason_text(sample.reason, sample.reason_figures, current_words()) if owner else None,
        "imported": {name: sample.reason_figures.get(name) for name in ("origin", "licence")},
        "licence": platform().settings.licence,
        "owner": owner,
        "mine": mine,
        "csrf": owner_session.csrf_token() if owner else None,
        "for_script": script | ({"csrf": owner_session.csrf_token()} if owner else {}),
    }


def _figures(drawn: Mapping[str, Any]) -> dict[str, Any]:
    lines = drawn["strokes"]
    times = [point[2] for line in lines for point in line if len(point) > 2]
    seconds = (max(times) - min(times)) / 1000 if times else None
    points = sum(len(line) for line in lines)
    return {"count": len(lines), "points": points, "seconds": seconds, "pointer": drawn.get("pointer")}


def _picture_of(square: Square) -> str:
    """Return the square as the networks get it, white on black, in base64."""
    enlarged = (255 * square).round().astype("uint8").repeat(10, axis=0).repeat(10, axis=1)  # (280, 280)
    return base64.b64encode(to_png(enlarged)).decode()


def _opinions(session: Session, sample: Sample, square: Square) -> list[Opinion]:
    prediction = session.get(Prediction, sample.prediction_id) if sample.prediction_id is not None else None
    recorded = prediction.opinions.get("models", []) if prediction is not None else []
    then = {(one["learner"], one["role"]): _said(one) for one in recorded}
    now = {(one["learner"], one["role"]): _said(one) for one in _asked_now(sample.set_name, square)}
    places: list[tuple[Learner, Role]] = [(learner, role) for learner in LEARNERS for role in ROLES]
    return [Opinion(*place, then.get(place), now.get(place)) for place in places if place in then or place in now]


def _asked_now(set_name: str, square: Square) -> Sequence[Mapping[str, Any]]:
    try:
        return [one.to_dict() for one in platform().runtime.ask(set_name, square)]
    except (NothingLearned, Unavailable):
        return []


def _said(one: Mapping[str, Any]) -> Said:
    if one["reject"] >= REJECTION_THRESHOLD or not one["top"]:
        return Said(one["version"], None, one["reject"])
    return Said(one["version"], one["top"][0]["label"], one["top"][0]["p"])
