"""The commands that keep everything in one file, and bring it back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from functions.cli.command import add_command, tell
from functions.cli.progress import CountBar
from functions.records.database import Database
from functions.settings import Settings
from functions.store import open_store
from functions.verbs.backup import backup, restore


def add_commands(commands: Any) -> None:
    """Add ``backup`` and ``restore`` to the parser's subcommands."""
    about = "write the database and all objects into one file, while the platform runs"
    add_command(commands, "backup", _backup, about).add_argument("file", type=Path)
    about = "bring a backup back into an empty platform; stop the web server and the workers before"
    add_command(commands, "restore", _restore, about).add_argument("file", type=Path)


def _backup(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with CountBar("objects") as bar:
        done = backup(database, open_store(settings), chosen.file, bar.add)
    said = f"{done.rows} rows and {done.objects} objects are in {chosen.file}. The secret key is not: keep it too."
    tell(chosen, {"rows": done.rows, "objects": done.objects}, said)


def _restore(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with CountBar("objects") as bar:
        done = restore(database, open_store(settings), chosen.file, bar.add)
    tell(chosen, {"rows": done.rows, "objects": done.objects}, f"{done.rows} rows and {done.objects} objects are restored.")
