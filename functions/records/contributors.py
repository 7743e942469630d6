"""Contributors, and the tokens of owners."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from functions.errors import UnknownToken
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


def list_tokens(session: Session) -> list[Token]:
    """Return the tokens that open something, newest first."""
    return list(session.scalars(select(Token).where(Token.revoked.is_(None)).order_by(Token.id.desc())))


def revoke_token(session: Session, token_id: str) -> Token:
    """Revoke a token by its id and return it; the same again is harmless. Raise UnknownToken."""
    token = session.get(Token, token_id)
    if token is None:
        raise UnknownToken("There is no token with that id.")
    token.revoked = token.revoked or now()
    return token


def _sha256(text: str) -> str:
    # A token has 256 random bits, so it needs no slow hash. A lookup by hash reveals nothing by its timing.
    return hashlib.sha256(text.encode()).hexdigest()
