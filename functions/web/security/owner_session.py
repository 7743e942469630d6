"""The owner's session: the password opens it, and every change needs its CSRF token."""

from __future__ import annotations

import secrets

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.security import check_password_hash

from functions.records.password import NAME
from functions.records.tables import Setting
from functions.web.platform import platform
from functions.web.security.addresses import cookie_path
from functions.web.security.keys import is_equal, session_fingerprint


class OwnerSession(SecureCookieSessionInterface):
    """The session's cookie; a cookie that was set over https is sent back only over https, and only below the prefix."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the current request came over https."""
        return request.is_secure

    def get_cookie_path(self, app: Flask) -> str:
        """Return the path below which the platform answers."""
        return cookie_path()


def is_password(given: str) -> bool:
    """Tell whether ``given`` is the owner's password: the setting, else the password generated at the first start."""
    wanted = platform().settings.admin_password
    if wanted is not None:
        return is_equal(wanted, given)
    kept = _kept_hash()
    return kept is not None and check_password_hash(kept, given)


def sign_in() -> None:
    """Make the current visitor the owner, until they sign out, the session ends, or the password changes."""
    session.clear()
    session["owner"] = _fingerprint()
    session["csrf"] = secrets.token_urlsafe(32)
    session.permanent = True


def sign_out() -> None:
    """End the owner's session in this browser."""
    session.clear()


def signed_in() -> bool:
    """Tell whether the request has a session of the current password."""
    given = session.get("owner")
    return isinstance(given, str) and is_equal(_fingerprint(), given)


def csrf_token() -> str:
    """Return the token that every change needs (in ``X-CSRF-Token`` or the field ``csrf``)."""
    return str(session.get("csrf", ""))


def csrf_fits() -> bool:
    """Tell whether the request has the session's CSRF token."""
    given = request.headers.get("X-CSRF-Token")
    if given is None and request.mimetype == "application/x-www-form-urlencoded":
        given = request.form.get("csrf")
    wanted = csrf_token()
    return bool(wanted) and given is not None and is_equal(wanted, given)


def _kept_hash() -> str | None:
    with platform().database.reading() as rows:
        kept = rows.get(Setting, NAME)
    return None if kept is None else kept.value


def _fingerprint() -> str:
    password = platform().settings.admin_password or _kept_hash() or ""
    return session_fingerprint(password)
