"""The owner's page of versions: make one live, after a question that says what changes, and with a way back."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from functions import registry
from functions.errors import UnknownVersion
from functions.verbs.activate import activate as activate_verb
from functions.web.pages.admin import admin
from functions.web.pages.gate_report import gate_text
from functions.web.pages.owner_page import chosen_set, cursor, field, page, tell, to
from functions.web.pages.public import current_words, short
from functions.web.pages.version_figures import version_figures
from functions.web.platform import platform
from functions.web.security.owner_session import actor

ROWS_ON_PAGE = 30


@admin.get("/versions")
@admin.get("/versions/<set_name>")
def versions(set_name: str | None = None) -> str:
    """Show the versions of a set, the live ones first."""
    words = current_words()
    with platform().database.reading() as session:
        shown = chosen_set(session, set_name)
        symbols = shown["chosen"]
        live = registry.live(session, symbols.name)
        found = registry.versions(session, symbols.name, limit=ROWS_ON_PAGE + 1, before=cursor())
        newest = found[:ROWS_ON_PAGE]
        names = {version.id for version in live.values()}
        rows = [
            {"figures": version_figures(one, symbols, live=one.id in names), "gate": gate_text(one, words)}
            for one in [*(live.values() if cursor() is None else ()), *(version for version in newest if version.id not in names)]
        ]
    older = newest[-1].id if len(found) > ROWS_ON_PAGE else None
    return page("versions.html", versions=rows, older=older, newest=cursor() is None, **shown)


@admin.get("/versions/<set_name>/<version_id>")
def question(set_name: str, version_id: str) -> str:
    """Ask whether a version shall become live, and say what changes."""
    words = current_words()
    with platform().database.reading() as session:
        shown = chosen_set(session, set_name)
        version = registry.version(session, version_id)
        if version.set_name != set_name:
            raise UnknownVersion("There is no version with that id in this set.")
        now = registry.live(session, set_name).get(version.learner)
        return page(
            "question.html",
            version=version_figures(version, shown["chosen"], live=now is not None and now.id == version.id),
            now=None if now is None else version_figures(now, shown["chosen"], live=True),
            gate=gate_text(version, words),
            **shown,
        )


@admin.post("/activate")
def activate() -> ResponseReturnValue:
    """Make a version live; the next page offers the way back to the one before it."""
    here = platform()
    artefacts = registry.Artefacts(here.store, here.settings.models)
    before = field("replaces") or None
    version = activate_verb(here.database, artefacts, field("version"), "owner", replaces=before, actor=actor())
    back = {"endpoint": "admin.activate", "version": before, "replaces": version.id} if before and before != version.id else None
    tell("activated", undo=back, learner=version.learner.upper(), version=short(version.id))
    return to("versions", set_name=version.set_name)
