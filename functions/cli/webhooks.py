"""The commands about webhooks."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any
from urllib.parse import urlsplit

from functions.domain.webhooks import Event, checked_url, events_of
from functions.records import webhooks as rows
from functions.records.audit_log import CLI, note
from functions.records.database import Database
from functions.settings import Settings


def add_commands(commands: Any) -> None:
    """Add ``webhooks`` and ``webhook add | test | remove``."""
    about = "list the webhooks: id, events, last result, address"
    listing = commands.add_parser("webhooks", help=about, description=about)
    listing.add_argument("--json", action="store_true", help="as JSON, one line for each webhook")
    listing.set_defaults(command=_list)
    about = "add a webhook, send it a test, remove it"
    one = commands.add_parser("webhook", help=about, description=about).add_subparsers(required=True, metavar="WHAT")
    adding = one.add_parser("add", help="add a webhook and show its secret once")
    adding.add_argument("url")
    adding.add_argument("--event", action="append", choices=[*Event], help="by default all; may be repeated")
    adding.set_defaults(command=_add)
    for name, command, help_text in (("test", _test, "send a test, by a worker"), ("remove", _remove, "remove a webhook")):
        parser = one.add_parser(name, help=help_text)
        parser.add_argument("webhook", help="its id")
        parser.set_defaults(command=command)


def _list(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        found, waiting = rows.list_webhooks(session), rows.count_waiting(session)
    for one in found:
        if chosen.json:
            facts = {"id": one.id, "url": one.url, "events": one.events, "error": one.error, "waiting": waiting.get(one.id, 0)}
            moments = {name: getattr(one, name) for name in ("created", "tried", "failing_since")}
            print(json.dumps({**facts, **{name: at and at.isoformat() for name, at in moments.items()}}))
            continue
        result = "never tried" if one.tried is None else one.error or f"well at {one.tried:%Y-%m-%d %H:%M}"
        print(f"{one.id}  {' '.join(one.events)}  {result}  {waiting.get(one.id, 0)} wait  {one.url}")


def _add(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    url, events = checked_url(chosen.url), events_of(chosen.event or [*Event])
    with database.writing() as session:
        made = rows.create_webhook(session, url, events)
        note(session, CLI, "webhook_made", made.id, host=urlsplit(url).hostname)
    print(made.secret)
    print(f"The webhook {made.id} is added. Give the secret to the receiver: it is not shown again.", file=sys.stderr)


def _test(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        rows.send_test(session, chosen.webhook)
        note(session, CLI, "webhook_tested", chosen.webhook)
    print("A worker sends the test; `webhooks` tells how it went.")


def _remove(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        url = rows.remove_webhook(session, chosen.webhook).url
        note(session, CLI, "webhook_removed", chosen.webhook, host=urlsplit(url).hostname)
    print(f"The webhook to {url} is removed.")
