"""Contributors, and the tokens of owners."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from functions.records.tables import Contributor, Token, new_id, now

# Built once: building a statement takes longer than running it.
_ENSURE = {
    "postgresql": postgresql.insert(Contributor.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
    "sqlite": sqlite.insert(Contributor.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]
}
PREFIX = "ink_"  # people and scanners for leaked secrets recognise a token by it


def ensure_contributor(session: Session, contributor: str) -> None:
    """Add the contributor's row unless it exists; two requests may do this at once."""
    session.execute(_ENSURE[session.get_bind().dialect.name], {"id": contributor, "created": now()})


def create_token(session: Session, name: str) -> str:
    """Make an owner's token and return its text, which nobody can read again afterwards."""
    text = PREFIX + secrets.token_urlsafe(32)
    contributor = new_id()
    ensure_contributor(session, contributor)
    session.add(Token(name=name[:64], sha256=_sha256(text), contributor_id=contributor))
    return text


def find_token(session: Session, text: str) -> Token | None:
    """Return the token with that text unless it was revoked."""
    token = session.scalar(select(Token).where(Token.sha256 == _sha256(text)))
    return token if token is not None and token.revoked is None else None


def _sha256(text: str) -> str:
    # A token has 256 random bits, so it needs no slow hash. A lookup by hash reveals nothing by its timing.
    return hashlib.sha256(text.encode()).hexdigest()
