"""The generated password of an owner who has not set one: shown once, stored as a hash."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from functions.records.database import locked
from functions.records.tables import Setting

NAME = "admin_password_hash"


def make_password(session: Session, *, anew: bool = False) -> str | None:
    """Generate the owner's password and return it; None if there is one already, unless ``anew``."""
    locked(session, "password")
    kept = session.get(Setting, NAME)
    if kept is not None and not anew:
        return None
    password = secrets.token_urlsafe(12)
    session.merge(Setting(name=NAME, value=generate_password_hash(password)))
    return password
