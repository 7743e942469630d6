"""The owner's page of webhooks: make one, see its secret once, send a test, remove one."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from functions.domain.webhooks import LONGEST_URL, Event, checked_url, events_of
from functions.records import webhooks as rows
from functions.records.audit_log import note
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import field, page, tell, to
from functions.web.platform import platform
from functions.web.security.owner_session import actor

NEW_SECRET = "new_secret"  # noqa: S105 - a key of the session's cookie; the next page takes the secret out


@admin.get("/webhooks")
def webhooks() -> str:
    """Show the webhooks with their last results; the secret of a new one is shown this once."""
    with platform().database.reading() as session:
        found, waiting = rows.list_webhooks(session), rows.count_waiting(session)
    made = cookie.pop(NEW_SECRET, None)
    return page("webhooks.html", webhooks=found, waiting=waiting, events=[*Event], made=made, longest=LONGEST_URL)


@admin.post("/webhooks")
def make_webhook() -> ResponseReturnValue:
    """Make a webhook."""
    url, events = checked_url(request.form.get("url", "").strip()), events_of(request.form.getlist("event"))
    with platform().database.writing() as session:
        made = rows.create_webhook(session, url, events)
        note(session, actor(), "webhook_made", made.id, host=urlsplit(url).hostname)
    # The owner's own cookie carries the secret for one page.
    cookie[NEW_SECRET] = {"url": made.url, "text": made.secret}
    return to("webhooks")


@admin.post("/webhooks/test")
def test_webhook() -> ResponseReturnValue:
    """Send a test."""
    with platform().database.writing() as session:
        rows.send_test(session, field("webhook"))
        note(session, actor(), "webhook_tested", field("webhook"))
    tell("webhook_tested")
    return to("webhooks")


@admin.get("/webhooks/<webhook_id>/removal")
def remove_webhook_question(webhook_id: str) -> str:
    """Ask whether a webhook shall be removed."""
    with platform().database.reading() as session:
        found = rows.find_webhook(session, webhook_id)
    asked = {"act": "remove_webhook", "back": "webhooks", "field": "webhook"}
    return page("sure.html", asked="remove_webhook", subject=found.url, value=found.id, **asked)


@admin.post("/webhooks/remove")
def remove_webhook() -> ResponseReturnValue:
    """Remove a webhook."""
    with platform().database.writing() as session:
        url = rows.remove_webhook(session, field("webhook")).url
        note(session, actor(), "webhook_removed", field("webhook"), host=urlsplit(url).hostname)
    tell("webhook_removed", url=url[:200])
    return to("webhooks")
