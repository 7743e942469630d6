"""The pages that people see. They are rendered here; everything that happens on them goes through the API."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from functions import registry
from functions.errors import UnknownSet
from functions.symbols import SymbolSet
from functions.web.platform import platform
from functions.web.words import LANGUAGES, Words, choose_language, words

pages = Blueprint("pages", __name__)

COOKIE = "lang"
A_YEAR = 365 * 24 * 3600  # seconds


@pages.get("/")
def recognise() -> Response:
    """Show the page on which a symbol is drawn, answered and corrected."""
    return _page("recognise.html")


@pages.get("/contribute")
def contribute() -> Response:
    """Show the page on which symbols are drawn that the page asks for."""
    return _page("contribute.html")


@pages.app_context_processor
def everywhere() -> dict[str, Any]:
    """Give every template its words, ``t``, its language and the way to itself in another one."""
    return {"t": speech(), "language": speech().language, "languages": LANGUAGES, "here": _here}


def speech() -> Words:
    """Return the words in the language of the current request."""
    if "words" not in g:
        preferred = [tag for tag, _ in request.accept_languages]
        g.words = words(choose_language(request.args.get("lang"), request.cookies.get(COOKIE), preferred))
    return g.words  # type: ignore[no-any-return]


def _page(template: str) -> Response:
    with platform().database.reading() as session:
        sets = registry.symbol_sets(session)
    chosen = _chosen(sets)
    script = {
        "api": "/api/v1",
        "set": chosen.name,
        "labels": chosen.labels,
        "language": speech().language,
        "words": speech().for_scripts(),
    }
    return _spoken(make_response(render_template(template, sets=sets, chosen=chosen, script=script)))


def _chosen(sets: list[SymbolSet]) -> SymbolSet:
    name = request.args.get("set")
    for one in sets:
        if name in (None, one.name):
            return one
    raise UnknownSet("There is no such symbol set.")


def _spoken(response: Response) -> Response:
    response.content_language = speech().language
    response.vary.update(("Accept-Language", "Cookie"))
    response.cache_control.no_cache = True
    if request.args.get("lang") in LANGUAGES:
        spoken = speech().language
        response.set_cookie(COOKIE, spoken, max_age=A_YEAR, samesite="Lax", secure=request.is_secure, httponly=True)
    return response


def _here(**changes: Any) -> str:
    """Return the address of the current page with some of its ``set`` and ``lang`` changed."""
    if request.endpoint is None or request.method != "GET":
        return url_for("pages.recognise", **changes)
    kept: dict[str, Any] = {"set": request.args["set"]} if "set" in request.args else {}
    return url_for(request.endpoint, **{**(request.view_args or {}), **kept, **changes})
