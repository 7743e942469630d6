"""The verb *import*: somebody's labelled drawings become samples of a set, marked with their source and licence.

Each drawing has a key made of its set, its label and what is drawn. So the same import again, after a kill or at the same time in
another process, adds what is missing and doubles nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from functions import registry
from functions.dataset.exchange.incoming import Refused
from functions.dataset.exchange.known_drawings import KnownDrawings
from functions.dataset.exchange.prepared import Prepared, prepare
from functions.dataset.exchange.read_dataset import read_card, read_dataset
from functions.domain.drawing import square_from_bytes
from functions.domain.problem import Problem
from functions.domain.symbols import SymbolSet
from functions.domain.trust import perceptual_hash
from functions.errors import Malformed, UnknownSet
from functions.records import objects, outbox
from functions.records.contributors import ensure_contributor
from functions.records.database import Database
from functions.records.drawings import drawing_row
from functions.records.growth import fold_days
from functions.records.imported_samples import already_there, pictures_of
from functions.records.label_counts import fold_counts
from functions.records.split_assignments import keep_splits, splits_of
from functions.records.tables import Sample, SymbolSetRow, insert, new_id
from functions.store import Store

AT_ONCE = 100  # drawings of one transaction: some hundredths of a second, in which other writers wait
NAMED = 1_000  # refused files that a report names; more are counted
OUTBOX = 2_000  # drawings after which the outbox is delivered: pictures must not fill the database
BY_CONTRIBUTOR = ("train", "validation", "test")


@dataclass(frozen=True)
class ImportRequest:
    """What to import into which set. ``origin`` and ``licence`` stay with every sample; ``near`` imports look-alikes too."""

    set_name: str
    path: Path
    origin: str = ""
    licence: str = ""
    dry_run: bool = False
    near: bool = True
    create: bool = False


@dataclass
class ImportReport:
    """What an import did, or would do. ``refused`` names up to a thousand files with their reasons, ``reasons`` counts all."""

    read: int = 0
    added: int = 0
    already: int = 0  # the same picture is there: imported before, contributed, or taken back by its author
    near: int = 0  # almost the same as another one; imported unless look-alikes were not wanted
    labels: Counter[str | None] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def refuse(self, found: Refused) -> None:
        """Count a refused file, and name it if there is room."""
        self.reasons[found.reason] += 1
        if len(self.refused) < NAMED:
            self.refused.append(found)


def import_dataset(
    database: Database, store: Store, request: ImportRequest, on_read: Callable[[int], None] = lambda count: None
) -> ImportReport:
    """Import a dataset, or with ``dry_run`` only say what would happen. ``on_read`` is told the drawings of each batch.

    Everything is read once before anything is written, so a hostile or a broken file changes nothing.

    Raises:
        UnknownSet: the set does not exist, and there is no card to create it from.
        Malformed: the whole cannot be read, or nobody says under which licence the drawings are.
    """
    card = read_card(request.path)
    licence = request.licence or str(card.get("licence") or "")
    if not licence or len(licence) > 200 or not licence.isprintable():
        raise Malformed(Problem("import_licence"))
    origin = (request.origin or request.path.name)[:200]
    symbols = _symbols(database, request, card)
    for _ in read_dataset(request.path, symbols):
        pass
    if request.create and not request.dry_run:
        _create(database, symbols)
    report, known, undelivered = ImportReport(), _known(database, symbols.name), 0
    reasons = {"action": "imported", "origin": origin, "licence": licence}
    for batch in _batches(read_dataset(request.path, symbols)):
        ready = [one for found in batch if (one := _look(found, symbols, known, report, near=request.near)) is not None]
        if not request.dry_run:
            _add(database, symbols.name, ready, reasons, report)
            undelivered += len(ready)
            if undelivered >= OUTBOX:
                _deliver(database, store)
                undelivered = 0
        else:
            report.added += len(ready)
            report.labels.update(one.label for one in ready)
        on_read(len(batch))
    if report.added and not request.dry_run:
        fold_counts(database)  # each sample has left two rows, and pages sum them
        fold_days(database)
    return report


def _symbols(database: Database, request: ImportRequest, card: dict[str, Any]) -> SymbolSet:
    try:
        with database.reading() as session:
            return registry.symbol_set(session, request.set_name)
    except UnknownSet:
        labels, groups = card.get("labels"), card.get("confusable") or []
        if not request.create or not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise
        if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
            raise
        return SymbolSet(request.set_name, tuple(labels), tuple(tuple(group) for group in groups))


def _create(database: Database, symbols: SymbolSet) -> None:
    with database.writing() as session:
        if session.get(SymbolSetRow, symbols.name) is None:
            row = SymbolSetRow(name=symbols.name, labels=list(symbols.labels), origin="owner")
            row.confusable = [list(group) for group in symbols.confusable]
            session.add(row)
            objects.send_set(session, row)


def _known(database: Database, set_name: str) -> KnownDrawings:
    pictures: list[str] = []
    looks: list[int] = []
    for sha256, square in pictures_of(database, set_name):
        pictures.append(sha256[:16])
        if square is not None:
            looks.append(perceptual_hash(square_from_bytes(square)))
    return KnownDrawings(pictures, looks)


def _batches(found: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(found, AT_ONCE)):
        yield batch


def _look(found: Any, symbols: SymbolSet, known: KnownDrawings, report: ImportReport, *, near: bool) -> Prepared | None:
    """Return a drawing that is to be added; otherwise say in the report why not."""
    report.read += 1
    one = found if isinstance(found, Refused) else prepare(symbols.name, found)
    if isinstance(one, Refused):
        report.refuse(one)
        return None
    if known.has_picture(one.png_sha256):
        report.already += 1
        return None
    if known.has_look(one.look):
        report.near += 1
        if not near:
            return None
    known.add(one.png_sha256, one.look)
    return one


def _add(database: Database, set_name: str, ready: Sequence[Prepared], reason: dict[str, str], report: ImportReport) -> None:
    with database.writing() as session:
        there = already_there(session, [one.key for one in ready])
        new = [one for one in ready if one.key not in there]
        report.already += len(ready) - len(new)
        people = {one.name: _contributor(set_name, reason["origin"], one) for one in new}
        _keep_splits(session, set_name, {people[one.name]: one.split for one in new})
        for one in new:
            _insert(session, set_name, one, people[one.name], reason)
        report.added += len(new)
        report.labels.update(one.label for one in new)


def _contributor(set_name: str, origin: str, one: Prepared) -> str:
    """Return the contributor of an imported drawing: one for each hand that the source tells apart, else one for each split.

    They are nobody's cookie, so they count as the owner's; the drawings of one hand stay in one split.
    """
    hand = "\n".join(("import", set_name, origin, one.contributor or str(one.split)))
    return hashlib.sha256(hand.encode()).hexdigest()[:32]


def _keep_splits(session: Session, set_name: str, wanted: dict[str, str | None]) -> None:
    for contributor in wanted:
        ensure_contributor(session, contributor)
    there = splits_of(session, set_name, list(wanted))
    # "unused" are corrections by contributors of validation or test: which of them, the source does not say.
    new: dict[str, Any] = {one: split or "train" for one, split in wanted.items() if one not in there and split != "unused"}
    keep_splits(session, set_name, {one: split for one, split in new.items() if split in BY_CONTRIBUTOR})


def _insert(session: Session, set_name: str, one: Prepared, contributor: str, reason: dict[str, str]) -> None:
    row = drawing_row(set_name, contributor, one.drawing, one.png)
    row.created = one.created
    insert(session, row)
    sample = Sample(
        id=new_id(),
        set_name=set_name,
        label=one.label,
        status=one.status,
        reason="owner",
        reason_figures=dict(reason),
        source="import",
        drawing_id=row.id,
        contributor_id=contributor,
        idempotency=one.key,
        split=one.split or "train",
        created=one.created,
    )
    insert(session, sample)
    objects.send_sample(session, sample, row, one.png)


def _deliver(database: Database, store: Store) -> None:
    while outbox.drain(database, store):
        pass
