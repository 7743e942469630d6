"""Who may use each view: the one table, and the guard that holds it for every request."""

from __future__ import annotations

from enum import Enum

from flask import Flask, request

from functions.web.security import identity


class Access(Enum):
    """Whom a view answers; others get 401 or 403, and a page leads them to the sign-in."""

    ANYBODY = "anybody"
    CONTRIBUTOR = "the contributor of the cookie or the token"
    AUTHOR = "who gave the sample (by its receipt or the cookie), and the owner; its view checks that"
    SCRAPER = "whoever has INKLOOP_METRICS_TOKEN, and the owner; its view checks that"
    OWNER = "the owner: a token, or the session with its CSRF token"


ACCESS: dict[str, Access] = {
    "admin.activate": Access.OWNER,
    "admin.add_label": Access.OWNER,
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
    "admin.run": Access.OWNER,
    "admin.runs": Access.OWNER,
    "admin.symbol_set": Access.OWNER,
    "admin.symbol_sets": Access.OWNER,
    "admin.token": Access.OWNER,
    "admin.tokens": Access.OWNER,
    "admin.undo_decision": Access.OWNER,
    "admin.versions": Access.OWNER,
    "api.activate": Access.OWNER,
    "api.answer": Access.ANYBODY,
    "api.artefact": Access.ANYBODY,
    "api.change_symbol_set": Access.OWNER,
    "api.contribute": Access.ANYBODY,
    "api.create_symbol_set": Access.OWNER,
    "api.delete_symbol_set": Access.OWNER,
    "api.correct": Access.ANYBODY,  # who knows the prediction's id
    "api.export": Access.ANYBODY,  # the owner; anybody if INKLOOP_EXPORT says so, which its view checks
    "api.exported": Access.ANYBODY,  # the same
    "api.exported_file": Access.ANYBODY,  # the same
    "api.import_part": Access.OWNER,
    "api.import_report_of": Access.OWNER,
    "api.metrics": Access.ANYBODY,
    "api.networks": Access.ANYBODY,
    "api.picture": Access.AUTHOR,  # anybody, once the sample is accepted
    "api.predict": Access.ANYBODY,
    "api.prompts": Access.ANYBODY,
    "api.question": Access.ANYBODY,
    "api.remove_export": Access.OWNER,
    "api.retract_contributor": Access.OWNER,
    "api.cut_again": Access.ANYBODY,  # who knows the predictions' ids
    "api.read": Access.ANYBODY,
    "api.run": Access.ANYBODY,
    "api.runs": Access.ANYBODY,
    "api.sample": Access.ANYBODY,
    "api.samples": Access.ANYBODY,
    "api.sets": Access.ANYBODY,
    "api.start_export": Access.OWNER,
    "api.start_import": Access.OWNER,
    "api.start_run": Access.OWNER,
    "api.tfjs_model": Access.ANYBODY,
    "api.tfjs_weights": Access.ANYBODY,
    "api.version": Access.ANYBODY,
    "api.versions": Access.ANYBODY,
    "api.weights": Access.ANYBODY,
    "api.withdraw": Access.AUTHOR,
    "api.withdraw_mine": Access.CONTRIBUTOR,
    "health.healthz": Access.ANYBODY,
    "health.readyz": Access.ANYBODY,
    "metrics.page": Access.SCRAPER,
    "openapi.document": Access.ANYBODY,
    "pages.about": Access.ANYBODY,
    "pages.contribute": Access.ANYBODY,
    "pages.dataset": Access.ANYBODY,  # accepted samples; the owner, all that are not withdrawn
    "pages.drawing": Access.AUTHOR,  # anybody, once the sample is accepted
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
    "pages.service_worker": Access.ANYBODY,
    "pages.version": Access.ANYBODY,
    "static": Access.ANYBODY,
}


def install(app: Flask) -> None:
    """Let nobody but the owner reach a view of the API that is the owner's; ``pages.admin`` guards its own pages.

    Raises:
        LookupError: a view is not in the table, so nobody has decided who may use it.
    """
    undeclared = {rule.endpoint for rule in app.url_map.iter_rules()} - set(ACCESS)
    if undeclared:
        raise LookupError(f"functions/web/security/access.py must say who may use {', '.join(sorted(undeclared))}.")

    @app.before_request
    def admit() -> None:
        owners = ACCESS.get(request.endpoint or "", Access.ANYBODY) is Access.OWNER
        if owners and request.blueprint != "admin" and request.method != "OPTIONS":
            identity.need_owner()
