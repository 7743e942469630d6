"""The commands about the object store: rebuild the database from it, compare it with the database, tidy it."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Any

from tqdm import tqdm

from functions import registry
from functions.cli.progress import progress_bar
from functions.records.database import Database
from functions.settings import Settings
from functions.store import open_store
from functions.verbs import audit
from functions.verbs.reindex import reindex


def add_commands(commands: Any) -> None:
    """Add the commands to the parser's subcommands."""
    about = "rebuild the database from the object store alone"
    commands.add_parser("reindex", help=about, description=about).set_defaults(command=_reindex)
    about = "compare the object store with the database, and send again what it lacks"
    auditing = commands.add_parser("audit", help=about, description=about)
    auditing.add_argument(
        "--remake", action="store_true", help="also pictures that cannot be made again to the byte, from strokes or from squares"
    )
    auditing.set_defaults(command=_audit)
    about = "delete files of versions that were never published, because their run failed or its worker was killed"
    sweeping = commands.add_parser("sweep", help=about, description=about)
    hours = registry.SAFE_AGE / timedelta(hours=1)
    sweeping.add_argument("--hours", type=float, default=hours, help=f"only files that are older; by default {hours:.0f}")
    sweeping.set_defaults(command=_sweep)


def _reindex(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with progress_bar() as show:
        rebuilt = reindex(database, open_store(settings), show)
    print(f"{rebuilt.samples} samples and {rebuilt.drawings} drawings were added; {len(rebuilt.broken)} objects cannot be read.")
    if rebuilt.versions or rebuilt.activations:
        print(f"{rebuilt.versions} versions and {rebuilt.activations} activations were added.")
    for key, reason in rebuilt.broken.items():
        print(f"  {key}: {reason}")


def _audit(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    store = open_store(settings)
    of_versions = audit.audit_versions(database, registry.Artefacts(store, settings.models))
    with tqdm(unit=" drawings") as bar:

        def show(drawings: int) -> None:
            bar.update(drawings - bar.n)

        done = audit.audit(database, store, show, remake=chosen.remake)
    print(f"{done.drawings} drawings were compared; {done.sent} objects were missing or different and are sent again.")
    if of_versions.sent:
        print(f"{of_versions.sent} objects of sets, versions and activations are sent again.")
    if done.lost and not chosen.remake:
        print(f"{done.lost} pictures are missing and cannot be made again to the byte; --remake makes them from the rows.")
    if made := done.pictures["strokes"]:
        print(f"{made} pictures are drawn from strokes, by this release.")
    if made := done.pictures["square"]:
        print(f"{made} pictures are squares of 28 x 28 pixels, enlarged.")
    for key in of_versions.lost:
        print(f"Lost: {key}")


def _sweep(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    swept = registry.sweep(database, open_store(settings), timedelta(hours=chosen.hours))
    print(f"{len(swept)} files are deleted within a minute.")
    for key in swept:
        print(f"  {key}")
