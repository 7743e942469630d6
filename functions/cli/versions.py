"""The commands about runs and versions."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

from functions import jobs, registry
from functions.cli.command import add_command, tell
from functions.cli.progress import follow, progress_bar
from functions.domain.answer import LEARNERS
from functions.errors import Conflict
from functions.records.audit_log import CLI
from functions.records.database import Database
from functions.records.migrate import revision_of
from functions.settings import Settings

if TYPE_CHECKING:
    from functions.learners.continual.protocol import LearnerTrainer
    from functions.records.tables import Run, Version

ROWS_SHOWN = 20  # runs or versions in a list, the newest


def add_commands(commands: Any) -> None:
    """Add ``migrate``, ``runs``, ``learn``, ``train``, ``versions``, ``activate``, ``rollback`` and ``retrain``."""
    add = partial(add_command, commands)
    add("migrate", _migrate, "bring the tables and the shipped versions up to date")
    for run in (
        add("learn", partial(_request, jobs.QUICK), "learn a set's new samples now", "set"),
        add("train", partial(_request, jobs.FULL), "retrain a set's networks on all collected samples", "set"),
    ):
        run.add_argument("--wait", action="store_true", help="show the run's progress until it has ended")
    add("runs", _runs, "list the newest runs of a set", "set")
    add("versions", _versions, "list the newest versions of a set", "set")
    add("activate", _activate, "let a version answer: promotion and rollback alike", "version")
    back = add("rollback", _rollback, "let the version answer that was live before the present one", "set")
    back.add_argument("learner", choices=LEARNERS)
    add("retrain", _retrain, "train a version again from its card, and compare the results; nothing is published", "version")


def _migrate(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    # Opening the database has migrated it, as before every command.
    tell(chosen, {"migration": revision_of(database)}, "The tables and the shipped versions are up to date.")


def _runs(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        registry.symbol_set(session, chosen.set)
        for run in jobs.runs(session, chosen.set, limit=ROWS_SHOWN):
            line = f"{run.id}  {run.created:%Y-%m-%d %H:%M:%S}  {run.kind:5}  {run.state:9}  {run.progress:4.0%}  {run.step}"
            tell(chosen, _facts(run), line)


def _request(kind: jobs.TrainingKind, chosen: argparse.Namespace, settings: Settings, database: Database) -> int:
    with database.writing() as session:
        registry.symbol_set(session, chosen.set)
        run = jobs.run(session, jobs.request(session, chosen.set, kind))
    if not chosen.wait:
        tell(chosen, _facts(run), f"Run {run.id} waits for a worker.")
        return 0
    run = follow(database, run)
    activated = ", ".join(run.result.get("activated", ())) or "none"
    tell(chosen, _facts(run), f"Run {run.id} is {run.state}. Versions that are live through it: {activated}.")
    return int(run.state != "done")


def _facts(run: Run) -> dict[str, Any]:
    names = ("id", "kind", "state", "progress", "result", "created")
    return {name: getattr(run, name) for name in names} | {"step": str(run.step)}


def _versions(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        registry.symbol_set(session, chosen.set)
        live = {version.id for version in registry.live(session, chosen.set).values()}
        for version in registry.versions(session, chosen.set, limit=ROWS_SHOWN):
            names = ("id", "learner", "parent_id", "original", "gate", "created")
            mark = "live" if version.id in live else ""
            reason = version.gate.get("reason", "")
            line = f"{version.id:34}  {version.learner:4}  {version.created:%Y-%m-%d %H:%M:%S}  {mark:4}  {reason}"
            tell(chosen, {name: getattr(version, name) for name in names} | {"live": version.id in live}, line)


def _activate(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.store import open_store
    from functions.verbs.activate import activate

    artefacts = registry.Artefacts(open_store(settings), settings.models)
    version = activate(database, artefacts, chosen.version, "the owner's tool", actor=CLI)
    said = f"Version {version.id} answers for the {version.learner.upper()} of {version.set_name} within a second."
    tell(chosen, {"version": version.id, "set": version.set_name, "learner": version.learner}, said)


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
    facts = {"version": version.id, "set": version.set_name, "learner": version.learner, "instead_of": newest[0].id}
    tell(chosen, facts, f"Version {version.id} answers again instead of {newest[0].id}. The same command again goes back.")


def _retrain(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.store import open_store
    from functions.training.trainer_pool import ShippedTrainerPool
    from functions.verbs.reproduce import reproduce

    def trainer_of(version: Version) -> LearnerTrainer:
        with database.reading() as session:
            return ShippedTrainerPool(settings.models).trainers(registry.symbol_set(session, version.set_name))[version.learner]

    with progress_bar() as show:
        done = reproduce(database, registry.Artefacts(open_store(settings), settings.models), chosen.version, trainer_of, show)
    differing = {name: {"recorded": recorded, "now": now} for name, (recorded, now) in done.differing.items()}
    facts = {"version": done.version.id, "same": done.same, "sha256": done.candidate.sha256, "differing": differing}
    tell(chosen, facts | {"figures": done.figures, "reasons": done.reasons}, *done.report())
