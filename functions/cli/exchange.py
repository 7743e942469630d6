"""The commands that take the dataset out and bring one in."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from functions.cli.command import add_command, tell
from functions.cli.progress import CountBar, follow
from functions.dataset.exchange.export import FORMATS, FORMS, Export, ExportRequest
from functions.domain.trust import Source
from functions.errors import Malformed
from functions.records.audit_log import CLI, note
from functions.records.database import Database
from functions.records.exported_samples import EXPORTABLE, ExportFilter
from functions.settings import Settings
from functions.store import open_store
from functions.store.names import export_key
from functions.verbs.define import read_labels
from functions.verbs.export import export_to_folder, open_export, write_one_file
from functions.verbs.export_run import request_export
from functions.verbs.import_dataset import ImportRequest, import_dataset

BUCKET = "bucket:"  # where a worker writes


def add_commands(commands: Any) -> None:
    """Add ``export`` and ``import`` to the parser's subcommands."""
    about = "write the dataset of a set as files"
    export = add_command(commands, "export", _export, about, "set")
    export.add_argument(
        "output",
        help="a folder, which is new, empty or has an unfinished export; or a file ('.zip', '.npz', '.jsonl'); or '-'; "
        "or 'bucket:', where a worker writes it below exports/",
    )
    export.add_argument("--format", choices=FORMATS, default="zip", help="by default zip: pictures in label folders")
    export.add_argument("--form", choices=FORMS, default="facts", help="of jsonl: raw and simplified are those of Quick, Draw!")
    add_filters(export)
    about = "bring somebody's labelled drawings into a set"
    bringing = add_command(commands, "import", _import, about, "set")
    bringing.add_argument("path", type=Path, help="a folder, or a .zip, .npz, .jsonl, .jsonl.gz or .parquet file")
    bringing.add_argument("--licence", default="", help="of these drawings; not needed if a card says it")
    bringing.add_argument("--origin", default="", help="where they come from; by default the name of the file or folder")
    bringing.add_argument("--dry-run", action="store_true", help="only say what would happen")
    bringing.add_argument("--no-near", action="store_true", help="leave out drawings that look almost like another one")
    bringing.add_argument("--create", action="store_true", help="create the set from the card, if it does not exist")


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose samples."""
    parser.add_argument("--labels", help='only these, with spaces between them: "0 1"')
    parser.add_argument("--not-a-symbol", action="store_true", help="drawings that are not a symbol; with --labels, those too")
    parser.add_argument("--status", action="append", choices=EXPORTABLE, help="by default accepted; may be repeated")
    parser.add_argument("--split", action="append", choices=["train", "validation", "test", "unused"], help="may be repeated")
    parser.add_argument("--source", action="append", choices=get_args(Source), help="may be repeated")
    parser.add_argument("--since", type=_moment, help="drawn on or after this day (2026-01-31) or moment, in UTC")
    parser.add_argument("--until", type=_moment, help="drawn before this day or moment")
    parser.add_argument("--agreement", type=_share, help="least share (0 to 1) of gold questions that a contributor got right")
    parser.add_argument("--doubted", action="store_true", help="only accepted samples with a label that a network did not expect")
    parser.add_argument("--snapshot", help="only what a version learned: the id of a snapshot")


def read_filter(chosen: argparse.Namespace) -> ExportFilter:
    """Return the filter that the options choose."""
    labels: list[str | None] = list(read_labels(chosen.labels or ""))
    return ExportFilter(
        labels=tuple([*labels, None] if chosen.not_a_symbol else labels),
        statuses=tuple(chosen.status or ("accepted",)),
        splits=tuple(chosen.split or ()),
        sources=tuple(chosen.source or ()),
        since=chosen.since,
        until=chosen.until,
        agreement=chosen.agreement,
        snapshot=chosen.snapshot,
        doubted=chosen.doubted,
    )


def _export(chosen: argparse.Namespace, settings: Settings, database: Database) -> int | None:
    request = ExportRequest(chosen.format, read_filter(chosen), chosen.form)
    if chosen.output == BUCKET:
        return _export_to_bucket(chosen, settings, database, request)
    with CountBar("samples") as bar:
        export = open_export(database, open_store(settings), chosen.set, request, settings.licence, bar.add)
        bar.total = export.total
        with database.writing() as session:
            note(session, CLI, "export_taken", export.file_name, set_name=chosen.set, samples=export.total)
        _write(export, chosen.output)
    if chosen.output != "-":
        _tell(chosen, export)
    return None


def _export_to_bucket(chosen: argparse.Namespace, settings: Settings, database: Database, request: ExportRequest) -> int:
    """Ask for an export as a run, and follow it; return 1 if it fails."""
    open_export(database, open_store(settings), chosen.set, request)  # refuses what cannot be exported
    run = request_export(database, chosen.set, request, by=CLI)
    run = follow(database, run)
    folder = export_key(run.set_name, run.id, "")
    facts = {"run": run.id, "state": run.state, "folder": folder, "result": run.result}
    tell(chosen, facts, f"The export is {run.state}; its files are at {folder} in the object store.")
    return int(run.state != "done")


def _write(export: Export, output: str) -> None:
    if output == "-":
        for piece in export.one_file():
            sys.stdout.buffer.write(piece)
        return
    ending = Path(export.file_name).suffix
    if Path(output).suffix.lower() == ending:
        write_one_file(export, Path(output))
    elif Path(output).suffix.lower() in (".zip", ".npz", ".jsonl"):
        raise Malformed(f"An export as {export.request.format} into one file is a {ending}; without an ending it is a folder.")
    else:
        export_to_folder(export, Path(output))


def _tell(chosen: argparse.Namespace, export: Export) -> None:
    tally = export.tally
    lines = [f"{tally.samples} samples of {export.symbols.name} are in {chosen.output}."]
    for what, count in tally.left_out.items():
        lines.append(f"  left out, because {export.request.format} has no place for them: {count} {what}")
    if not export.licence:
        lines.append("  no licence is chosen: the card says that people must ask you (INKLOOP_LICENCE)")
    facts = {"set": export.symbols.name, "output": chosen.output, "samples": tally.samples, **tally.as_dict()}
    tell(chosen, facts, *lines)


def _import(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    request = ImportRequest(
        set_name=chosen.set,
        path=chosen.path,
        origin=chosen.origin,
        licence=chosen.licence,
        dry_run=chosen.dry_run,
        near=not chosen.no_near,
        create=chosen.create,
    )
    with CountBar("drawings") as bar:
        report = import_dataset(database, open_store(settings), request, bar.add)
    if not chosen.dry_run:
        with database.writing() as session:  # it took many transactions
            note(session, CLI, "imported", chosen.set, set_name=chosen.set, added=report.added, file=chosen.path.name)
    refused = [one._asdict() for one in report.refused]
    counts = {"read": report.read, "added": report.added, "already": report.already, "near": report.near}
    facts = {**counts, "dry_run": chosen.dry_run, "refused": refused, "reasons": dict(report.reasons)}
    would = "would be" if chosen.dry_run else "are"
    tell(
        chosen,
        facts,
        f"{report.added} of {report.read} drawings {would} imported into {chosen.set}.",
        f"{report.already} are there already; {report.near} look almost like another one.",
        *(f"{count} {would} refused: {reason}" for reason, count in report.reasons.most_common()),
        *(f"  {one.name}: {one.reason}" for one in report.refused),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("a share lies between 0 and 1")
    return share
