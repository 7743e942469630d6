"""The web app: opens and connects its parts."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from functions import registry
from functions.records.outbox_room import OutboxRoom
from functions.settings import ROOT, Settings
from functions.store import Store, open_store
from functions.web import assets, compress_pages, errors, request_counts, request_log, request_spans, settings_log, static_files
from functions.web.api import (  # noqa: F401 - they add views
    audit,
    drawings,
    explanations,
    exports,
    gold_questions,
    imports,
    moderation,
    network_files,
    predictions,
    prompts,
    readings,
    reports,
    sets,
    versions,
    webhooks,
    withdrawals,
)
from functions.web.api.openapi import openapi
from functions.web.api.parse_request import MOST_BODY
from functions.web.api.samples import api
from functions.web.health import health
from functions.web.metrics_page import metrics
from functions.web.pages import (  # noqa: F401 - they add views
    admin_audit,
    admin_contributors,
    admin_moderation,
    admin_runs,
    admin_sets,
    admin_settings,
    admin_tokens,
    admin_versions,
    admin_webhooks,
    compare,
    dataset,
    drawing,
    explained,
    mine,
    offline,
    uploaded,
)
from functions.web.pages.admin import admin
from functions.web.pages.public import pages
from functions.web.platform import Platform
from functions.web.security import access, headers, identity, rate_limits
from functions.web.security.behind_proxies import BehindProxies
from functions.web.security.owner_session import OwnerSession
from functions.web.server.waits import WaitingModels, WaitingStore, request_waits, waiting_database

SESSION = timedelta(hours=12)  # a working day at the owner's page


def open_platform(settings: Settings) -> Platform:
    """Open database, store and networks, with tables and shipped versions up to date, or raise BadSettings."""
    database, store = registry.bootstrap(settings), open_store(settings)
    settings_log.note_changes(database, settings)
    # A server may load the app and then fork. SQLite's locks do not survive a fork, so no connection may be open then.
    database.engine.dispose()
    waits = request_waits()
    waiting = waiting_database(database, waits)
    runtime = WaitingModels(waiting, registry.Artefacts(store, settings.models), waits)
    room = OutboxRoom(settings.outbox_rows, settings.outbox_megabytes * 2**20)
    pictures: Store = WaitingStore(store, waits) if settings.bucket else store  # a folder answers at once
    return Platform(settings, waiting, pictures, runtime, room, waits=waits)


def create_app(settings: Settings, platform: Platform | None = None) -> Flask:
    """Return the WSGI app, with the collaborators of ``platform`` or newly opened ones."""
    here = platform or open_platform(settings)
    app = Flask("inkloop", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MOST_BODY,
        MAX_FORM_MEMORY_SIZE=MOST_BODY,
        MAX_FORM_PARTS=16,  # a drawing has fewer fields
        SESSION_COOKIE_NAME="inkloop_owner",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=SESSION,
    )
    app.session_interface = OwnerSession()
    app.extensions["inkloop"] = here
    app.wsgi_app = BehindProxies(  # type: ignore[method-assign]
        app.wsgi_app, settings.proxies, settings.prefix, declared=settings.proxies_declared
    )
    request_counts.install(app)
    if settings.log != "problems":
        request_log.install(app, as_json=settings.log == "json")
    headers.install(app, settings.origins)
    request_spans.install(app)
    static_files.install(app)
    assets.install(app)
    compress_pages.install(app)
    errors.install(app)
    for blueprint in (health, metrics, api, openapi, admin, pages):
        app.register_blueprint(blueprint)
    rate_limits.install(app, here)
    access.install(app)
    app.after_request(identity.send_cookie)
    # Threads do not survive a fork, so each process starts its watching thread at its first request.
    app.before_request(here.runtime.watch)
    return app
