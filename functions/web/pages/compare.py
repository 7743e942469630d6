"""The page that compares any two versions of a symbol set on the same drawings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.monitoring.comparison import Comparison, compare_versions
from functions.domain.symbols import SymbolSet
from functions.records.tables import Version
from functions.web.pages.public import pages, set_page
from functions.web.pages.version_figures import VersionFigures, version_figures

CHOICES = 40  # versions to choose from, beside those of the address

Kept = tuple[Mapping[str, Any], str]  # the errors that a version keeps, and as which ("before", "after") they are another's


@pages.get("/models/<set_name>/compare")
def compare(set_name: str) -> Response:
    """Show two versions side by side: by default the original and the live one of what learned last, else both learners."""
    return set_page("compare.html", set_name, _compared)


def _compared(session: Session, chosen: SymbolSet) -> dict[str, Any]:
    live, newest = registry.live(session, chosen.name), registry.versions(session, chosen.name, limit=CHOICES)
    asked = [_asked(session, chosen.name, name) for name in ("first", "second")]
    first, second = asked if all(asked) else _usual(session, chosen.name, live)
    pair = [version for version in (first, second) if version is not None]
    choices = {version.id: version for version in (*pair, *live.values(), *newest)}
    names = {version.id for version in live.values()}

    def shown(version: Version) -> VersionFigures:
        return version_figures(version, chosen, live=version.id in names)

    return {
        "pair": [shown(version) for version in pair] if len(pair) == 2 else [],
        "choices": [shown(version) for version in choices.values()],
        "comparison": comparison(session, *pair) if len(pair) == 2 else None,
    }


def comparison(session: Session, first: Version, second: Version) -> Comparison | None:
    """Compare two versions by their stored answers; None where an earlier release did not store them."""
    one, other = _kept(session, first), _kept(session, second)
    if one is None or other is None or not one[0]["count"]:
        return None
    labels = max(first.labels, second.labels, key=len)
    return compare_versions(one[0], other[0], labels, of=(one[1], other[1]))


def _kept(session: Session, version: Version) -> Kept | None:
    """Return the errors of a version: its own, or those that a version kept which was compared with it."""
    if (own := version.gate.get("errors")) is not None:
        return own, "after"
    for child in session.scalars(select(Version).where(Version.set_name == version.set_name, Version.parent_id == version.id)):
        if "errors" in child.gate and child.gate.get("baseline") in (None, version.id):
            return child.gate["errors"], "before"
    return None


def _asked(session: Session, set_name: str, name: str) -> Version | None:
    version = session.get(Version, request.args.get(name, "")[:48])
    return version if version is not None and version.set_name == set_name else None


def _usual(session: Session, set_name: str, live: Mapping[str, Version]) -> tuple[Version | None, Version | None]:
    learned = [version for version in live.values() if not version.original]
    second = max(learned or live.values(), key=lambda version: version.created, default=None)
    if learned and second is not None:
        return registry.original(session, set_name).get(second.learner), second
    return next((version for version in live.values() if version is not second), None), second
