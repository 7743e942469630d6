"""Read the symbol sets."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from functions.domain.problem import Problem
from functions.domain.symbols import Origin, SymbolSet
from functions.errors import UnknownSet
from functions.records.tables import SymbolSetRow

_COLUMNS = (SymbolSetRow.labels, SymbolSetRow.confusable, SymbolSetRow.title, SymbolSetRow.hidden, SymbolSetRow.goal)
_NAMED = select(*_COLUMNS).where(SymbolSetRow.name == bindparam("name"))  # built once


def _groups(lists: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group) for group in lists)


def symbol_set(session: Session, name: str) -> SymbolSet:
    """Return a symbol set; raise UnknownSet if there is none with that name."""
    session.flush()
    row = session.connection().execute(_NAMED, {"name": name}).one_or_none()
    if row is None:
        raise UnknownSet(Problem("set_unknown", name=name))
    return SymbolSet(name, tuple(row.labels), _groups(row.confusable), row.title, row.hidden, row.goal)


def symbol_sets(session: Session) -> list[SymbolSet]:
    """Return every symbol set, newest first."""
    rows = session.scalars(select(SymbolSetRow).order_by(SymbolSetRow.created.desc(), SymbolSetRow.name))
    return [_symbols(row) for row in rows]


def sets_in_order(session: Session) -> list[SymbolSet]:
    """Return every symbol set in the owner's order, which is the order of the menus."""
    order = (SymbolSetRow.position, SymbolSetRow.created, SymbolSetRow.name.desc())
    return [_symbols(row) for row in session.scalars(select(SymbolSetRow).order_by(*order))]


def _symbols(row: SymbolSetRow) -> SymbolSet:
    return SymbolSet(row.name, tuple(row.labels), _groups(row.confusable), row.title, row.hidden, row.goal)


def origins(session: Session) -> dict[str, Origin]:
    """Return the origin of each symbol set, by name."""
    return {row.name: row.origin for row in session.scalars(select(SymbolSetRow))}  # type: ignore[misc]
