"""The commands about webhooks."""

from __future__ import annotations

import argparse
import sys
from typing import Any
from urllib.parse import urlsplit

from functions.cli.command import add_command, add_group, tell
from functions.domain.webhooks import Event, checked_url, events_of
from functions.records import webhooks as rows
from functions.records.audit_log import CLI, note
from functions.records.database import Database
from functions.settings import Settings


def add_commands(commands: Any) -> None:
    """Add ``webhooks`` and ``webhook add | test | remove``."""
    add_command(commands, "webhooks", _list, "list the webhooks: id, events, last result, address")
    one = add_group(commands, "webhook", "add a webhook, send it a test, remove it")
    adding = add_command(one, "add", _add, "add a webhook and show its secret once", "url")
    adding.add_argument("--event", action="append", choices=[*Event], help="by default all; may be repeated")
    for name, does, about in (("test", _test, "send a test, by a worker"), ("remove", _remove, "remove a webhook")):
        add_command(one, name, does, about).add_argument("webhook", help="its id")


def _list(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        found, waiting = rows.list_webhooks(session), rows.count_waiting(session)
    for one in found:
        names = ("id", "url", "events", "error", "created", "tried", "failing_since")
        wait = waiting.get(one.id, 0)
        result = "never tried" if one.tried is None else one.error or f"well at {one.tried:%Y-%m-%d %H:%M}"
        line = f"{one.id}  {' '.join(one.events)}  {result}  {wait} wait  {one.url}"
        tell(chosen, {name: getattr(one, name) for name in names} | {"waiting": wait}, line)


def _add(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    url, events = checked_url(chosen.url), events_of(chosen.event or [*Event])
    with database.writing() as session:
        made = rows.create_webhook(session, url, events)
        note(session, CLI, "webhook_made", made.id, host=urlsplit(url).hostname)
    tell(chosen, {"id": made.id, "url": url, "events": [*events], "secret": made.secret}, made.secret)
    print(f"The webhook {made.id} is added. Give the secret to the receiver: it is not shown again.", file=sys.stderr)


def _test(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        rows.send_test(session, chosen.webhook)
        note(session, CLI, "webhook_tested", chosen.webhook)
    tell(chosen, {"id": chosen.webhook, "queued": True}, "A worker sends the test; `webhooks` tells how it went.")


def _remove(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        url = rows.remove_webhook(session, chosen.webhook).url
        note(session, CLI, "webhook_removed", chosen.webhook, host=urlsplit(url).hostname)
    tell(chosen, {"id": chosen.webhook, "url": url, "removed": True}, f"The webhook to {url} is removed.")
