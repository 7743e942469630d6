"""The public pages. They are rendered here; every action on them goes through the API.

Each page shows one symbol set, named by its address: ``/contribute/characters``. An address without a set (``/``,
``/contribute``) redirects to the set that the visitor used last, and shows the first set to a new visitor.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from jinja2.runtime import Macro
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.answer import LEARNERS
from functions.domain.monitoring import by_version
from functions.domain.symbols import SymbolSet
from functions.errors import UnknownSet, UnknownVersion
from functions.records.label_counts import counts_by_label
from functions.records.metrics import live_periods
from functions.records.runs import NEAREST, lineage
from functions.records.withdrawals import withdrawn_since
from functions.verbs.collected import NEEDED, collected
from functions.web.pages.example_drawing import example_drawing
from functions.web.pages.gallery_query import GalleryQuery
from functions.web.pages.gate_report import gate_report
from functions.web.pages.label_groups import kinds, label_choice
from functions.web.pages.lineage import lineages
from functions.web.pages.live_summary import live_summary
from functions.web.pages.moments import axis_exactness, exactness
from functions.web.pages.owner_sentences import kept_text, problem_text
from functions.web.pages.performance import performance
from functions.web.pages.provenance import provenance
from functions.web.pages.translations import LANGUAGES, Words, choose_language, words
from functions.web.pages.version_figures import version_figures
from functions.web.platform import platform
from functions.web.security.addresses import cookie_path

pages = Blueprint("pages", __name__)

LANGUAGE = "lang"  # names of cookies
SET = "set"
AHEAD = "Inkloop-Ahead"  # a header: the service worker fetches pages that nobody looks at now
A_YEAR = 365 * 24 * 3600  # seconds
FRAGMENTS = 1_000  # about two megabytes
_fragments: dict[Hashable, str] = {}
VERSIONS_ON_PAGE = 20  # versions on the page of the models; the API lists all


@pages.get("/")
@pages.get("/recognise/<set_name>")
def recognise(set_name: str | None = None) -> Response:
    """Show the page on which a person draws a symbol and corrects the answer."""
    return set_page("recognise.html", set_name, lambda _, chosen: {"for_script": {"example": example_drawing(chosen.name)}})


@pages.get("/read")
@pages.get("/read/<set_name>")
def read(set_name: str | None = None) -> Response:
    """Show the page on which a person writes a whole number or word."""
    return set_page("read.html", set_name)


@pages.get("/contribute")
@pages.get("/contribute/<set_name>")
def contribute(set_name: str | None = None) -> Response:
    """Show the page that asks for drawings."""
    return set_page("contribute.html", set_name)


@pages.get("/models")
@pages.get("/models/<set_name>")
def models(set_name: str | None = None) -> Response:
    """Show the live versions with their accuracy and calibration, the performance over time, and the other versions."""
    return set_page("models.html", set_name, _versions)


@pages.get("/models/<set_name>/versions/<version_id>")
def version(set_name: str, version_id: str) -> Response:
    """Show a version: the gate's decision, its provenance, and its live periods."""
    return set_page("version.html", set_name, lambda session, chosen: _version(session, chosen, version_id))


@pages.app_context_processor
def everywhere() -> dict[str, Any]:
    """Give every template the words ``t``, the language, the address of its page in another language, and ``kept``."""
    return {
        "t": current_words(),
        "language": current_words().language,
        "languages": {language: words(language)("language.name") for language in LANGUAGES},
        "here": _here,
        "kept": _kept,
        "short": short,
        "exactness": exactness,
        "axis_exactness": axis_exactness,
        "source_url": platform().settings.source_url,
        "set_title": set_title,
        "told": told,
        "told_kept": told_kept,
    }


def current_words() -> Words:
    """Return the words in the language of the current request."""
    if "words" not in g:
        preferred = [tag for tag, _ in request.accept_languages]
        g.words = words(choose_language(request.args.get("lang"), request.cookies.get(LANGUAGE), preferred))
    return g.words  # type: ignore[no-any-return]


def _kept(macro: Macro, *values: Hashable) -> str:
    """Return what a macro makes of frozen values, from the cache if it has made it in this language before."""
    key = macro.name, current_words().language, request.script_root, *values
    made = _fragments.get(key)
    if made is None:
        if len(_fragments) >= FRAGMENTS:
            _fragments.clear()
        made = _fragments[key] = macro(*values)
    return made


def short(version_id: str) -> str:
    """Return the end of a version's random id, which people can compare, or that of a shipped version's "set-learner-hash"."""
    return version_id[-8:] if len(version_id) >= 32 else version_id.rpartition("-")[2]


def told(problem: object) -> str | None:
    """Return what is wrong in the visitor's language, None where only the English words are known."""
    return problem_text(problem, current_words())


def told_kept(sentence: str) -> str | None:
    """Return what a row keeps of a store or a receiver in the visitor's language, None where only the English words are known."""
    return kept_text(sentence, current_words())


def set_title(named: SymbolSet | str) -> str:
    """Return what people read of a symbol set: the owner's title, else the translated name, else the name."""
    if isinstance(named, SymbolSet):
        return named.title or current_words().get(f"set.{named.name}", named.name)
    if "titles" not in g:
        with platform().database.reading() as session:
            g.titles = {one.name: set_title(one) for one in registry.symbol_sets(session)}
    return str(g.titles.get(named, named))


def set_page(
    template: str,
    set_name: str | None,
    more: Callable[[Session, SymbolSet], dict[str, Any]] | None = None,
    *,
    of_one_set: bool = True,
) -> Response:
    """Render a page of a symbol set. ``more`` adds facts for the template, and below ``for_script`` for its scripts.

    A page that is not ``of_one_set`` has one address for all sets. Raises UnknownSet.
    """
    with platform().database.reading() as session:
        every = registry.sets_in_order(session)
        sets = tuple(one for one in every if not one.hidden)
        chosen = _chosen(every, sets, set_name)
        if set_name is None and of_one_set and (SET in request.args or chosen != sets[0]):
            kept = {LANGUAGE: request.args[LANGUAGE]} if LANGUAGE in request.args else {}
            return in_language(make_response(redirect(_here(set_name=chosen.name, **kept))))
        facts = _facts(session, chosen) | (more(session, chosen) if more else {})
    facts["script"] |= facts.get("for_script", {})
    response = in_language(make_response(render_template(template, sets=sets, chosen=chosen, **facts)))
    if (
        set_name is not None
        and len(sets) > 1
        and chosen in sets
        and request.cookies.get(SET) != set_name
        and AHEAD not in request.headers
    ):
        _remember(response, SET, set_name)
    return response


def _chosen(every: Sequence[SymbolSet], sets: Sequence[SymbolSet], named: str | None) -> SymbolSet:
    """Return the set named by the address (or by its older form ``?set=``), else the remembered set, else the first.

    A hidden set answers only where the address names it.
    """
    asked = named or request.args.get(SET)
    by_name = {symbols.name: symbols for symbols in (every if asked else sets)}
    chosen = by_name.get(asked) if asked else by_name.get(request.cookies.get(SET, ""), sets[0] if sets else None)
    if chosen is None:
        raise UnknownSet("There is no such symbol set.")
    return chosen


def _facts(session: Session, chosen: SymbolSet) -> dict[str, Any]:
    """Return the facts about a set for the templates, and below ``script`` for their scripts."""
    label_kinds = kinds(chosen.labels)
    so_far = collected(session, chosen.name)
    script = {
        "api": f"{request.script_root}/api/v1",
        "set": chosen.name,
        "labels": chosen.labels,
        "kinds": label_kinds,
        "readiness": {"labels": so_far.unlearned, "missing": so_far.missing, "needed": NEEDED},
        "goal": chosen.goal,
        "counts": so_far.counts if chosen.goal else {},
        "language": current_words().language,
        "words": current_words().for_scripts(),
    }
    shown = {"choice": label_choice(chosen.labels), "kinds": label_kinds, "readiness": so_far, "script": script}
    return shown | {"learned": bool(registry.live(session, chosen.name))}


def _versions(session: Session, chosen: SymbolSet) -> dict[str, Any]:
    live = {version.learner: version for version in registry.live(session, chosen.name).values()}
    shown = [
        version for version in registry.versions(session, chosen.name, limit=VERSIONS_ON_PAGE) if version not in live.values()
    ]
    metrics, counts = platform().metrics.of_set(session, chosen.name), counts_by_label(session, chosen.name)
    return {
        "summary": live_summary(metrics, len(chosen.labels)),
        "lineages": lineages(metrics.progress),
        "balance": [(label, counts.get(label, 0)) for label in chosen.labels],
        "live_versions": [version_figures(live[learner], chosen, live=True) for learner in LEARNERS if learner in live],
        "other_versions": [version_figures(version, chosen, live=False) for version in shown],
        "performance": performance(metrics, chosen.labels),
    }


def _version(session: Session, chosen: SymbolSet, version_id: str) -> dict[str, Any]:
    found = registry.version(session, version_id)
    if found.set_name != chosen.name:
        raise UnknownVersion("There is no version with that id in this set.")
    live = {version.id for version in registry.live(session, chosen.name).values()}
    scores = platform().metrics.corrections.newest(session, chosen.name).scores
    return {
        "version": version_figures(found, chosen, live=found.id in live),
        "gate": gate_report(found, current_words()),
        "provenance": provenance(found),
        "live_periods": live_periods(session, found),
        "while_live": by_version(scores, {found.id}).get(found.id),
        "withdrawn": withdrawn_since(session, found, lineage(session, found, NEAREST)),
    }


def in_language(response: Response) -> Response:
    """Mark a page as one in the visitor's language, which the next visit remembers where the address chose it."""
    response.content_language = current_words().language
    response.vary.update(("Accept-Language", "Cookie"))
    response.cache_control.no_cache = True
    if request.args.get(LANGUAGE) in LANGUAGES:
        _remember(response, LANGUAGE, current_words().language)
    return response


def _remember(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=A_YEAR, path=cookie_path(), samesite="Lax", secure=request.is_secure, httponly=True)


def _here(**changes: Any) -> str:
    """Return the address of the current page with another ``set_name`` or ``lang``.

    A version and a drawing belong to one set only. The filters of the gallery stay in another language.
    """
    if request.endpoint is None or request.method != "GET":
        return url_for("pages.recognise", **changes)
    if request.endpoint == "pages.version" and "set_name" in changes:
        return url_for("pages.models", **changes)
    if request.endpoint in ("pages.drawing", "pages.drawing_versions") and "set_name" in changes:
        return url_for("pages.dataset", **changes)
    if request.endpoint == "pages.compare" and "set_name" not in changes:
        changes = {name: text for name, text in request.args.items() if name in ("first", "second")} | changes
    if request.endpoint == "pages.dataset" and "set_name" not in changes:
        changes = {name: text for name, text in request.args.items() if name in GalleryQuery.model_fields} | changes
    return url_for(request.endpoint, **{**(request.view_args or {}), **changes})
