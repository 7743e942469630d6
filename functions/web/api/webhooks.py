"""The API of webhooks: list, make, test and remove them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from flask import Response
from flask.typing import ResponseReturnValue
from pydantic import Field

from functions.domain.webhooks import LONGEST_URL, Event, checked_url, events_of
from functions.records import webhooks as rows
from functions.records.audit_log import note
from functions.records.tables import Webhook
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json, read_query
from functions.web.api.present import Extended, json_response
from functions.web.api.request_schemas import NoQuery, Strict
from functions.web.api.response_schemas import Out
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import identity


class WebhookBody(Strict):
    """A receiver: its address, and the events that it is told about."""

    url: Annotated[str, Field(max_length=LONGEST_URL)]
    events: Annotated[list[str], Field(max_length=20, description=", ".join(Event))]


class WebhookOut(Out):
    """A webhook. ``error`` is what the last try met, "" if it went well; ``waiting`` counts deliveries."""

    id: str
    url: str
    events: list[str]
    created: datetime
    tried: datetime | None
    error: str
    failing_since: datetime | None
    waiting: int


class MadeWebhookOut(WebhookOut):
    """A new webhook, with the secret of its signatures, which is shown this once."""

    secret: str


class WebhooksOut(Out):
    """All webhooks, the oldest first."""

    webhooks: list[WebhookOut]


@api.get("/webhooks")
@Operation("The webhooks, with their last results", WebhooksOut, query=NoQuery, errors=(400, 401, 403))
def webhooks() -> Response:
    """List the webhooks."""
    read_query(NoQuery)
    with platform().database.reading() as session:
        waiting = rows.count_waiting(session)
        found = [_out(one, waiting.get(one.id, 0)) for one in rows.list_webhooks(session)]
    return json_response(WebhooksOut(webhooks=found))


@api.post("/webhooks")
@Operation("Makes a webhook", MadeWebhookOut, status=201, body=WebhookBody, errors=(400, 401, 403, 415))
def make_webhook() -> ResponseReturnValue:
    """Make a webhook, and show its secret once."""
    body = read_json(WebhookBody)
    url, events = checked_url(body.url), events_of(body.events)
    with platform().database.writing() as session:
        made = rows.create_webhook(session, url, events)
        note(session, identity.caller().actor, "webhook_made", made.id, host=urlsplit(url).hostname)
    return json_response(MadeWebhookOut.model_validate(Extended(made, waiting=0)), 201)


@api.post("/webhooks/<webhook_id>/test")
@Operation("Sends a test to a webhook, as soon as a worker looks", WebhookOut, status=202, errors=(400, 401, 403, 404))
def test_webhook(webhook_id: str) -> ResponseReturnValue:
    """Queue a test delivery."""
    read_query(NoQuery)
    with platform().database.writing() as session:
        rows.send_test(session, webhook_id)
        note(session, identity.caller().actor, "webhook_tested", webhook_id)
        found = rows.find_webhook(session, webhook_id)
        waiting = rows.count_waiting(session)[webhook_id]
    return json_response(_out(found, waiting), 202)


@api.delete("/webhooks/<webhook_id>")
@Operation("Removes a webhook, and what waits for it", WebhookOut, query=NoQuery, errors=(400, 401, 403, 404))
def remove_webhook(webhook_id: str) -> Response:
    """Remove a webhook."""
    read_query(NoQuery)
    with platform().database.writing() as session:
        removed = rows.remove_webhook(session, webhook_id)
        note(session, identity.caller().actor, "webhook_removed", webhook_id, host=urlsplit(removed.url).hostname)
    return json_response(_out(removed, 0))


def _out(webhook: Webhook, waiting: int) -> WebhookOut:
    return WebhookOut.model_validate(Extended(webhook, waiting=waiting))
