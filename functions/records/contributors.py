"""Contributors: the rows of visitors and of tokens."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from functions.records.tables import Contributor, now

# Built once: building a statement takes longer than running it.
_ENSURE = {
    "postgresql": postgresql.insert(Contributor.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "sqlite": sqlite.insert(Contributor.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
}


def ensure_contributor(session: Session, contributor: str) -> None:
    """Add the contributor's row unless it exists; two requests may do this at once."""
    session.execute(_ENSURE[session.get_bind().dialect.name], {"id": contributor, "created": now()})
