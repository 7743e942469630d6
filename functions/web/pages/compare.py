"""The page that compares any two versions of a symbol set on the same drawings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.monitoring.comparison import Comparison
from functions.domain.symbols import SymbolSet
from functions.errors import Unavailable
from functions.records.tables import Version
from functions.verbs.compare_versions import compare_any
from functions.web.pages.public import pages, set_page
from functions.web.pages.version_figures import VersionFigures, version_figures
from functions.web.platform import platform

CHOICES = 40  # versions to choose from, beside those of the address


@pages.get("/models/<set_name>/compare")
def compare(set_name: str) -> Response:
    """Show two versions side by side: by default the original and the live one of what learned last, else both learners."""
    with platform().database.reading() as session:
        pair = _pair(session, set_name)
    # Before the page's transaction: to ask two versions takes about a second.
    found = _comparison(*pair) if len(pair) == 2 else None
    return set_page("compare.html", set_name, lambda session, chosen: _facts(session, chosen, pair) | {"comparison": found})


def _comparison(first: Version, second: Version) -> Comparison | None:
    here = platform()
    artefacts = registry.Artefacts(here.store, here.settings.models)
    with here.waits.waiting("comparison", Unavailable("Other versions are being compared; try again in a moment.")):
        return compare_any(here.database, artefacts, here.holdout_answers, first.id, second.id)


def _facts(session: Session, chosen: SymbolSet, pair: list[Version]) -> dict[str, Any]:
    live, newest = registry.live(session, chosen.name), registry.versions(session, chosen.name, limit=CHOICES)
    choices = {version.id: version for version in (*pair, *live.values(), *newest)}
    names = {version.id for version in live.values()}

    def shown(version: Version) -> VersionFigures:
        return version_figures(version, chosen, live=version.id in names)

    labels = [set(version.labels) for version in pair]
    return {
        "pair": [shown(version) for version in pair] if len(pair) == 2 else [],
        "choices": [shown(version) for version in choices.values()],
        "shared": len(set.intersection(*labels)) if len(pair) == 2 and labels[0] != labels[1] else None,
    }


def _pair(session: Session, set_name: str) -> list[Version]:
    """Return the two versions that the address names, else those that are usually compared; fewer where there are not two."""
    asked = [_asked(session, set_name, name) for name in ("first", "second")]
    first, second = asked if all(asked) else _usual(session, set_name, registry.live(session, set_name))
    return [version for version in (first, second) if version is not None]


def _asked(session: Session, set_name: str, name: str) -> Version | None:
    version = session.get(Version, request.args.get(name, "")[:48])
    return version if version is not None and version.set_name == set_name else None


def _usual(session: Session, set_name: str, live: Mapping[str, Version]) -> tuple[Version | None, Version | None]:
    learned = [version for version in live.values() if not version.original]
    second = max(learned or live.values(), key=lambda version: version.created, default=None)
    if learned and second is not None:
        return registry.original(session, set_name).get(second.learner), second
    return next((version for version in live.values() if version is not second), None), second
