"""The verb *define*: the owner creates a symbol set, or adds a label to a symbol set. A later run learns the new labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from functions import registry
from functions.domain.symbols import Origin, SymbolSet, check_label
from functions.errors import Conflict, UnknownSet
from functions.records.database import Database, locked
from functions.records.label_counts import counts_by_label
from functions.records.objects import send_set
from functions.records.tables import SymbolSetRow
from functions.training.readiness import NEEDED, missing

__all__ = ["NEEDED", "Collected", "add_label", "collected", "create_set", "missing", "read_labels"]


@dataclass(frozen=True)
class Collected:
    """The accepted samples of each label of a symbol set, and what is missing before new labels can be learned."""

    symbols: SymbolSet
    origin: Origin
    counts: dict[str, int]
    missing: dict[str, int]  # number of missing samples, only of labels that no network knows and that cannot be learned yet
    unlearned: tuple[str, ...]  # labels that not every network knows; the next run learns those without missing samples

    @property
    def drawings(self) -> int:
        """The number of missing samples of all labels."""
        return sum(self.missing.values())

    @property
    def done(self) -> int:
        """The number of unlearned labels with enough samples."""
        return len(self.unlearned) - len(self.missing)

    @property
    def progress(self) -> float:
        """The share of the samples that the unlearned labels need and have, 0..1."""
        return 1 - self.drawings / (NEEDED * len(self.unlearned)) if self.unlearned else 1.0


def read_labels(text: str) -> tuple[str, ...]:
    """Return the labels in ``text``, separated by white space and in Unicode's composed form (an accented letter is one)."""
    return tuple(unicodedata.normalize("NFC", text).split())


def create_set(database: Database, name: str, labels: Sequence[str], *, confusable: Sequence[Sequence[str]] = ()) -> SymbolSet:
    """Create a symbol set without networks. People can draw for it at once; a run learns it when there are enough samples.

    Raises:
        BadSet, BadLabel: the name, the labels or the groups are not allowed; the message says why.
        Conflict: a symbol set has that name already.
    """
    symbols = SymbolSet(name, tuple(labels), tuple(tuple(group) for group in confusable))
    with database.writing() as session:
        locked(session, "sets")
        if session.get(SymbolSetRow, name) is not None:
            raise Conflict(f"There is a symbol set called {name!r} already.")
        row = SymbolSetRow(name=name, labels=list(symbols.labels), origin="owner")
        row.confusable = [list(group) for group in symbols.confusable]
        session.add(row)
        send_set(session, row)
    return symbols


def add_label(database: Database, name: str, label: str) -> SymbolSet:
    """Add ``label`` to a symbol set, shipped or not; its networks stay unchanged until a run can learn the label.

    Raises:
        UnknownSet: there is no such symbol set.
        BadLabel: the text is not allowed as a label.
        BadSet: the set has the largest number of labels already.
        Conflict: the set has that label already.
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
        send_set(session, row)
    return symbols


def collected(session: Session, name: str) -> Collected:
    """Return what is collected for a symbol set, or raise UnknownSet."""
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
