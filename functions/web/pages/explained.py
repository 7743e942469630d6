"""The pages that explain the platform to visitors, with pictures made from what the networks answer now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from flask import Response, make_response, render_template, send_from_directory
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.answer import LEARNERS, Learner, ModelPrediction
from functions.domain.drawing import Square
from functions.domain.symbols import SymbolSet
from functions.errors import NothingLearned, Unavailable
from functions.records.drawings import square_of
from functions.records.label_counts import accepted
from functions.records.samples import SampleFilter, page_of_samples
from functions.records.tables import DrawingRow
from functions.settings import ROOT
from functions.verbs.explain import Explanation, explain
from functions.verbs.metrics import VersionProgress
from functions.web.pages.charts import Chart, Mark, chart
from functions.web.pages.example_drawing import SIDE, STROKES, seven
from functions.web.pages.ink_paths import ink_lines, ink_path, path_of
from functions.web.pages.public import in_language, pages
from functions.web.pages.version_figures import version_figures
from functions.web.platform import platform

A_WEEK = 7 * 24 * 3600  # seconds
NEWEST = 10  # drawings that people gave, as many as fit one row
SEVEN_LINES = ink_lines(path_of({"strokes": STROKES, "width": SIDE, "height": SIDE}))
SHADES = 9  # of ink and of importance; the style sheet has one class for each


@dataclass(frozen=True)
class Example:
    """One drawing as the networks see it, and what they make of it. ``shades`` and ``matters`` are 28 rows of shades, 0..9.

    ``lines`` are its strokes as SVG paths in a frame of 280 x 280 units, empty for an uploaded picture.
    """

    shades: tuple[tuple[int, ...], ...]
    predictions: tuple[ModelPrediction, ...]
    matters: tuple[tuple[int, ...], ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answered:
    """A version that answered, ``since`` when it last began to, and its accuracy on the hold-out, 0..1."""

    version: str
    since: datetime
    accuracy: float


@dataclass(frozen=True)
class AccuracyOverTime:
    """The accuracy of a learner's versions, drawn by date, and the ``rows`` behind it, oldest first."""

    chart: Chart
    rows: tuple[Answered, ...]


@pages.get("/about")
def about() -> Response:
    """Show what the platform is, what it has collected, and how good its networks are."""
    with platform().database.reading() as session:
        facts = [_set_facts(session, symbols) for symbols in registry.sets_in_order(session) if not symbols.hidden]
        newest = _newest(session, facts[0]["symbols"]) if facts else []
    return _page("about.html", facts=facts, newest=newest)


@pages.get("/how-it-works")
def how() -> Response:
    """Show the way of a drawing, from the pen to a network that has learned it."""
    example = _example()
    return _page("how.html", example=example, lines=example.lines if example is not None else SEVEN_LINES)


@pages.get("/networks")
def networks() -> Response:
    """Explain the two networks, beside what each answers."""
    with platform().database.reading() as session:
        facts = [_set_facts(session, symbols) for symbols in registry.sets_in_order(session) if not symbols.hidden]
    return _page("networks.html", example=_example(), facts=facts)


@pages.get("/privacy")
def privacy() -> Response:
    """Say what is kept about people, for how long, how to delete it, and under which licence drawings are given."""
    return _page("privacy.html", licence=platform().settings.licence)


@pages.get("/reference")
def reference() -> Response:
    """Show the reference of the API, where calls can be tried."""
    return _page("reference.html")


@pages.get("/favicon.ico")
def favicon() -> Response:
    """Send the icon to browsers that look for it here."""
    return send_from_directory(ROOT / "static" / "css", "favicon.ico", max_age=A_WEEK)


@pages.get("/apple-touch-icon.png")
def touch_icon() -> Response:
    """Send the icon that iPhones put on the home screen; they look for it here too."""
    return send_from_directory(ROOT / "static" / "css", "apple-touch-icon.png", max_age=A_WEEK)


def _page(template: str, **facts: Any) -> Response:
    return in_language(make_response(render_template(template, sets=(), chosen=None, **facts)))


def _set_facts(session: Session, symbols: SymbolSet) -> dict[str, Any]:
    live, progress = registry.live(session, symbols.name), platform().metrics.of_set(session, symbols.name).progress
    return {
        "symbols": symbols,
        "accepted": accepted(session, symbols.name),
        "live": [version_figures(live[learner], symbols, live=True) for learner in LEARNERS if learner in live],
        "over_time": [(one, told) for one in LEARNERS if (told := accuracy_over_time(progress, one)) is not None],
    }


def accuracy_over_time(progress: Sequence[VersionProgress], learner: Learner) -> AccuracyOverTime | None:
    """Return the accuracy of a learner's versions from the days on which they began to answer; None for fewer than two."""
    answered = [
        Answered(one.version.id, one.activated, float(one.holdout.accuracy))
        for one in progress
        if one.version.learner == learner and one.activated is not None and one.holdout is not None
    ]
    if len(answered) < 2:
        return None
    rows = sorted(answered, key=lambda one: one.since)
    begin, end = rows[0].since.timestamp(), rows[-1].since.timestamp()
    places = [(one.since.timestamp() - begin) / (end - begin) if end > begin else 0.5 for one in rows]
    return AccuracyOverTime(chart([Mark(place, one.accuracy) for place, one in zip(places, rows, strict=True)]), tuple(rows))


def _newest(session: Session, symbols: SymbolSet) -> list[Any]:
    return page_of_samples(session, symbols.name, SampleFilter("accepted"), limit=NEWEST).samples


def _example() -> Example | None:
    """Return the newest accepted drawing of the first set, as the networks see it; None if no network answers.

    It is a seven where nobody has drawn, and where the newest drawing is a picture, whose strokes nobody knows.
    """
    here = platform()
    with here.database.reading() as session:
        first = next((one for one in registry.sets_in_order(session) if not one.hidden), None)
        if first is None:
            return None
        given = _newest(session, first)
        row = session.get(DrawingRow, given[0].drawing_id) if given else None
        path = ink_path(row.strokes) if row is not None and row.square else None
        if row is not None and path is not None:
            drawing, square, lines = row.id, square_of(row), ink_lines(path)
        else:
            drawing, square, lines = "seven", seven().square, SEVEN_LINES
    try:
        predictions = here.runtime.ask(first.name, square)
        about = drawing, tuple(one.version for one in predictions)
        example = _example_with(square, predictions, here.explanations.of(here.runtime, first.name, square, about))
        return replace(example, lines=lines)
    except (NothingLearned, Unavailable):
        return None


def example_of(set_name: str, square: Square, predictions: tuple[ModelPrediction, ...]) -> Example:
    """Return a square with the ``predictions`` of the learned networks, and the pixels that the CNN's answer depends on.

    Raises: what ``LiveModels.cnn`` raises.
    """
    return _example_with(square, predictions, explain(platform().runtime, set_name, square))


def _example_with(square: Square, predictions: tuple[ModelPrediction, ...], explanation: Explanation) -> Example:
    """Return the example with the pixels that the CNN's most probable label depends on, in shades."""
    lost, learned = explanation.lost, tuple(one for one in predictions if one.role == "learned")
    return Example(_shades(square), learned, _shades(lost / max(float(lost.max()), 1e-6)))


def _shades(shares: Square) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(one) for one in row) for row in np.rint(np.asarray(shares) * SHADES))
