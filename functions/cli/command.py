"""What all commands share: how they are added to the parser, and how they say what they did, in words or as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

JSON = "as JSON: one object on each line"


def add_command(
    commands: Any, name: str, does: Callable[..., Any] | None, about: str, *positional: str
) -> argparse.ArgumentParser:
    """Add a command with ``--json`` and return its parser.

    ``does`` takes the parsed arguments, the settings and the open database. It returns the exit status, or None if all is done.
    A command without it sets ``run`` or ``check`` instead, because it needs no database.
    """
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.")
    for argument in positional:
        parser.add_argument(argument)
    parser.add_argument("--json", action="store_true", help=JSON)
    if does is not None:
        parser.set_defaults(command=does)
    return parser


def add_group(commands: Any, name: str, about: str) -> Any:
    """Add a command that only has commands of its own, and return what these are added to."""
    parser = commands.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.")
    return parser.add_subparsers(required=True, metavar="WHAT")


def tell(chosen: argparse.Namespace, facts: Mapping[str, Any], *lines: str) -> None:
    """Print the lines; with ``--json`` the facts, as one line."""
    print(json.dumps(facts, default=_plain) if chosen.json else "\n".join(lines), flush=True)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
