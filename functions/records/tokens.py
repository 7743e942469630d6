"""API tokens: their scopes, their end, and when they were last used."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from functions.domain.scopes import EVERYTHING, Scope, as_text, scopes_of
from functions.errors import UnknownToken
from functions.records.contributors import ensure_contributor
from functions.records.tables import Token, new_id, now

PREFIX = "ink_"  # people and scanners for leaked secrets recognise a token by it
USE_STEP = timedelta(hours=1)  # the last use is this exact: a busy token must not make a write of every read


def create_token(session: Session, name: str, scopes: Iterable[Scope] = EVERYTHING, expires: datetime | None = None) -> str:
    """Make a token and return its text, which nobody can read again afterwards."""
    text = PREFIX + secrets.token_urlsafe(32)
    contributor = new_id()
    ensure_contributor(session, contributor)
    session.add(Token(name=name[:64], sha256=_sha256(text), contributor_id=contributor, scopes=as_text(scopes), expires=expires))
    return text


def find_token(session: Session, text: str) -> Token | None:
    """Return the token with that text unless it was revoked or has ended."""
    token = session.scalar(select(Token).where(Token.sha256 == _sha256(text)))
    return token if token is not None and token.revoked is None and not is_over(token) else None


def is_over(token: Token) -> bool:
    """Tell whether the token's time has ended."""
    return token.expires is not None and token.expires <= now()


def scopes_held(token: Token) -> frozenset[Scope]:
    """Return what the token may do."""
    return scopes_of(token.scopes.split())


def is_use_due(token: Token) -> bool:
    """Tell whether this use should be noted: the noted one is older than ``USE_STEP``."""
    return token.used is None or token.used <= now() - USE_STEP


def note_use(session: Session, token_id: str) -> None:
    """Note that the token is used now, unless another process has just noted it."""
    due = or_(Token.used.is_(None), Token.used <= now() - USE_STEP)
    session.execute(update(Token).where(Token.id == token_id, due).values(used=now()))


def list_tokens(session: Session) -> list[Token]:
    """Return the tokens that are not revoked, newest first; the time of some may be over."""
    return list(session.scalars(select(Token).where(Token.revoked.is_(None)).order_by(Token.id.desc())))


def find_listed(session: Session, token_id: str) -> Token:
    """Return a token that is not revoked, by its id; raise UnknownToken."""
    token = session.get(Token, token_id) if token_id.isascii() and token_id.isalnum() else None
    if token is None or token.revoked is not None:
        raise UnknownToken("There is no token with that id.")
    return token


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
