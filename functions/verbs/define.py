"""The verb *define*: the owner makes a symbol set, or adds a label to one. What comes of it is left to *learn*."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from functions import registry
from functions.domain.symbols import Origin, SymbolSet, check_label
from functions.errors import Conflict, UnknownSet
from functions.records import facts, outbox
from functions.records.database import Database
from functions.records.label_counts import counts_by_label
from functions.records.locks import locked
from functions.records.tables import SymbolSetRow
from functions.training.readiness import NEEDED, missing

__all__ = ["NEEDED", "Collected", "add_label", "collected", "create_set", "missing", "read_labels"]


@dataclass(frozen=True)
class Collected:
    """How far a symbol set is: the accepted samples of each label, and how many more each unknown one needs."""

    symbols: SymbolSet
    origin: Origin
    counts: dict[str, int]
    missing: dict[str, int]  # only labels that no network knows yet and that cannot be learned yet
    unlearned: tuple[str, ...]  # labels that not every network knows; those that miss nothing are learned by the next run


def read_labels(text: str) -> tuple[str, ...]:
    """Return the labels in ``text``, which stand apart by spaces or line ends.

    A letter with an accent may be typed as one character or as two; both become one, as a label is written.
    """
    return tuple(unicodedata.normalize("NFC", text).split())


def create_set(database: Database, name: str, labels: Sequence[str], *, confusable: Sequence[Sequence[str]] = ()) -> SymbolSet:
    """Make a symbol set without any network: it can be collected for at once, and is learned when there is enough.

    Raises:
        BadSet, BadLabel: it cannot be one; the reason is in words.
        Conflict: there is one of that name.
    """
    symbols = SymbolSet(name, tuple(labels), tuple(tuple(group) for group in confusable))
    with database.writing() as session:
        locked(session, "sets")
        if session.get(SymbolSetRow, name) is not None:
            raise Conflict(f"There is a symbol set called {name!r} already.")
        row = SymbolSetRow(name=name, labels=list(symbols.labels), origin="owner")
        row.confusable = [list(group) for group in symbols.confusable]
        session.add(row)
        _send(session, row)
    return symbols


def add_label(database: Database, name: str, label: str) -> SymbolSet:
    """Add ``label`` to a symbol set, shipped or not; its networks go on as they are until the label can be learned.

    Raises:
        UnknownSet: there is no such symbol set.
        BadLabel: it cannot be a label.
        BadSet: the set has as many labels as can be.
        Conflict: the set has that label.
    """
    with database.writing() as session:
        locked(session, "sets")
        row = session.get(SymbolSetRow, name)
        if row is None:
            raise UnknownSet(f"There is no symbol set called {name!r}.")
        check_label(label)
        if label in row.labels:
            raise Conflict(f"{label!r} is a label of {name!r} already.")
        symbols = SymbolSet(name, (*row.labels, label), tuple(tuple(group) for group in row.confusable))
        row.labels = list(symbols.labels)
        _send(session, row)
    return symbols


def collected(session: Session, name: str) -> Collected:
    """Return how far a symbol set is.

    Raises:
        UnknownSet: there is no such symbol set.
    """
    symbols = registry.symbol_set(session, name)
    counts = counts_by_label(session, name)
    known = [set(version.labels) for version in registry.live(session, name).values()]
    return Collected(
        symbols,
        registry.origins(session)[name],
        {label: counts.get(label, 0) for label in symbols.labels},
        missing(session, symbols),
        tuple(label for label in symbols.labels if not known or any(label not in one for one in known)),
    )


def _send(session: Session, row: SymbolSetRow) -> None:
    session.flush()
    outbox.send(session, facts.set_key(row.name), facts.set_facts(row), "application/json")
