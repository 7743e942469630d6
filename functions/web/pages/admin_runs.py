"""The owner's page of runs: what is in progress, what ended, and how; start and cancel one."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from functions import jobs, registry
from functions.errors import Malformed
from functions.records.audit_log import note
from functions.verbs.import_run import forget_parts
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import chosen_set, cursor, field, page, tell, to
from functions.web.pages.owner_sentences import step_text
from functions.web.pages.public import current_words
from functions.web.platform import platform
from functions.web.security.owner_session import actor

ROWS_ON_PAGE = 30


@admin.get("/runs")
@admin.get("/runs/<set_name>")
def runs(set_name: str | None = None) -> str:
    """Show the runs of a set, the newest first; the page's script looks again while one is in progress."""
    with platform().database.reading() as session:
        shown = chosen_set(session, set_name)
        found = jobs.runs(session, shown["chosen"].name, limit=ROWS_ON_PAGE + 1, before=cursor())
        rows = [{"run": run, "step": step_text(run.step, current_words())} for run in found[:ROWS_ON_PAGE]]
    older = found[ROWS_ON_PAGE - 1].id if len(found) > ROWS_ON_PAGE else None
    return page(
        "runs.html", runs=rows, older=older, newest=cursor() is None, trains_itself=platform().settings.train == "grown", **shown
    )


@admin.post("/run")
def run() -> ResponseReturnValue:
    """Request a run that starts at once."""
    kind = next((kind for kind in jobs.KINDS if kind == field("kind")), None)
    if kind is None:
        raise Malformed(f"A run is {' or '.join(map(repr, jobs.KINDS))}.")
    with platform().database.writing() as session:
        registry.symbol_set(session, field("set"))
        run_id = jobs.request(session, field("set"), kind)
        note(session, actor(), "run_requested", run_id, set_name=field("set"), kind=kind)
    tell("run_requested")
    return to("runs", set_name=field("set"))


@admin.post("/run/cancel")
def cancel_run() -> ResponseReturnValue:
    """Cancel a run that waits or is in progress."""
    with platform().database.writing() as session:
        cancelled = jobs.cancel(session, field("run"))
        forget_parts(session, cancelled)
        note(session, actor(), "run_cancelled", cancelled.id, set_name=cancelled.set_name, kind=cancelled.kind)
    tell("run_cancelled")
    return to("runs", set_name=cancelled.set_name)
