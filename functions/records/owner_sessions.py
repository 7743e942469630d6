"""The owner's sessions: the cookie alone opens nothing once its session was signed out or has expired."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from functions.records.tables import OwnerSessionRow, now


def open_session(session: Session, lifetime: timedelta) -> str:
    """Open a session of the owner and return its id, which is not stored; sessions that have expired are deleted."""
    session.execute(delete(OwnerSessionRow).where(OwnerSessionRow.expires <= now()))
    session_id = secrets.token_urlsafe(32)
    session.add(OwnerSessionRow(sha256=_sha256(session_id), expires=now() + lifetime))
    return session_id


def is_open(session: Session, session_id: str) -> bool:
    """Tell whether a session was neither closed nor has expired."""
    found = session.get(OwnerSessionRow, _sha256(session_id))
    return found is not None and found.expires > now()


def close_session(session: Session, session_id: str) -> None:
    """Close a session; the same again is harmless."""
    session.execute(delete(OwnerSessionRow).where(OwnerSessionRow.sha256 == _sha256(session_id)))


def close_all_sessions(session: Session) -> None:
    """Close every session of the owner, in every browser."""
    session.execute(delete(OwnerSessionRow))


def _sha256(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
