"""Who may use each view, and with which scope of a token: the one table, and the guard that holds it for every request."""

from __future__ import annotations

from enum import Enum

from flask import Flask, request

from functions.domain.scopes import Scope
from functions.web.security import identity
from functions.web.security.identity import Caller


class Access(Enum):
    """Whom a view answers, and the scope that a token needs; others get 401 or 403, and a page leads them to the sign-in."""

    ANYBODY = "anybody", None
    SENDER = "anybody without a token; a token needs the scope", Scope.CONTRIBUTE
    CONSENTING = "anybody; a token needs the scope if the drawing is kept, which its view checks", Scope.CONTRIBUTE
    CONTRIBUTOR = "the contributor of the cookie, or of a token with the scope", Scope.CONTRIBUTE
    AUTHOR = (
        "anybody, if the sample is accepted; else its author (by the cookie) and the owner; its view checks that",
        Scope.READ,
    )
    RECEIPT = "who has the sample's receipt, and the owner; its view checks that", Scope.ADMIN
    PUBLIC = "the owner; anybody if INKLOOP_EXPORT says so, which its view checks", Scope.READ
    SCRAPER = "whoever has INKLOOP_METRICS_TOKEN, and the owner; its view checks that", Scope.READ
    READER = "the owner: the session with its CSRF token, or a token with the scope", Scope.READ
    MODERATOR = "the same, with another scope", Scope.MODERATE
    ADMIN = "the same, with the scope of everything", Scope.ADMIN
    OWNER = "the owner's session with its CSRF token; no token", None

    @property
    def scope(self) -> Scope | None:
        """The scope with which a token takes the owner's or the sender's place."""
        scope: Scope | None = self.value[1]
        return scope


OWNERS = (Access.READER, Access.MODERATOR, Access.ADMIN)  # the calls of the API that are the owner's
SENDERS = (Access.SENDER, Access.CONTRIBUTOR)

ACCESS: dict[str, Access] = {
    "admin.activate": Access.OWNER,
    "admin.add_label": Access.OWNER,
    "admin.audit": Access.OWNER,
    "admin.cancel_run": Access.OWNER,
    "admin.contributor": Access.OWNER,
    "admin.change_label": Access.OWNER,
    "admin.change_set": Access.OWNER,
    "admin.create_set": Access.OWNER,
    "admin.delete_set": Access.OWNER,
    "admin.delete_set_question": Access.OWNER,
    "admin.contributors": Access.OWNER,
    "admin.home": Access.OWNER,
    "admin.login": Access.ANYBODY,
    "admin.logout": Access.OWNER,
    "admin.moderate": Access.OWNER,
    "admin.moderation": Access.OWNER,
    "admin.question": Access.OWNER,
    "admin.retract": Access.OWNER,
    "admin.revoke": Access.OWNER,
    "admin.revoke_question": Access.OWNER,
    "admin.run": Access.OWNER,
    "admin.runs": Access.OWNER,
    "admin.settings": Access.OWNER,
    "admin.symbol_set": Access.OWNER,
    "admin.symbol_sets": Access.OWNER,
    "admin.token": Access.OWNER,
    "admin.tokens": Access.OWNER,
    "admin.undo_decision": Access.OWNER,
    "admin.versions": Access.OWNER,
    "admin.make_webhook": Access.OWNER,
    "admin.remove_webhook": Access.OWNER,
    "admin.remove_webhook_question": Access.OWNER,
    "admin.test_webhook": Access.OWNER,
    "admin.webhooks": Access.OWNER,
    "api.activate": Access.ADMIN,
    "api.answer": Access.SENDER,
    "api.answers": Access.AUTHOR,
    "api.artefact": Access.ANYBODY,
    "api.audit": Access.ADMIN,
    "api.audit_csv": Access.ADMIN,
    "api.change_symbol_set": Access.ADMIN,
    "api.contribute": Access.SENDER,
    "api.correct": Access.SENDER,  # who knows the prediction's id
    "api.create_symbol_set": Access.ADMIN,
    "api.decide": Access.MODERATOR,
    "api.delete_symbol_set": Access.ADMIN,
    "api.drawn": Access.AUTHOR,
    "api.explain": Access.ANYBODY,
    "api.export": Access.PUBLIC,
    "api.exported": Access.PUBLIC,
    "api.exported_file": Access.PUBLIC,
    "api.import_part": Access.ADMIN,
    "api.import_report_of": Access.READER,
    "api.metrics": Access.ANYBODY,
    "api.networks": Access.ANYBODY,
    "api.own_samples": Access.CONTRIBUTOR,
    "api.picture": Access.AUTHOR,
    "api.predict": Access.CONSENTING,
    "api.prompts": Access.ANYBODY,
    "api.question": Access.ANYBODY,
    "api.remove_export": Access.ADMIN,
    "api.retract_contributor": Access.ADMIN,  # it cannot be undone, so moderators reject instead
    "api.cut_again": Access.SENDER,  # who knows the predictions' ids
    "api.read": Access.CONSENTING,
    "api.report": Access.SENDER,
    "api.run": Access.ANYBODY,
    "api.runs": Access.ANYBODY,
    "api.sample": Access.ANYBODY,
    "api.samples": Access.ANYBODY,
    "api.sets": Access.ANYBODY,
    "api.start_export": Access.READER,
    "api.start_import": Access.ADMIN,
    "api.start_run": Access.ADMIN,
    "api.tfjs_model": Access.ANYBODY,
    "api.tfjs_weights": Access.ANYBODY,
    "api.version": Access.ANYBODY,
    "api.versions": Access.ANYBODY,
    "api.weights": Access.ANYBODY,
    "api.make_webhook": Access.ADMIN,
    "api.remove_webhook": Access.ADMIN,
    "api.test_webhook": Access.ADMIN,
    "api.webhooks": Access.ADMIN,
    "api.withdraw": Access.RECEIPT,
    "api.withdraw_mine": Access.CONTRIBUTOR,
    "health.healthz": Access.ANYBODY,
    "health.readyz": Access.ANYBODY,
    "metrics.page": Access.SCRAPER,
    "openapi.document": Access.ANYBODY,
    "pages.about": Access.ANYBODY,
    "pages.compare": Access.ANYBODY,
    "pages.contribute": Access.ANYBODY,
    "pages.dataset": Access.ANYBODY,  # accepted samples; the owner, all that are not withdrawn
    "pages.drawing": Access.AUTHOR,
    "pages.drawing_versions": Access.AUTHOR,
    "pages.favicon": Access.ANYBODY,
    "pages.forget": Access.ANYBODY,  # the visitor of the cookie
    "pages.how": Access.ANYBODY,
    "pages.manifest": Access.ANYBODY,
    "pages.mine": Access.ANYBODY,  # what the visitor of the cookie gave
    "pages.models": Access.ANYBODY,
    "pages.networks": Access.ANYBODY,
    "pages.offline": Access.ANYBODY,
    "pages.privacy": Access.ANYBODY,
    "pages.read": Access.ANYBODY,
    "pages.receipts": Access.CONTRIBUTOR,
    "pages.recognise": Access.ANYBODY,
    "pages.recognise_picture": Access.ANYBODY,  # from a page of this site; nothing is kept
    "pages.reference": Access.ANYBODY,
    "pages.service_worker": Access.ANYBODY,
    "pages.touch_icon": Access.ANYBODY,
    "pages.version": Access.ANYBODY,
    "static": Access.ANYBODY,
}


def install(app: Flask) -> None:
    """Let nobody without the right reach a view of the API; ``pages.admin`` guards the owner's pages.

    Raises:
        LookupError: a view is not in the table, so nobody has decided who may use it.
    """
    undeclared = {rule.endpoint for rule in app.url_map.iter_rules()} - set(ACCESS)
    if undeclared:
        raise LookupError(f"functions/web/security/access.py must say who may use {', '.join(sorted(undeclared))}.")

    @app.before_request
    def admit() -> None:
        asked = ACCESS.get(request.endpoint or "", Access.ANYBODY)
        if request.method == "OPTIONS":
            return
        if asked in OWNERS or (asked in SENDERS and "Authorization" in request.headers):
            need()


def need() -> Caller:
    """Return the caller if it has the scope of the view that is asked, or raise NotSignedIn or NotAllowed."""
    return identity.need(ACCESS[request.endpoint or ""].scope or Scope.ADMIN)


def may() -> bool:
    """Tell whether the caller has the scope of the view that is asked."""
    return ACCESS[request.endpoint or ""].scope in identity.caller().scopes


def sender() -> Caller:
    """Return who sends something to keep: anybody, but a token needs the scope of the view."""
    return need() if "Authorization" in request.headers else identity.caller()
