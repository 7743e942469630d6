"""What the owner's pages have in common: fields of forms, one rendering, and news that is shown once after a redirect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from functions import registry
from functions.domain.symbols import SymbolSet
from functions.errors import UnknownSet
from functions.web.security import owner_session

CURSOR = re.compile(r"[0-9a-z-]{1,64}")
NEWS, NEW_TOKEN = "news", "new_token"  # keys of the session's cookie; the next page takes them out


def page(template: str, **facts: Any) -> str:
    """Render one of the owner's pages, with the news of the action before it."""
    return render_template(f"admin/{template}", csrf=owner_session.csrf_token(), news=session.pop(NEWS, None), **facts)


def field(name: str) -> str:
    """Return a field of the form, "" for one that is missing, too long or not printable."""
    form: MultiDict[str, str] = request.form
    value = form.get(name, "")
    return value if value.isprintable() and len(value) <= 64 else ""


def cursor() -> str | None:
    """Return the id before which a page of rows begins, None for the newest."""
    asked = request.args.get("cursor", "")
    return asked if CURSOR.fullmatch(asked) else None


def tell(code: str, *, undo: Mapping[str, str] | None = None, **figures: str | int) -> None:
    """Let the owner's next page say ``owner.news.CODE`` once; ``undo`` has the ``endpoint`` and the fields of a form.

    Shown after a redirect, so loading that page again repeats neither the action nor the news.
    """
    session[NEWS] = {"code": code, "figures": figures, "undo": undo}


def to(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Redirect to a page after a change."""
    return redirect(url_for(f"admin.{endpoint}", **values), 303)


def chosen_set(rows: Session, named: str | None) -> dict[str, Any]:
    """Return ``sets``, hidden ones too, and the ``chosen`` one, which is the first without a name; raise UnknownSet."""
    sets = tuple(registry.sets_in_order(rows))
    chosen: SymbolSet | None = next((one for one in sets if named in (None, one.name)), None)
    if chosen is None:
        raise UnknownSet("There is no such symbol set.")
    return {"sets": sets, "chosen": chosen}
