"""The owner's page of the audit log: who did what, when, and to which object."""

from __future__ import annotations

from flask import request, url_for

from functions.records.audit_log import ACTS, AuditFilter, actors, page_of_acts
from functions.records.tables import AuditRow
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import page
from functions.web.pages.public import current_words, set_title, short
from functions.web.pages.translations import Words
from functions.web.platform import platform

ROWS_ON_PAGE = 50
FILTERS = ("act", "actor", "object")
FIGURES = ("count", "label", "kind", "learner", "samples", "added", "drawings", "format", "file", "failed_before", "host")


@admin.get("/audit")
def audit() -> str:
    """Show the owner's acts, the newest first."""
    asked = {name: request.args.get(name, "").strip()[:64] for name in FILTERS}
    before = request.args.get("cursor", "")[:32] or None
    chosen = AuditFilter(*(asked[name] if asked[name].isprintable() else "" for name in FILTERS))
    with platform().database.reading() as session:
        rows = page_of_acts(session, chosen, limit=ROWS_ON_PAGE + 1, before=before)
        names = actors(session)
    shown, words = rows[:ROWS_ON_PAGE], current_words()
    return page(
        "audit.html",
        rows=[{"row": row, "leads": _leads(row), "figures": figures(row, words)} for row in shown],
        asked=asked,
        asked_for={name: value for name, value in asked.items() if value},
        acts=sorted(ACTS, key=lambda act: words(f"audit.act.{act}")),
        actors=names,
        older=shown[-1].id if len(rows) > ROWS_ON_PAGE else None,
        newest=before is None,
    )


def figures(row: AuditRow, words: Words) -> str:
    """Return the figures of an act in one line: what is new of a symbol set, or counts by their names."""
    changed = row.act in ("set_changed", "settings_changed")
    found = []
    for name, value in row.details.items():
        if changed:
            found.append(f"{words.get(f'audit.figure.{name}', name)}: {_value(value[0], words)} → {_value(value[1], words)}")
        elif name in FIGURES and value not in (None, "", 0):
            shown = words.get(f"owner.run.{value}", str(value)) if name == "kind" else _value(value, words)
            found.append(f"{words(f'audit.figure.{name}')}: {shown}")
    return "; ".join(found)


def _value(value: object, words: Words) -> str:
    match value:
        case bool():
            return words("audit.yes" if value else "audit.no")
        case int():
            return words.number(value)
        case list():
            return " ".join(map(str, value))
    return str(value) or "—"


def _leads(row: AuditRow) -> tuple[str, str] | None:
    """Return the address and the name of an act's object, None where there is nothing to show."""
    match ACTS.get(row.act):
        case "sample" if row.set_name:
            return url_for("pages.drawing", set_name=row.set_name, sample_id=row.object), row.object[-8:]
        case "contributor":
            return url_for("admin.contributor", contributor=row.object), row.object[-8:]
        case "version" if row.set_name:
            return url_for("pages.version", set_name=row.set_name, version_id=row.object), short(row.object)
        case "run" if row.set_name:
            return url_for("admin.runs", set_name=row.set_name), row.object[-8:]
        case "set" if row.act != "set_deleted":
            return url_for("admin.symbol_set", set_name=row.object), set_title(row.object)
    return None
