"""Delivers what waits for webhooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

from functions.domain.webhooks import signature
from functions.records.database import Database
from functions.records.webhooks import Due, claim, is_any_due, settle
from functions.store.outage_log import OutageLog
from functions.worker.webhook_post import Undelivered, post

AT_ONCE = 4  # deliveries under way: a slow receiver does not keep others waiting
Post = Callable[..., None]


def deliver_webhooks(database: Database, outages: OutageLog, *, anywhere: bool, send: Post = post) -> bool:
    """Deliver some due deliveries, and note how they went; return whether there were any.

    A delivery is repeated after a kill between the receiver's answer and its row, so receivers look at ``webhook-id``.
    """
    with database.reading() as session:
        if not is_any_due(session):  # an idle worker asks for no lock
            return False
    with database.writing() as session:
        claimed = claim(session, AT_ONCE)
    if not claimed:
        return False
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as senders:
        errors = list(senders.map(partial(_deliver, send, anywhere), claimed))
    with database.writing() as session:
        for done, error in zip(claimed, errors, strict=True):
            settle(session, done, error)
    for done, error in zip(claimed, errors, strict=True):
        part = f"The webhook {done.webhook} to {urlsplit(done.url).hostname}"
        if error:
            outages.away(part, error)
        else:
            outages.back(part)
    return True


def _deliver(send: Post, anywhere: bool, due: Due) -> str:
    """Send a delivery; return "", or what went wrong."""
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Inkloop",
        "webhook-id": due.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(due.secret, due.id, timestamp, due.body),
    }
    try:
        send(due.url, due.body, headers, anywhere=anywhere)
    except Undelivered as error:
        return str(error)
    return ""
