"""The commands about symbol sets."""

from __future__ import annotations

import argparse
from typing import Any

from functions import registry
from functions.records.audit_log import CLI
from functions.records.database import Database
from functions.settings import Settings
from functions.verbs import define


def add_commands(commands: Any) -> None:
    """Add ``set create | add-label | show``."""
    about = "create a symbol set, add a label to a set, see how many drawings are missing"
    defining = commands.add_parser("set", help=about, description=about).add_subparsers(required=True, metavar="WHAT")
    create = defining.add_parser("create", help="create a symbol set without networks and drawings")
    create.add_argument("name", help="lower-case letters, digits and '-'")
    create.add_argument("--labels", required=True, help='its labels with spaces between them: "А Б В"')
    create.set_defaults(command=_create_set)
    add = defining.add_parser("add-label", help="add a label to a symbol set, also to a shipped set")
    add.add_argument("name")
    add.add_argument("label")
    add.set_defaults(command=_add_label)
    show = defining.add_parser("show", help="show the labels and the missing drawings of a set, or of all sets")
    show.add_argument("name", nargs="?")
    show.set_defaults(command=_show_sets)


def _create_set(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    symbols = define.create_set(database, chosen.name, define.read_labels(chosen.labels), by=CLI)
    print(f"The symbol set {symbols.name} has {len(symbols.labels)} labels; each needs {define.NEEDED} drawings to be learned.")


def _add_label(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    label = " ".join(define.read_labels(chosen.label))
    symbols = define.add_label(database, chosen.name, label, by=CLI)
    print(f"{symbols.name} has the label {label}; it needs {define.NEEDED} drawings to be learned.")


def _show_sets(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        names = [chosen.name] if chosen.name else sorted(one.name for one in registry.symbol_sets(session))
        for found in [define.collected(session, name) for name in names]:
            print(f"{found.symbols.name} ({found.origin})")
            for label in found.symbols.labels:
                print(f"  {label:8}  {found.counts[label]:7} drawings{_lacks(found, label)}")


def _lacks(found: define.Collected, label: str) -> str:
    if label in found.missing:
        return f", {found.missing[label]} more needed"
    return ", not learned yet" if label in found.unlearned else ""
