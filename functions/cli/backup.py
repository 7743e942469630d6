"""The commands that keep everything in one file, and bring it back."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from functions.records.database import Database
from functions.settings import Settings
from functions.store import open_store
from functions.verbs.backup import backup, restore


def add_commands(commands: Any) -> None:
    """Add ``backup`` and ``restore`` to the parser's subcommands."""
    about = "write the database and all objects into one file, while the platform runs"
    keeping = commands.add_parser("backup", help=about, description=about)
    about = "bring a backup back into an empty platform; stop the web server and the workers before"
    bringing = commands.add_parser("restore", help=about, description=about)
    for parser, command in ((keeping, _backup), (bringing, _restore)):
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="say as JSON what was done")
        parser.set_defaults(command=command)


def _backup(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with tqdm(unit=" objects", file=sys.stderr) as bar:
        done = backup(database, open_store(settings), chosen.file, partial(_advance, bar))
    said = f"{done.rows} rows and {done.objects} objects are in {chosen.file}. The secret key is not: keep it too."
    print(json.dumps({"rows": done.rows, "objects": done.objects}) if chosen.json else said)


def _restore(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with tqdm(unit=" objects", file=sys.stderr) as bar:
        done = restore(database, open_store(settings), chosen.file, partial(_advance, bar))
    said = f"{done.rows} rows and {done.objects} objects are restored."
    print(json.dumps({"rows": done.rows, "objects": done.objects}) if chosen.json else said)


def _advance(bar: tqdm[Any], count: int) -> None:
    bar.update(count)
