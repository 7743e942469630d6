"""The owner's page of symbol sets: create a set, add a label, see how many drawings are missing."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from functions import registry
from functions.errors import BadLabel, BadSet, Conflict, Situation
from functions.verbs import define
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import page
from functions.web.platform import platform

MOST_TEXT = 40_000  # characters: five hundred labels of sixty-four characters, with spaces
STATUS: dict[type[Situation], int] = {BadSet: 422, BadLabel: 422, Conflict: 409}


@admin.get("/sets")
def symbol_sets() -> str:
    """Show every symbol set with its collected and its missing drawings."""
    return _page()


@admin.post("/sets")
def create_set() -> ResponseReturnValue:
    """Create a symbol set; after a mistake, show the message and the typed text."""
    name, labels = request.form.get("name", "").strip(), request.form.get("labels", "")[:MOST_TEXT]
    try:
        made = define.create_set(platform().database, name, define.read_labels(labels))
    except (BadSet, BadLabel, Conflict) as mistake:
        return _page(mistake=str(mistake), name=name, labels=labels), STATUS[type(mistake)]
    return _back(made.name)


@admin.post("/sets/labels")
def add_label() -> ResponseReturnValue:
    """Add a label to a symbol set; after a mistake, show the message at the set."""
    name, label = request.form.get("set", ""), " ".join(define.read_labels(request.form.get("label", "")[:MOST_TEXT]))
    try:
        define.add_label(platform().database, name, label)
    except (BadSet, BadLabel, Conflict) as mistake:
        return _page(mistake=str(mistake), at=name, typed=label), STATUS[type(mistake)]
    return _back(name)


def _page(**more: str) -> str:
    with platform().database.reading() as session:
        found = [define.collected(session, one.name) for one in registry.symbol_sets(session)]
    return page("sets.html", sets=found, needed=define.NEEDED, **more)


def _back(name: str) -> ResponseReturnValue:
    return redirect(url_for("admin.symbol_sets", _anchor=f"set-{name}"), 303)
