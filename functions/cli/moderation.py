"""The commands of moderation: look at what waits, decide about samples, retract a contributor."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from functions import registry
from functions.cli.command import add_command, add_group, tell
from functions.records.audit_log import CLI
from functions.records.database import Database
from functions.records.samples import SampleFilter, find_sample, page_of_samples
from functions.settings import Settings
from functions.store import open_store
from functions.verbs.moderate import moderate, relabel
from functions.verbs.withdraw import retract

STATUSES = ("quarantined", "pending")  # in the order of the owner's page
ROWS_SHOWN = 100  # waiting samples of each status, the newest


def add_commands(commands: Any) -> None:
    """Add ``moderate list | accept | reject | relabel`` and ``retract``."""
    about = "look at the samples that wait, and decide about them"
    what = add_group(commands, "moderate", about)
    add_command(what, "list", _list, "list the samples of a set that wait: id, status, reason, label", "set")
    for name, about in (("accept", "accept samples"), ("reject", "reject samples")):
        deciding = add_command(what, name, _decide, about)
        deciding.add_argument("sample", nargs="+", help="ids")
        deciding.set_defaults(accept=name == "accept")
    relabelling = add_command(what, "relabel", _relabel, "accept a drawing with another label", "sample")
    relabelling.add_argument("label", nargs="?", help="without one: not a symbol")
    retracting = add_command(commands, "retract", _retract, "withdraw all drawings of a contributor")
    retracting.add_argument("contributor", help="the contributor's id, from the owner's page")
    retracting.add_argument(
        "--forget", action="store_true", help="train at once, from the newest versions that never learned the retracted samples"
    )


def _list(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        registry.symbol_set(session, chosen.set)
        pages = [page_of_samples(session, chosen.set, SampleFilter(status), limit=ROWS_SHOWN) for status in STATUSES]
    for sample in [sample for page in pages for sample in page.samples]:
        names = ("id", "label", "status", "reason", "source", "contributor_id", "created")
        label = "not a symbol" if sample.label is None else sample.label
        line = f"{sample.id}  {sample.created:%Y-%m-%d %H:%M}  {sample.status:11}  {sample.reason:12}  {label}"
        tell(chosen, {name: getattr(sample, name) for name in names}, line)


def _decide(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:  # an unknown id decides nothing
        for sample in chosen.sample:
            find_sample(session, sample)
    for sample in chosen.sample:
        moderate(database, sample, accept=chosen.accept, learn_after=settings.learn_after, by=CLI)
    done = "accepted" if chosen.accept else "rejected"
    tell(chosen, {done: chosen.sample}, f"{len(chosen.sample)} {done}.")


def _relabel(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    made = relabel(database, open_store(settings), chosen.sample, chosen.label, learn_after=settings.learn_after, by=CLI)
    facts = {"sample": made.sample, "label": chosen.label, "instead_of": chosen.sample}
    tell(chosen, facts, f"Sample {made.sample} has the new label.")


def _retract(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    done = retract(database, chosen.contributor, forget=chosen.forget, by=CLI)
    lines = [
        f"{done.drawings} drawings are withdrawn, {done.samples} of them samples. Their objects are deleted within a minute."
    ]
    if done.versions:
        lines.append("These versions learned from withdrawn samples of this contributor:")
    lines += [f"  {version}" for version in done.versions]
    for run in done.runs:
        lines.append(f"Run {run} waits for a worker, to unlearn the samples. Until it ends, the present versions stay live.")
    tell(chosen, asdict(done), *lines)
