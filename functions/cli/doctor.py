"""The command ``doctor``: looks inside a running platform."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from functions import registry
from functions.cli.command import add_command, tell
from functions.records.database import Database
from functions.settings import Settings
from functions.store import open_store
from functions.verbs.doctor import examine


def add_commands(commands: Any) -> None:
    """Add ``doctor`` to the parser's subcommands."""
    about = "look inside a running platform: runs, outbox, clock, versions, rows without objects, objects without rows"
    looking = add_command(commands, "doctor", _doctor, about)
    looking.add_argument("--all", action="store_true", help="compare all drawings and all objects, which takes minutes")


def _doctor(chosen: argparse.Namespace, settings: Settings, database: Database) -> int:
    """Print what is found; return 1 if somebody should do something."""
    ill = False
    artefacts = registry.Artefacts(open_store(settings), settings.models)
    for found in examine(database, artefacts, everything=chosen.all, on_progress=_say):
        facts = {"part": found.part, "ok": not found.ill, "said": found.said}
        tell(chosen, facts, f"{found.part:9} {'look' if found.ill else 'ok':4} {found.said}")
        ill |= found.ill
    return int(ill)


def _say(part: str) -> None:
    if sys.stderr.isatty():
        print(f"Comparing {part} ...", file=sys.stderr)
