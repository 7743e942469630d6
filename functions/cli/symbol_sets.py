"""The commands about symbol sets."""

from __future__ import annotations

import argparse
from typing import Any

from functions import registry
from functions.cli.command import add_command, add_group, tell
from functions.records.audit_log import CLI
from functions.records.database import Database
from functions.settings import Settings
from functions.verbs import define
from functions.verbs.collected import NEEDED, Collected, collected


def add_commands(commands: Any) -> None:
    """Add ``set create | add-label | goal | show``."""
    about = "create a symbol set, add a label to a set, set its goal, see how many drawings are missing"
    defining = add_group(commands, "set", about)
    create = add_command(defining, "create", _create_set, "create a symbol set without networks and drawings")
    create.add_argument("name", help="lower-case letters, digits and '-'")
    create.add_argument("--labels", required=True, help='its labels with spaces between them: "А Б В"')
    add_command(defining, "add-label", _add_label, "add a label to a symbol set, also to a shipped set", "name", "label")
    goal = add_command(defining, "goal", _set_goal, "say how many drawings of each label of a set are wanted", "name")
    goal.add_argument("drawings", type=int, help="accepted drawings of each label; 0 for no goal")
    about = "show the labels and the missing drawings of a set, or of all sets"
    add_command(defining, "show", _show_sets, about).add_argument("name", nargs="?")


def _create_set(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    symbols = define.create_set(database, chosen.name, define.read_labels(chosen.labels), by=CLI)
    said = f"The symbol set {symbols.name} has {len(symbols.labels)} labels; each needs {NEEDED} drawings to be learned."
    tell(chosen, {"set": symbols.name, "labels": symbols.labels, "needed": NEEDED}, said)


def _add_label(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    label = " ".join(define.read_labels(chosen.label))
    symbols = define.add_label(database, chosen.name, label, by=CLI)
    said = f"{symbols.name} has the label {label}; it needs {NEEDED} drawings to be learned."
    tell(chosen, {"set": symbols.name, "label": label, "needed": NEEDED}, said)


def _set_goal(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    define.change_set(database, chosen.name, define.SetChange(goal=chosen.drawings), by=CLI)
    said = f"The goal of {chosen.name} is {chosen.drawings} drawings of each label."
    tell(chosen, {"set": chosen.name, "goal": chosen.drawings}, said if chosen.drawings else f"{chosen.name} has no goal.")


def _show_sets(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        names = [chosen.name] if chosen.name else sorted(one.name for one in registry.symbol_sets(session))
        every = [collected(session, name) for name in names]
    for found in every:
        labels = [
            {
                **{"label": label, "drawings": found.counts[label], "missing": found.missing.get(label, 0)},
                "learned": label not in found.unlearned,
            }
            for label in found.symbols.labels
        ]
        lines = [f"  {label:8}  {found.counts[label]:7} drawings{_lacks(found, label)}" for label in found.symbols.labels]
        goal = found.symbols.goal
        facts = {"set": found.symbols.name, "origin": found.origin, "goal": goal, "labels": labels}
        wanted = f", goal: {goal} drawings of each label" if goal else ""
        tell(chosen, facts, f"{found.symbols.name} ({found.origin}){wanted}", *lines)


def _lacks(found: Collected, label: str) -> str:
    if label in found.missing:
        return f", {found.missing[label]} more needed"
    return ", not learned yet" if label in found.unlearned else ""
