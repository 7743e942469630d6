"""The page of a visitor's own drawings: what this browser gave, in which state each is, and how to take it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from functions.dataset.sample_state import state_of
from functions.domain.symbols import SymbolSet
from functions.errors import Malformed, NotAllowed, NotSignedIn
from functions.records.contributor_samples import all_of_theirs, page_of_theirs, versions_of_runs
from functions.records.samples import drawings_of
from functions.records.tables import Sample, Version
from functions.records.withdrawals import counts_by_status
from functions.web.pages.dataset import Tile, tiles
from functions.web.pages.gallery_query import GalleryQuery
from functions.web.pages.public import pages, set_page
from functions.web.platform import platform
from functions.web.security import identity
from functions.web.security.other_sites import from_another_site

ON_PAGE = 60  # drawings
# Why a drawing waits, as its author is told: enough to understand it, too little to find the limits of the trust rules.
WHY = {
    **dict.fromkeys(("moderated",), "owner"),
    **dict.fromkeys(("flood", "many_by_hand", "many_in_round"), "many"),
    **dict.fromkeys(("contradicted", "repeated_pair", "repeated", "surprising", "hostile", "bad_record"), "unusual"),
}


@dataclass(frozen=True)
class Mine:
    """A drawing of the visitor: its state, why it waits, the versions that learned it, and the receipt that withdraws it."""

    tile: Tile
    state: str
    why: str | None
    versions: Sequence[Version]
    receipt: str


@pages.get("/mine")
def mine() -> Response:
    """Show what this browser gave, in every symbol set."""
    response = set_page("mine.html", None, _mine, of_one_set=False)
    response.cache_control.no_store = True  # the receipts are in it
    return response


@pages.get("/mine/receipts.json")
def receipts() -> Response:
    """Send the receipts of everything that this browser gave, as a file to keep."""
    who = identity.caller()
    if not who.known:
        raise NotSignedIn("This browser has given nothing.")
    with platform().database.reading() as session:
        kept = [
            {"id": one.id, "set": one.set_name, "label": one.label, "receipt": identity.receipt(one.id)}
            for one in all_of_theirs(session, who.contributor)
        ]
    response = Response(json.dumps({"receipts": kept}, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Content-Disposition"] = "attachment; filename=inkloop-receipts.json"
    response.cache_control.no_store = True
    return response


@pages.post("/mine/forget")
def forget() -> ResponseReturnValue:
    """Forget this browser: its drawings stay, and nobody can tell any more who gave them, except by their receipts."""
    if from_another_site():
        raise NotAllowed("Only a page of this site may do this.")
    response = make_response(redirect(url_for("pages.mine"), 303))
    identity.forget_cookie(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'  # browsers heed it over https, and forget what the scripts kept
    return response


def _mine(session: Session, chosen: SymbolSet) -> dict[str, Any]:
    cursor = request.args.get("cursor") or None
    contributor = identity.cookie_contributor()
    if GalleryQuery.of({"cursor": cursor or ""}).cursor != cursor:
        raise Malformed("There is no such page.")
    if contributor is None:
        return {"days": [], "total": 0, "counts": {}, "next": None, "for_script": {}}
    page = page_of_theirs(session, contributor, limit=ON_PAGE, before=cursor)
    learned = versions_of_runs(session, {one.taught_to for one in page.samples if one.taught_to is not None})
    shown = [
        Mine(tile, state_of(tile.sample), _why(tile.sample), learned.get(tile.sample.taught_to or "", ()), receipt)
        for tile in tiles(page.samples, drawings_of(session, page.samples))
        for receipt in [identity.receipt(tile.sample.id)]
    ]
    counts: dict[str, int] = {}
    for (_, status), count in counts_by_status(session, contributor).items():
        counts[status] = counts.get(status, 0) + count
    return {
        "days": [(day, list(some)) for day, some in groupby(shown, lambda one: one.tile.sample.created.date())],
        "total": sum(count for status, count in counts.items() if status != "withdrawn"),
        "counts": counts,
        "next": page.next,
        "for_script": {},
    }


def _why(sample: Sample) -> str | None:
    return WHY.get(sample.reason, "unusual") if state_of(sample) == "waiting" else None
