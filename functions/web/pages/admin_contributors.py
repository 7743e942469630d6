"""The owner's page of one contributor: their drawings, what was decided about them, who learned from them, the retraction."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from functions import registry
from functions.errors import UnknownContributor
from functions.records.audit_log import AuditFilter, page_of_acts
from functions.records.contributor_samples import MOST_COUNTED, gold_answers, newest_contributors, page_of_theirs
from functions.records.runs import lineage, unfinished_runs
from functions.records.samples import drawings_of, find_sample
from functions.records.withdrawals import counts_by_status, is_contributor, learned_from_withdrawn
from functions.registry.unlearning import clean_starts
from functions.verbs.withdraw import retract as retract_verb
from functions.web.pages.admin import admin
from functions.web.pages.admin_audit import figures
from functions.web.pages.dataset import tiles
from functions.web.pages.owner_page import cursor, page
from functions.web.pages.owner_sentences import reason_text, step_text
from functions.web.pages.public import current_words
from functions.web.platform import platform
from functions.web.security.owner_session import actor

TILES_ON_PAGE = 48
ROWS_ON_PAGE = 30  # contributors
ACTS_ON_PAGE = 10  # the log has all


@admin.get("/contributors/<contributor>")
def contributor(contributor: str) -> str:
    """Show a contributor's samples, newest first, and the versions that learned from withdrawn samples."""
    return page("contributor.html", **_facts(contributor), **_history(contributor))


@admin.get("/contributors")
def contributors() -> ResponseReturnValue:
    """Redirect to the page of a sample's contributor; without a sample, show the newest contributors."""
    if "sample" not in request.args:
        with platform().database.reading() as session:
            found = newest_contributors(session, ROWS_ON_PAGE + 1, cursor())
        older = found[ROWS_ON_PAGE - 1][0].id if len(found) > ROWS_ON_PAGE else None
        shown = found[:ROWS_ON_PAGE]
        return page("contributors.html", found=shown, older=older, newest=cursor() is None, most_counted=MOST_COUNTED)
    with platform().database.reading() as session:
        sample = find_sample(session, _id(request.args.get("sample", "").strip()))
    return _to(sample.contributor_id)


@admin.post("/retract")
def retract() -> ResponseReturnValue:
    """Withdraw all drawings of a contributor; with ``forget``, request runs that unlearn them."""
    contributor = _id(request.form.get("contributor", ""))
    retract_verb(platform().database, contributor, forget=request.form.get("forget") == "on", by=actor())
    return _to(contributor)


def _history(contributor: str) -> dict[str, Any]:
    """Return a page of the contributor's drawings with their reasons, their gold answers, and the owner's acts about them."""
    before, words = cursor(), current_words()
    with platform().database.reading() as session:
        found = page_of_theirs(session, contributor, limit=TILES_ON_PAGE, before=before)
        drawings = drawings_of(session, found.samples)
        gold = gold_answers(session, contributor)
        acts = page_of_acts(session, AuditFilter(object=contributor), limit=ACTS_ON_PAGE)
    shown = [
        {"tile": tile, "reason": reason_text(tile.sample.reason, tile.sample.reason_figures, words)}
        for tile in tiles(found.samples, drawings)
    ]
    return {
        "shown": shown,
        "older": found.next,
        "newest": before is None,
        "gold": gold,
        "acts": [{"row": row, "figures": figures(row, words)} for row in acts],
    }


def _facts(contributor: str) -> dict[str, Any]:
    with platform().database.reading() as session:
        if not is_contributor(session, _id(contributor)):
            raise UnknownContributor("There is no contributor with that id.")
        counts = counts_by_status(session, contributor)
        learned = learned_from_withdrawn(session, [contributor])
        saw = {version.id for version in learned}
        answering = []
        for set_name in sorted({version.set_name for version in learned}):
            clean = clean_starts(session, set_name, [contributor])
            first = min(version.created for version in learned if version.set_name == set_name)
            for learner, version in sorted(registry.live(session, set_name).items()):
                tainted = bool(saw & {version.id, *lineage(session, version, since=first)})
                answering.append({"version": version, "tainted": tainted, "clean": clean.get(learner)})
        runs = [
            {"run": run, "step": step_text(run.step, current_words())}
            for run in unfinished_runs(session, {set_name for set_name, _ in counts})
            if contributor in run.forget
        ]
    return {"contributor": contributor, "counts": counts, "learned": learned, "answering": answering, "runs": runs}


def _id(given: str) -> str:
    # A database may raise an error for odd characters instead of finding nothing.
    return given if given.isascii() and given.isalnum() else "-"


def _to(contributor: str) -> ResponseReturnValue:
    return redirect(url_for("admin.contributor", contributor=contributor), 303)
