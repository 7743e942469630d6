"""The commands about the object store: rebuild the database from it, compare it with the database, tidy it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from functions import registry
from functions.cli.command import add_command, tell
from functions.cli.progress import CountBar, progress_bar
from functions.records.database import Database
from functions.settings import Settings
from functions.store import open_store
from functions.verbs import audit
from functions.verbs.reindex import reindex


def add_commands(commands: Any) -> None:
    """Add the commands to the parser's subcommands."""
    add_command(commands, "reindex", _reindex, "rebuild the database from the object store alone")
    about = "compare the object store with the database, and send again what it lacks"
    auditing = add_command(commands, "audit", _audit, about)
    auditing.add_argument(
        "--remake", action="store_true", help="also pictures that cannot be made again to the byte, from strokes or from squares"
    )
    about = "delete files of versions that were never published, because their run failed or its worker was killed"
    sweeping = add_command(commands, "sweep", _sweep, about)
    hours = registry.SAFE_AGE / timedelta(hours=1)
    sweeping.add_argument("--hours", type=float, default=hours, help=f"only files that are older; by default {hours:.0f}")


def _reindex(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with progress_bar() as show:
        rebuilt = reindex(database, open_store(settings), show)
    lines = [
        f"{rebuilt.samples} samples and {rebuilt.drawings} drawings were added; {len(rebuilt.broken)} objects cannot be read."
    ]
    if rebuilt.versions or rebuilt.activations:
        lines.append(f"{rebuilt.versions} versions and {rebuilt.activations} activations were added.")
    tell(chosen, asdict(rebuilt), *lines, *(f"  {key}: {reason}" for key, reason in rebuilt.broken.items()))


def _audit(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    store = open_store(settings)
    of_versions = audit.audit_versions(database, registry.Artefacts(store, settings.models))
    with CountBar("drawings") as bar:
        done = audit.audit(database, store, bar.reach, remake=chosen.remake)
    lines = [f"{done.drawings} drawings were compared; {done.sent} objects were missing or different and are sent again."]
    if of_versions.sent:
        lines.append(f"{of_versions.sent} objects of sets, versions and activations are sent again.")
    if done.lost and not chosen.remake:
        lines.append(f"{done.lost} pictures are missing and cannot be made again to the byte; --remake makes them from the rows.")
    if made := done.pictures["strokes"]:
        lines.append(f"{made} pictures are drawn from strokes, by this release.")
    if made := done.pictures["square"]:
        lines.append(f"{made} pictures are squares of 28 x 28 pixels, enlarged.")
    facts = {"drawings": done.drawings, "sent": done.sent, "lost": done.lost, "remade": dict(done.pictures)}
    facts |= {"of_versions": {"sent": of_versions.sent, "lost": of_versions.lost}}
    tell(chosen, facts, *lines, *(f"Lost: {key}" for key in of_versions.lost))


def _sweep(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    swept = registry.sweep(database, open_store(settings), timedelta(hours=chosen.hours))
    tell(chosen, {"deleted": list(swept)}, f"{len(swept)} files are deleted within a minute.", *(f"  {key}" for key in swept))
