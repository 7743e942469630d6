"""The commands of moderation: look at what waits, decide about samples, retract a contributor."""

from __future__ import annotations

import argparse
import json
from typing import Any

from functions import registry
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
    what = commands.add_parser("moderate", help=about, description=about).add_subparsers(required=True, metavar="WHAT")
    listing = what.add_parser("list", help="list the samples of a set that wait: id, status, reason, label")
    listing.add_argument("set")
    listing.add_argument("--json", action="store_true", help="as JSON, one line for each")
    listing.set_defaults(command=_list)
    for name, help_text in (("accept", "accept samples"), ("reject", "reject samples")):
        deciding = what.add_parser(name, help=help_text)
        deciding.add_argument("sample", nargs="+", help="ids")
        deciding.set_defaults(command=_decide, accept=name == "accept")
    relabelling = what.add_parser("relabel", help="accept a drawing with another label")
    relabelling.add_argument("sample")
    relabelling.add_argument("label", nargs="?", help="without one: not a symbol")
    relabelling.set_defaults(command=_relabel)
    about = "withdraw all drawings of a contributor"
    retracting = commands.add_parser("retract", help=about, description=about)
    retracting.add_argument("contributor", help="the contributor's id, from the owner's page")
    retracting.add_argument(
        "--forget", action="store_true", help="train at once, from the newest versions that never learned the retracted samples"
    )
    retracting.set_defaults(command=_retract)


def _list(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        registry.symbol_set(session, chosen.set)
        pages = [page_of_samples(session, chosen.set, SampleFilter(status), limit=ROWS_SHOWN) for status in STATUSES]
    for sample in [sample for page in pages for sample in page.samples]:
        if chosen.json:
            facts = {name: getattr(sample, name) for name in ("id", "label", "status", "reason", "source", "contributor_id")}
            print(json.dumps({**facts, "created": sample.created.isoformat()}))
            continue
        label = "not a symbol" if sample.label is None else sample.label
        print(f"{sample.id}  {sample.created:%Y-%m-%d %H:%M}  {sample.status:11}  {sample.reason:12}  {label}")


def _decide(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:  # an unknown id decides nothing
        for sample in chosen.sample:
            find_sample(session, sample)
    for sample in chosen.sample:
        moderate(database, sample, accept=chosen.accept, learn_after=settings.learn_after, by=CLI)
    print(f"{len(chosen.sample)} {'accepted' if chosen.accept else 'rejected'}.")


def _relabel(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    made = relabel(database, open_store(settings), chosen.sample, chosen.label, learn_after=settings.learn_after, by=CLI)
    print(f"Sample {made.sample} has the new label.")


def _retract(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    done = retract(database, chosen.contributor, forget=chosen.forget, by=CLI)
    print(f"{done.drawings} drawings are withdrawn, {done.samples} of them samples. Their objects are deleted within a minute.")
    if done.versions:
        print("These versions learned from withdrawn samples of this contributor:")
    for version in done.versions:
        print(f"  {version}")
    for run in done.runs:
        print(f"Run {run} waits for a worker, to unlearn the samples. Until it ends, the present versions stay live.")
