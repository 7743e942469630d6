"""Webhooks and what waits to be delivered to them."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from functions.domain.webhooks import PAUSES, PREFIX, TEST, Event
from functions.errors import NotFound
from functions.records.changes import announce
from functions.records.tables import Webhook, WebhookDelivery, new_id, now

LEASE = timedelta(minutes=2)  # eight times the longest delivery; then another worker takes it over
MOST_WAITING = (
    1000  # deliveries of one webhook: a receiver that is away for a day misses the newest events, and the table stays small
)
# A flood of waiting samples is one delivery for each set and half a minute: its receiver looks at the whole queue anyway.
GATHERED = timedelta(seconds=30)


@dataclass(frozen=True)
class Due:
    """A delivery that this worker has claimed."""

    id: str
    webhook: str
    url: str
    secret: str
    body: bytes
    attempts: int


def create_webhook(session: Session, url: str, events: Iterable[Event]) -> Webhook:
    """Add a webhook with a new secret, and return it."""
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    made = Webhook(id=new_id(), url=url, events=list(events), secret=secret, created=now())
    session.add(made)
    session.flush()
    return made


def list_webhooks(session: Session) -> list[Webhook]:
    """Return all webhooks, the oldest first."""
    return list(session.scalars(select(Webhook).order_by(Webhook.id)))


def find_webhook(session: Session, webhook_id: str) -> Webhook:
    """Return a webhook, or raise NotFound."""
    found = session.get(Webhook, webhook_id)
    if found is None:
        raise NotFound("There is no webhook with that id.")
    return found


def remove_webhook(session: Session, webhook_id: str) -> Webhook:
    """Delete a webhook and what waits for it, and return it; raise NotFound."""
    found = find_webhook(session, webhook_id)
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id))
    session.delete(found)
    return found


def tell(session: Session, event: Event, set_name: str, **facts: Any) -> None:
    """Queue a delivery of an event for each webhook that wants it, in the caller's transaction."""
    for webhook in list_webhooks(session):
        if event in webhook.events and not _is_told(session, webhook.id, event, set_name):
            delay = GATHERED if event is Event.SAMPLE_WAITING else timedelta()
            _queue(session, webhook.id, event, {"set": set_name, **facts}, delay)


def send_test(session: Session, webhook_id: str) -> None:
    """Queue a delivery of the event ``test``; raise NotFound."""
    _queue(session, find_webhook(session, webhook_id).id, TEST, {}, timedelta())


def count_waiting(session: Session) -> dict[str, int]:
    """Return how many deliveries wait for each webhook that any wait for."""
    counted = select(WebhookDelivery.webhook_id, func.count()).group_by(WebhookDelivery.webhook_id)
    return {row[0]: row[1] for row in session.execute(counted)}


def is_any_due(session: Session) -> bool:
    """Tell whether a delivery is due."""
    return session.scalar(select(WebhookDelivery.id).where(WebhookDelivery.next_attempt <= now()).limit(1)) is not None


def claim(session: Session, most: int) -> list[Due]:
    """Claim the oldest due delivery of each webhook; a worker that dies with them leaves them for another after LEASE.

    Webhooks that were not tried for longest come first: a receiver that hangs keeps no other one waiting, however much it missed.
    """
    due = WebhookDelivery.next_attempt <= now()
    waiting = select(Webhook).where(Webhook.id.in_(select(WebhookDelivery.webhook_id).where(due)))
    claimed: list[Due] = []
    for webhook in session.scalars(waiting.order_by(Webhook.tried.is_not(None), Webhook.tried, Webhook.id)):
        oldest = select(WebhookDelivery).where(due, WebhookDelivery.webhook_id == webhook.id)
        oldest = oldest.order_by(WebhookDelivery.next_attempt, WebhookDelivery.id).limit(1)
        row = session.scalar(oldest.with_for_update(skip_locked=True)) if len(claimed) < most else None
        if row is not None:
            row.next_attempt = now() + LEASE
            row.attempts += 1
            claimed.append(Due(row.id, webhook.id, webhook.url, webhook.secret, row.body.encode(), row.attempts))
    return claimed


def settle(session: Session, done: Due, error: str) -> None:
    """Note how a delivery went (``error`` "" means well): it is done, is tried again later, or was the last try."""
    webhook, row = session.get(Webhook, done.webhook), session.get(WebhookDelivery, done.id)
    if webhook is None or row is None or row.attempts != done.attempts:
        return  # it was removed meanwhile, or another worker has taken the delivery over
    webhook.tried, webhook.error = now(), error
    if error:
        webhook.failing_since = webhook.failing_since or now()
    else:
        webhook.failing_since = None
    if error and done.attempts <= len(PAUSES):
        row.next_attempt = now() + PAUSES[done.attempts - 1]
    else:
        session.delete(row)


def _is_told(session: Session, webhook_id: str, event: Event, set_name: str) -> bool:
    """Tell whether the queue has no room, or a delivery waits that tells the same."""
    waiting = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if event is Event.SAMPLE_WAITING:
        same = waiting.where(WebhookDelivery.event == event, WebhookDelivery.set_name == set_name, WebhookDelivery.attempts == 0)
        if session.scalar(same.limit(1)) is not None:
            return True
    return (session.scalar(select(func.count()).select_from(waiting.subquery())) or 0) >= MOST_WAITING


def _queue(session: Session, webhook_id: str, event: str, facts: Mapping[str, Any], delay: timedelta) -> None:
    at: datetime = now()
    body = json.dumps({"type": event, "timestamp": at.isoformat(timespec="seconds"), "data": dict(facts)})
    session.add(
        WebhookDelivery(
            id=new_id(),
            webhook_id=webhook_id,
            event=event,
            set_name=str(facts.get("set", "")),
            body=body,
            next_attempt=at + delay,
            created=at,
        )
    )
    session.flush()
    announce(session, "webhooks")
