"""The owner's page: waiting samples, versions, runs and API tokens."""

from __future__ import annotations

import logging

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from functions import jobs, registry
from functions.errors import Malformed, NotAllowed
from functions.records.contributors import create_token, list_tokens, revoke_token
from functions.records.evidence_log import evidence_of
from functions.records.outbox_room import depth, longest_waiting
from functions.records.samples import SampleFilter, counts_waiting, page_of_samples
from functions.records.tables import Sample
from functions.verbs.activate import activate as activate_verb
from functions.verbs.moderate import moderate as moderate_verb
from functions.verbs.moderate import moderate_all
from functions.web.pages.gate_report import gate_text
from functions.web.pages.owner_sentences import reason_text, step_text
from functions.web.pages.public import current_words
from functions.web.platform import platform
from functions.web.security import owner_session
from functions.web.security.addresses import client_address
from functions.web.security.identity import SAFE_METHODS
from functions.web.security.other_sites import from_another_site

log = logging.getLogger(__name__)

admin = Blueprint("admin", __name__, url_prefix="/admin")
ROWS_ON_PAGE = 20  # versions, runs and waiting samples; the API lists all


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
    if not owner_session.is_password(request.form.get("password", "")):
        log.warning("A wrong owner's password was given from %s.", client_address() or "an unknown address")
        return render_template("admin/login.html", wrong=True), 403
    owner_session.sign_in()
    return redirect(url_for("admin.home"), 303)


@admin.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign the owner out, in this browser or in all of them."""
    owner_session.sign_out(everywhere=_field("everywhere") == "on")
    return redirect(url_for("admin.login"), 303)


@admin.get("/")
def home() -> str:
    """Show the owner's page."""
    return _home()


@admin.post("/activate")
def activate() -> ResponseReturnValue:
    """Make a version live."""
    here = platform()
    artefacts = registry.Artefacts(here.store, here.settings.models)
    activate_verb(here.database, artefacts, _field("version"), "owner", replaces=_field("replaces") or None)
    return _back()


@admin.post("/run")
def run() -> ResponseReturnValue:
    """Request a run that starts at once."""
    kind = next((kind for kind in jobs.KINDS if kind == _field("kind")), None)
    if kind is None:
        raise Malformed(f"A run is {' or '.join(map(repr, jobs.KINDS))}.")
    with platform().database.writing() as session:
        registry.symbol_set(session, _field("set"))
        jobs.request(session, _field("set"), kind)
    return _back()


@admin.post("/moderate")
def moderate() -> ResponseReturnValue:
    """Accept or reject a sample, or all waiting samples of one contributor in a set."""
    here, accept, contributor = platform(), _accepts(), _field("contributor")
    delay = here.settings.learn_after
    if contributor:
        moderate_all(here.database, set_name=_field("set"), contributor=contributor, accept=accept, learn_after=delay)
    else:
        moderate_verb(here.database, _field("sample"), accept=accept, learn_after=delay)
    return _back()


@admin.post("/tokens")
def token() -> str:
    """Create a token and show it once."""
    name = _field("name").strip()
    if not name:
        raise Malformed("A token needs a name.")
    with platform().database.writing() as session:
        text = create_token(session, name)
    return _home(text)


@admin.post("/tokens/revoke")
def revoke() -> ResponseReturnValue:
    """Revoke a token: from now on it opens nothing."""
    with platform().database.writing() as session:
        revoke_token(session, _field("token"))
    return redirect(url_for("admin.home", _anchor="tokens"), 303)


def _home(new_token: str | None = None) -> str:
    with platform().database.reading() as session:
        sets = [_set_facts(session, one.name) for one in registry.symbol_sets(session)]
        tokens = list_tokens(session)
        late = longest_waiting(session)
        outbox = None if late is None else {"depth": depth(session), "late": late}
    return render_template(
        "admin/home.html",
        sets=sets,
        csrf=owner_session.csrf_token(),
        new_token=new_token,
        tokens=tokens,
        outbox=outbox,
        trains_itself=platform().settings.train == "grown",
    )


def _set_facts(session: Session, name: str) -> dict[str, object]:
    words = current_words()
    return {
        "name": name,
        "live": {learner: one.id for learner, one in registry.live(session, name).items()},
        "versions": [
            {"version": version, "gate": gate_text(version, words)}
            for version in registry.versions(session, name, limit=ROWS_ON_PAGE)
        ],
        "runs": [{"run": run, "step": step_text(run.step, words)} for run in jobs.runs(session, name, limit=ROWS_ON_PAGE)],
        "queue": [
            {
                "status": status,
                "rows": _waiting(session, page_of_samples(session, name, SampleFilter(status), limit=ROWS_ON_PAGE).samples),
            }
            for status in ("quarantined", "pending")
        ],
    }


def _waiting(session: Session, samples: list[Sample]) -> list[dict[str, object]]:
    """Return waiting samples with the reason, the evidence, and the number of waiting samples of the same contributor."""
    if not samples:
        return []
    evidence = evidence_of(session, [sample.id for sample in samples])
    theirs = counts_waiting(session, samples[0].set_name, {sample.contributor_id for sample in samples})
    return [
        {
            "sample": sample,
            "reason": reason_text(sample.reason, sample.reason_figures, current_words()),
            "evidence": evidence.get(sample.id),
            "theirs": theirs.get(sample.contributor_id, 0),
        }
        for sample in samples
    ]


def _accepts() -> bool:
    decision = _field("decision")
    if decision not in ("accept", "reject"):
        raise Malformed("A decision is 'accept' or 'reject'.")
    return decision == "accept"


def _refuse_other_sites() -> None:
    # Before the sign-in no session has a CSRF token, and a page of another site must not sign a visitor in.
    if from_another_site():
        raise NotAllowed("Sign in on this site's own page.")


def _field(name: str) -> str:
    form: MultiDict[str, str] = request.form
    value = form.get(name, "")
    return value if value.isprintable() and len(value) <= 64 else ""


def _back() -> ResponseReturnValue:
    return redirect(url_for("admin.home"), 303)
