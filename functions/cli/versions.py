"""The commands about runs and versions."""

from __future__ import annotations

import argparse
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from functions import jobs, registry
from functions.cli.progress import progress_bar
from functions.domain.answer import LEARNERS
from functions.errors import Conflict
from functions.records.audit_log import CLI
from functions.records.database import Database
from functions.settings import Settings

if TYPE_CHECKING:
    from functions.learners.continual.protocol import LearnerTrainer
    from functions.records.tables import Version

ROWS_SHOWN = 20  # runs or versions in a list, the newest


def add_commands(commands: Any) -> None:
    """Add ``migrate``, ``runs``, ``learn``, ``train``, ``versions``, ``activate``, ``rollback`` and ``retrain``."""

    def add(name: str, command: Any, about: str, *positional: str) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
        for argument in positional:
            sub.add_argument(argument)
        sub.set_defaults(command=command)
        return sub

    add("migrate", _migrate, "bring the tables and the shipped versions up to date")
    add("learn", partial(_request, jobs.QUICK), "learn a set's new samples now", "set")
    add("train", partial(_request, jobs.FULL), "retrain a set's networks on all collected samples", "set")
    for listing in (
        add("runs", _runs, "list the newest runs of a set", "set"),
        add("versions", _versions, "list the newest versions of a set", "set"),
    ):
        listing.add_argument("--json", action="store_true", help="as JSON, one line for each")
    add("activate", _activate, "let a version answer: promotion and rollback alike", "version")
    back = add("rollback", _rollback, "let the version answer that was live before the present one", "set")
    back.add_argument("learner", choices=LEARNERS)
    add("retrain", _retrain, "train a version again from its card, and compare the results; nothing is published", "version")


def _migrate(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    print("The tables and the shipped versions are up to date.")  # opening the database migrates it before every command


def _runs(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        registry.symbol_set(session, chosen.set)
        for run in jobs.runs(session, chosen.set, limit=ROWS_SHOWN):
            if chosen.json:
                facts = {name: getattr(run, name) for name in ("id", "kind", "state", "progress", "result")}
                print(json.dumps({**facts, "created": run.created.isoformat(), "step": str(run.step)}))
                continue
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
            if chosen.json:
                facts = {name: getattr(version, name) for name in ("id", "learner", "parent_id", "original", "gate")}
                print(json.dumps({**facts, "created": version.created.isoformat(), "live": version.id in live}))
                continue
            mark = "live" if version.id in live else ""
            reason = version.gate.get("reason", "")
            print(f"{version.id:34}  {version.learner:4}  {version.created:%Y-%m-%d %H:%M:%S}  {mark:4}  {reason}")


def _activate(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.store import open_store
    from functions.verbs.activate import activate

    artefacts = registry.Artefacts(open_store(settings), settings.models)
    version = activate(database, artefacts, chosen.version, "the owner's tool", actor=CLI)
    print(f"Version {version.id} answers for the {version.learner.upper()} of {version.set_name} within a second.")


def _rollback(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.store import open_store
    from functions.verbs.activate import activate

    with database.reading() as session:
        registry.symbol_set(session, chosen.set)
        newest = registry.answered(session, chosen.set, chosen.learner, 2)
    if len(newest) < 2:
        raise Conflict(f"No other {chosen.learner.upper()} of {chosen.set} was live before.")
    artefacts = registry.Artefacts(open_store(settings), settings.models)
    version = activate(database, artefacts, newest[1].id, "the owner's tool", replaces=newest[0].id, actor=CLI)
    print(f"Version {version.id} answers again instead of {newest[0].id}. The same command again goes back.")


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
