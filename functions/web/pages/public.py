"""The pages that people see. They are rendered here; everything that happens on them goes through the API.

Every page is of one symbol set, which its address names: ``/contribute/characters``. An address without one (``/``,
``/contribute``) leads to the set that the visitor used last, and is a page of the first set where there was none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.answer import LEARNERS
from functions.domain.monitoring import by_version
from functions.domain.symbols import SymbolSet
from functions.errors import UnknownSet, UnknownVersion
from functions.records.metrics import judged_answers, live_periods
from functions.records.withdrawals import withdrawn_since
from functions.verbs.define import NEEDED, collected
from functions.verbs.metrics import set_metrics
from functions.web.pages.gate_report import decision
from functions.web.pages.label_groups import Lacking, choosing, kinds
from functions.web.pages.performance import story
from functions.web.pages.provenance import origin
from functions.web.pages.translations import LANGUAGES, Words, choose_language, words
from functions.web.pages.version_figures import figures
from functions.web.platform import platform

pages = Blueprint("pages", __name__)

LANGUAGE = "lang"  # the names of the cookies
SET = "set"
A_YEAR = 365 * 24 * 3600  # seconds
SHOWN = 20  # versions on the page of the models; the API has them all


@pages.get("/")
@pages.get("/recognise/<set_name>")
def recognise(set_name: str | None = None) -> Response:
    """Show the page on which a symbol is drawn, answered and corrected."""
    return _page("recognise.html", set_name)


@pages.get("/contribute")
@pages.get("/contribute/<set_name>")
def contribute(set_name: str | None = None) -> Response:
    """Show the page on which symbols are drawn that the page asks for."""
    return _page("contribute.html", set_name)


@pages.get("/models")
@pages.get("/models/<set_name>")
def models(set_name: str | None = None) -> Response:
    """Show how good the networks are that answer, whether they mean what they say, and which versions there were before."""
    return _page("models.html", set_name, _versions)


@pages.get("/models/<set_name>/versions/<version_id>")
def version(set_name: str, version_id: str) -> Response:
    """Show what made a version, how the gate decided about it, and when it answered."""
    return _page("version.html", set_name, lambda session, chosen: _version(session, chosen, version_id))


@pages.app_context_processor
def everywhere() -> dict[str, Any]:
    """Give every template its words, ``t``, its language and the way to itself in another one."""
    return {"t": speech(), "language": speech().language, "languages": LANGUAGES, "here": _here}


def speech() -> Words:
    """Return the words in the language of the current request."""
    if "words" not in g:
        preferred = [tag for tag, _ in request.accept_languages]
        g.words = words(choose_language(request.args.get("lang"), request.cookies.get(LANGUAGE), preferred))
    return g.words  # type: ignore[no-any-return]


def _page(template: str, set_name: str | None, more: Callable[[Session, SymbolSet], dict[str, Any]] | None = None) -> Response:
    with platform().database.reading() as session:
        sets = tuple(reversed(registry.symbol_sets(session)))  # the oldest first, which is the first that was shipped
        chosen = _chosen(sets, set_name)
        if set_name is None and (SET in request.args or chosen != sets[0]):
            kept = {LANGUAGE: request.args[LANGUAGE]} if LANGUAGE in request.args else {}
            return _spoken(make_response(redirect(_here(set_name=chosen.name, **kept))))
        facts = _facts(session, chosen) | (more(session, chosen) if more else {})
    response = _spoken(make_response(render_template(template, sets=sets, chosen=chosen, **facts)))
    if set_name is not None and len(sets) > 1 and request.cookies.get(SET) != set_name:
        _remember(response, SET, set_name)
    return response


def _chosen(sets: tuple[SymbolSet, ...], named: str | None) -> SymbolSet:
    """Return the set that the address names, now or in its older form ``?set=``; else the remembered one; else the first."""
    asked = named or request.args.get(SET)
    by_name = {one.name: one for one in sets}
    chosen = by_name.get(asked) if asked else by_name.get(request.cookies.get(SET, ""), sets[0] if sets else None)
    if chosen is None:
        raise UnknownSet("There is no such symbol set.")
    return chosen


def _facts(session: Session, chosen: SymbolSet) -> dict[str, Any]:
    """Return what the templates, and below ``script`` their scripts, are told about a set."""
    of_kind = kinds(chosen.labels)
    so_far = collected(session, chosen.name)
    lacking = Lacking(so_far.unlearned, so_far.missing, NEEDED)
    script = {
        "api": "/api/v1",
        "set": chosen.name,
        "labels": chosen.labels,
        "kinds": of_kind,
        "lacking": asdict(lacking),
        "language": speech().language,
        "words": speech().for_scripts(),
    }
    learned = bool(registry.live(session, chosen.name))
    return {"choosing": choosing(chosen.labels), "kinds": of_kind, "lacking": lacking, "learned": learned, "script": script}


def _versions(session: Session, chosen: SymbolSet) -> dict[str, Any]:
    live = {version.learner: version for version in registry.live(session, chosen.name).values()}
    shown = [version for version in registry.versions(session, chosen.name, limit=SHOWN) if version not in live.values()]
    return {
        "answering": [figures(live[learner], chosen, live=True) for learner in LEARNERS if learner in live],
        "others": [figures(version, chosen, live=False) for version in shown],
        "story": story(set_metrics(session, chosen.name), chosen.labels),
    }


def _version(session: Session, chosen: SymbolSet, version_id: str) -> dict[str, Any]:
    found = registry.version(session, version_id)
    if found.set_name != chosen.name:
        raise UnknownVersion("There is no version with that id in this set.")
    live = {one.id for one in registry.live(session, chosen.name).values()}
    return {
        "one": figures(found, chosen, live=found.id in live),
        "decision": decision(found, speech()),
        "origin": origin(found),
        "stretches": live_periods(session, found),
        "answering": by_version(judged_answers(session, chosen.name)).get(found.id),
        "withdrawn": withdrawn_since(session, found),
    }


def _spoken(response: Response) -> Response:
    response.content_language = speech().language
    response.vary.update(("Accept-Language", "Cookie"))
    response.cache_control.no_cache = True
    if request.args.get(LANGUAGE) in LANGUAGES:
        _remember(response, LANGUAGE, speech().language)
    return response


def _remember(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure, httponly=True)


def _here(**changes: Any) -> str:
    """Return the address of the current page with its ``set_name`` or ``lang`` changed; a version is of one set only."""
    if request.endpoint is None or request.method != "GET":
        return url_for("pages.recognise", **changes)
    if request.endpoint == "pages.version" and "set_name" in changes:
        return url_for("pages.models", **changes)
    return url_for(request.endpoint, **{**(request.view_args or {}), **changes})
