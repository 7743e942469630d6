"""The page of the dataset: drawings in pages of a gallery, filters, the balance of labels, growth, and exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from functions import jobs
from functions.dataset.exchange.export import FORMATS
from functions.domain.symbols import SymbolSet
from functions.errors import NotAllowed
from functions.records.growth import PARTS, STEPS, Part, early_growth, growth
from functions.records.label_counts import counts_by_label
from functions.records.samples import count_up_to, drawings_of, page_of_samples
from functions.records.tables import DrawingRow, Run, Sample
from functions.web.api.exports import MOST_AT_ONCE
from functions.web.pages.gallery_query import NOT_A_SYMBOL, SOURCES, SPLITS, STATUSES, GalleryQuery
from functions.web.pages.ink_paths import ink_path
from functions.web.pages.public import current_words, pages, set_page
from functions.web.platform import platform
from functions.web.security import owner_session

ON_PAGE = 60  # drawings: some screens of a phone, and 100 kB at most
EXPORTS_ON_PAGE = 5  # the API lists all runs


@dataclass(frozen=True)
class Tile:
    """A drawing in a gallery; ``path`` is its line, None where its picture is shown."""

    sample: Sample
    path: str | None


@dataclass(frozen=True)
class Balance:
    """The accepted samples of one label (None: not a symbol); ``share`` is of the label with the most, 0..1."""

    label: str | None
    count: int
    share: float


@pages.get("/dataset")
@pages.get("/dataset/<set_name>")
def dataset(set_name: str | None = None) -> Response:
    """Show the drawings of a set, newest first."""
    return set_page("dataset.html", set_name, _gallery)


def tiles(samples: Sequence[Sample], drawings: dict[str, DrawingRow]) -> list[Tile]:
    """Return samples as the gallery shows them."""
    return [Tile(one, ink_path(drawings[one.drawing_id].strokes)) for one in samples]


def _gallery(session: Session, chosen: SymbolSet) -> dict[str, Any]:
    asked, owner = GalleryQuery.of(request.args), owner_session.signed_in()
    if asked.status != "accepted" and not owner:
        raise NotAllowed("Until they are accepted, only the owner may see the drawings of others.")
    wanted = asked.filter()
    if wanted.label is not None:
        chosen.index(wanted.label)
    page = page_of_samples(session, chosen.name, wanted, limit=ON_PAGE, before=asked.cursor)
    facts = {
        "asked": asked,
        "owner": owner,
        "tiles": tiles(page.samples, drawings_of(session, page.samples)),
        "next": None if page.next is None else asked.address(cursor=page.next),
        "newest": asked.cursor is None,
        "choices": {"status": STATUSES, "split": SPLITS, "source": SOURCES},
        "not_a_symbol": NOT_A_SYMBOL,
        "licence": platform().settings.licence,
    }
    return facts if asked.cursor is not None else facts | _figures(session, chosen) | _exports(session, chosen, asked, owner)


def _figures(session: Session, chosen: SymbolSet) -> dict[str, Any]:
    counts = counts_by_label(session, chosen.name)
    most = max(counts.values(), default=1)
    labels: list[str | None] = [*chosen.labels, None]
    balance = [Balance(label, counts.get(label, 0), counts.get(label, 0) / most) for label in labels]
    early = early_growth(session, chosen.name)
    parts = early or growth(session, chosen.name)
    return {
        **{"balance": balance, "total": sum(counts.values())},
        **{"growth": parts, "bars": _bars(parts, timedelta(seconds=STEPS[0]) if early else timedelta(days=1))},
        **{"by_time": bool(early), "tallest": _tallest(parts)},
    }


def _bars(parts: Sequence[Part], shortest: timedelta) -> list[Part]:
    """Return parts with empty ones before them, so that a chart always has the same width and ends now."""
    if not parts:
        return []
    length = parts[1].begin - parts[0].begin if len(parts) > 1 else shortest
    return [Part(parts[0].begin - place * length, 0) for place in range(PARTS - len(parts), 0, -1)] + list(parts)


def _tallest(parts: Sequence[Part]) -> int:
    return max((part.count for part in parts), default=1) or 1


def _exports(session: Session, chosen: SymbolSet, asked: GalleryQuery, owner: bool) -> dict[str, Any]:
    public = platform().settings.export == "public"
    may_export = owner or public
    if not may_export:
        return {"may_export": False}
    found = jobs.runs(session, chosen.name, limit=4 * EXPORTS_ON_PAGE, kind=jobs.EXPORT)
    shown = [run for run in found if owner or (run.state == "done" and run.request.get("statuses") == ["accepted"])]
    return {
        "may_export": True,
        "export_filter": asked.export(),
        "formats": FORMATS,
        "count": count_up_to(session, chosen.name, asked.filter(), MOST_AT_ONCE + 1),
        "most_at_once": MOST_AT_ONCE,
        "exports": [_exported(run) for run in shown[:EXPORTS_ON_PAGE]],
        "for_script": {"filter": asked.export(), "csrf": None} | (_for_owner() if owner else {}),
    }


def _for_owner() -> dict[str, Any]:
    words = current_words()
    return {"csrf": owner_session.csrf_token(), "words": words.for_scripts() | words.of_imports()}


def _exported(run: Run) -> dict[str, Any]:
    return {"run": run, "format": run.request.get("format"), "samples": run.result.get("samples")}
