"""The owner's tool: ``python -m functions.cli --help``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError

from functions import jobs, registry
from functions.cli import access, backup, check, doctor, evaluate, exchange, object_store, webhooks
from functions.cli.base_models import add_commands
from functions.cli.progress import progress_bar
from functions.errors import BadSettings, Situation
from functions.learners.continual.protocol import LearnerTrainer
from functions.records.audit_log import CLI
from functions.records.database import Database, why_away, why_refused
from functions.records.tables import Version
from functions.settings import Settings
from functions.verbs import define
from functions.verbs.withdraw import retract

ROWS_SHOWN = 20  # runs or versions in a list, the newest
Command = Callable[[argparse.Namespace, Settings, Database], int | None]


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run one command and return the exit status; an error is one sentence on stderr."""
    chosen = _parser().parse_args(arguments)
    try:
        if hasattr(chosen, "check"):  # tries the settings itself, without a database that answers
            return int(chosen.check(environ))
        if not hasattr(chosen, "command"):
            return int(chosen.run(chosen) or 0)  # the learners' commands need no database
        settings = Settings.from_env(environ)
        database = registry.bootstrap(settings)
        return int(chosen.command(chosen, settings, database) or 0)
    except (BadSettings, Situation) as problem:
        print(problem, file=sys.stderr)
        return 2
    except DBAPIError as error:
        refused = why_refused(error)
        print(refused or why_away(error), file=sys.stderr)
        return 1 if refused is None else 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m functions.cli", description="The owner's tool.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, about: str, *positional: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        for argument in positional:
            sub.add_argument(argument)
        sub.set_defaults(command=command)
        return sub

    check.add_command(commands)
    doctor.add_command(commands)
    add("migrate", _migrate, "bring the tables and the shipped versions up to date")
    access.add_commands(add)
    object_store.add_commands(commands)
    exchange.add_commands(commands)
    webhooks.add_commands(commands)
    backup.add_commands(commands)
    add("runs", _runs, "list the newest runs of a set", "set")
    add("learn", partial(_request, jobs.QUICK), "learn a set's new samples now", "set")
    add("train", partial(_request, jobs.FULL), "retrain a set's networks on all collected samples", "set")
    add("versions", _versions, "list the newest versions of a set", "set")
    add("activate", _activate, "let a version answer: promotion and rollback alike", "version")
    add("retrain", _retrain, "train a version again from its card, and compare the results; nothing is published", "version")
    _add_retract(commands)
    _add_sets(commands)
    add_commands(commands)
    evaluate.add_command(commands)
    return parser


def _add_retract(commands: Any) -> None:
    about = "withdraw all drawings of a contributor"
    retracting = commands.add_parser("retract", help=about, description=about)
    retracting.add_argument("contributor", help="the contributor's id, from the owner's page")
    retracting.add_argument(
        "--forget", action="store_true", help="train at once, from the newest versions that never learned the retracted samples"
    )
    retracting.set_defaults(command=_retract)


def _add_sets(commands: Any) -> None:
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


def _migrate(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    print("The tables and the shipped versions are up to date.")  # opening the database migrates it before every command


def _runs(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        registry.symbol_set(session, chosen.set)
        for run in jobs.runs(session, chosen.set, limit=ROWS_SHOWN):
            print(f"{run.id}  {run.created:%Y-%m-%d %H:%M:%S}  {run.kind:5}  {run.state:9}  {run.progress:4.0%}  {run.step}")


def _request(kind: jobs.TrainingKind, chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        registry.symbol_set(session, chosen.set)
        run = jobs.request(session, chosen.set, kind)
    print(f"Run {run} waits for a worker.")


def _versions(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        registry.symbol_set(session, chosen.set)
        live = {version.id for version in registry.live(session, chosen.set).values()}
        for version in registry.versions(session, chosen.set, limit=ROWS_SHOWN):
            mark = "live" if version.id in live else ""
            reason = version.gate.get("reason", "")
            print(f"{version.id:34}  {version.learner:4}  {version.created:%Y-%m-%d %H:%M:%S}  {mark:4}  {reason}")


def _retrain(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.store import open_store
    from functions.training.trainer_pool import ShippedTrainerPool
    from functions.verbs.reproduce import reproduce

    def trainer_of(version: Version) -> LearnerTrainer:
        with database.reading() as session:
            return ShippedTrainerPool(settings.models).trainers(registry.symbol_set(session, version.set_name))[version.learner]

    with progress_bar() as show:
        done = reproduce(database, registry.Artefacts(open_store(settings), settings.models), chosen.version, trainer_of, show)
    print("\n".join(done.report()))


def _activate(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.store import open_store
    from functions.verbs.activate import activate

    artefacts = registry.Artefacts(open_store(settings), settings.models)
    version = activate(database, artefacts, chosen.version, "the owner's tool", actor=CLI)
    print(f"Version {version.id} answers for the {version.learner.upper()} of {version.set_name} within a second.")


def _retract(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    done = retract(database, chosen.contributor, forget=chosen.forget, by=CLI)
    print(f"{done.drawings} drawings are withdrawn, {done.samples} of them samples. Their objects are deleted within a minute.")
    if done.versions:
        print("These versions learned from withdrawn samples of this contributor:")
    for version in done.versions:
        print(f"  {version}")
    for run in done.runs:
        print(f"Run {run} waits for a worker, to unlearn the samples. Until it ends, the present versions stay live.")


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


if __name__ == "__main__":
    sys.exit(main())
