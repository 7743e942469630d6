"""The verb *define*: the owner creates, changes or deletes a symbol set, or adds a label. A later run learns the new labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.problem import Problem
from functions.domain.symbols import Origin, SymbolSet, check_label
from functions.errors import Conflict, UnknownSet
from functions.records import outbox, set_contents
from functions.records.audit_log import Actor, note
from functions.records.database import Database, locked
from functions.records.objects import send_set
from functions.records.tables import SymbolSetRow
from functions.store import names


@dataclass(frozen=True)
class SetChange:
    """What changes about a symbol set; None stays as it is.

    ``labels`` are all of them, ``position`` 0 is the first menu item, ``goal`` 0 is no goal.
    """

    title: str | None = None
    hidden: bool | None = None
    labels: tuple[str, ...] | None = None
    position: int | None = None
    goal: int | None = None


def read_labels(text: str) -> tuple[str, ...]:
    """Return the labels in ``text``, separated by white space and in Unicode's composed form (an accented letter is one)."""
    return tuple(unicodedata.normalize("NFC", text).split())


def create_set(
    database: Database,
    name: str,
    labels: Sequence[str],
    *,
    confusable: Sequence[Sequence[str]] = (),
    title: str = "",
    by: Actor | None = None,
) -> SymbolSet:
    """Create a symbol set without networks, the last one in the menus.

    People can draw for it at once; a run learns it when there are enough samples.

    Raises:
        BadSet, BadLabel: the name, the labels or the groups are not allowed; the message says why.
        Conflict: a symbol set has that name already.
    """
    symbols = SymbolSet(name, tuple(labels), tuple(tuple(group) for group in confusable), title)
    with database.writing() as session:
        locked(session, "sets")
        if session.get(SymbolSetRow, name) is not None:
            raise Conflict(Problem("set_exists", name=name))
        last = max((one.position for one in session.scalars(select(SymbolSetRow))), default=-1) + 1
        row = SymbolSetRow(name=name, labels=list(symbols.labels), origin="owner", title=title, position=last)
        row.confusable = [list(group) for group in symbols.confusable]
        session.add(row)
        send_set(session, row)
        note(session, by, "set_created", name, set_name=name, labels=len(symbols.labels))
    return symbols


def add_label(database: Database, name: str, label: str, *, by: Actor | None = None) -> SymbolSet:
    """Add ``label`` to a symbol set, shipped or not; its networks stay unchanged until a run can learn the label.

    Raises:
        UnknownSet: there is no such symbol set.
        BadLabel: the text is not allowed as a label.
        BadSet: the set has the largest number of labels already.
        Conflict: the set has that label already.
    """
    with database.writing() as session:
        locked(session, "sets")
        row = _row(session, name)
        check_label(label)
        if label in row.labels:
            raise Conflict(Problem("label_exists", label=label, name=name))
        symbols = _symbols(row, (*row.labels, label))
        row.labels = list(symbols.labels)
        send_set(session, row)
        note(session, by, "label_added", name, set_name=name, label=label)
    return symbols


def change_set(database: Database, name: str, change: SetChange, *, by: Actor | None = None) -> SetChange:
    """Change a symbol set, and return what undoes that.

    Raises:
        UnknownSet: there is no such symbol set.
        BadSet, BadLabel: the title, the goal or the labels are not allowed; the message says why.
        Conflict: a label that is in use would disappear or move, or no set would be left in the menus.
    """
    with database.writing() as session:
        locked(session, "sets")
        row = _row(session, name)
        earlier = tuple(row.labels)
        before = SetChange(row.title, row.hidden, earlier, goal=row.goal)
        if change.labels is not None and change.labels != earlier:
            _check_labels(session, row, change.labels)
            row.labels = list(change.labels)
            row.confusable = _without(row.confusable, set(earlier) - set(change.labels))
        if change.title is not None:
            row.title = change.title
        if change.hidden is not None:
            row.hidden = change.hidden
        if change.goal is not None:
            row.goal = change.goal
        _symbols(row, row.labels)  # or it raises
        session.flush()
        if change.position is not None:
            before = replace(before, position=_move(session, name, change.position))
        _check_menus(session)
        send_set(session, row)
        note(session, by, "set_changed", name, set_name=name, **_changes(before, change))
    return before


def delete_set(database: Database, name: str, *, by: Actor | None = None) -> None:
    """Delete a symbol set of the owner's for which nothing is kept. This cannot be undone.

    Raises:
        UnknownSet: there is no such symbol set.
        Conflict: it is shipped, drawings are kept for it, it has networks, a run is in progress, or no set would be left.
    """
    with database.writing() as session:
        locked(session, "sets")
        # Locked, so that contributions that are being stored are seen; those that come later find no set.
        row = _row(session, name, lock=True)
        if (reason := why_kept(session, row.name, row.origin)) is not None:  # type: ignore[arg-type]
            raise Conflict(Problem(f"kept_{reason}"))
        set_contents.delete_contents(session, name)
        outbox.remove(session, names.set_key(name))
        _check_menus(session)
        note(session, by, "set_deleted", name, set_name=name)


def why_kept(session: Session, name: str, origin: Origin) -> Literal["shipped", "drawings", "networks", "run"] | None:
    """Return why a symbol set cannot be deleted, None where it can."""
    if origin == "shipped":
        return "shipped"
    return set_contents.used_by(session, name)


def labels_in_use(session: Session, name: str, labels: Sequence[str]) -> set[str]:
    """Return the labels that a version of the set knows, or that a drawing has which is not withdrawn."""
    return {*set_contents.known_labels(session, name), *set_contents.given_labels(session, name, labels)}


def _changes(before: SetChange, change: SetChange) -> dict[str, object]:
    """Return what changed, for the audit log: the earlier and the new value by name."""
    pairs = {name: (getattr(before, name), value) for name, value in vars(change).items() if value is not None}
    return {name: [earlier, value] for name, (earlier, value) in pairs.items() if earlier != value}


def _row(session: Session, name: str, *, lock: bool = False) -> SymbolSetRow:
    row = session.get(SymbolSetRow, name, with_for_update=lock)
    if row is None:
        raise UnknownSet(Problem("set_unknown", name=name))
    return row


def _symbols(row: SymbolSetRow, labels: Sequence[str]) -> SymbolSet:
    return SymbolSet(row.name, tuple(labels), tuple(map(tuple, row.confusable)), row.title, row.hidden, row.goal)


def _check_labels(session: Session, row: SymbolSetRow, labels: Sequence[str]) -> None:
    for label in labels:
        check_label(label)
    used, known = labels_in_use(session, row.name, row.labels), set_contents.known_labels(session, row.name)
    if lost := [label for label in row.labels if label in used and label not in labels]:
        raise Conflict(Problem("label_in_use", label=lost[0]))
    first = [label for label in row.labels if label in known]
    if list(labels[: len(first)]) != first and first == row.labels[: len(first)]:
        raise Conflict(Problem("labels_order"))


def _without(groups: Sequence[Sequence[str]], gone: set[str]) -> list[list[str]]:
    left = [[label for label in group if label not in gone] for group in groups]
    return [group for group in left if len(group) > 1]


def _move(session: Session, name: str, position: int) -> int:
    """Put a set at a place of the menus, 0 for the first, and return its earlier place."""
    rows = {row.name: row for row in session.scalars(select(SymbolSetRow))}
    order = [one.name for one in registry.sets_in_order(session)]
    earlier = order.index(name)
    order.remove(name)
    order.insert(position, name)
    for place, each in enumerate(order):
        if rows[each].position != place:
            rows[each].position = place
            send_set(session, rows[each])
    return earlier


def _check_menus(session: Session) -> None:
    session.flush()
    if all(one.hidden for one in registry.symbol_sets(session)):
        raise Conflict(Problem("last_set"))
