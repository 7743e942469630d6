"""The owner's pages: who may see them, the sign-in, and the overview."""

from __future__ import annotations

import logging

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from functions.errors import NotAllowed
from functions.records.overview import overview
from functions.web.pages.owner_page import field, page, to
from functions.web.pages.owner_sentences import step_text
from functions.web.pages.public import current_words
from functions.web.platform import platform
from functions.web.request_counts import failures
from functions.web.security import owner_session
from functions.web.security.addresses import client_address
from functions.web.security.identity import SAFE_METHODS
from functions.web.security.other_sites import from_another_site

log = logging.getLogger(__name__)

MOST_FORM = 4096  # bytes of a password; two megabytes of `a&b&...` would be a million fields, and half a second

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.before_request
def guard() -> ResponseReturnValue | None:
    """Admit only the owner, and only changes with the CSRF token of the owner's page."""
    if request.endpoint == "admin.login":
        return None
    if not owner_session.signed_in():
        return redirect(url_for("admin.login"))
    if request.method not in SAFE_METHODS and not owner_session.csrf_fits():
        raise NotAllowed("This page's security token is missing or old; load the page again.")
    return None


@admin.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Show the form for the owner's password, and sign in a visitor who sends the password."""
    if request.method == "GET":
        return redirect(url_for("admin.home")) if owner_session.signed_in() else render_template("admin/login.html", wrong=False)
    _refuse_other_sites()
    request.max_content_length = request.max_form_memory_size = MOST_FORM
    if not owner_session.is_password(request.form.get("password", "")):
        owner_session.count_failure()
        log.warning("A wrong owner's password was given from %s.", client_address() or "an unknown address")
        return render_template("admin/login.html", wrong=True), 403
    owner_session.sign_in()
    return to("home")


@admin.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign the owner out, in this browser or in all of them."""
    owner_session.sign_out(everywhere=field("everywhere") == "on")
    return to("login")


@admin.get("/")
def home() -> str:
    """Show what waits, what runs, what went live, what went wrong, how often the server failed, and how much room is left."""
    here = platform()
    with here.database.reading() as session:
        facts = overview(session, here.settings.used_home)
    runs = [{"run": run, "step": step_text(run.step, current_words())} for run in facts.runs]
    problems = [
        *here.runtime.ready(),
        *here.runtime.substitutes(),
        *here.write_health.reasons(here.database, here.settings.used_home),
        *here.outbox_room.reasons(here.database),
    ]
    return page("home.html", facts=facts, runs=runs, problems=problems, failures=failures())


def _refuse_other_sites() -> None:
    # Before the sign-in no session has a CSRF token, and a page of another site must not sign a visitor in.
    if from_another_site():
        raise NotAllowed("Sign in on this site's own page.")
