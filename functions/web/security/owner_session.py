"""The owner's session: the password opens it, and every change needs its CSRF token."""

from __future__ import annotations

import hashlib
import secrets

from flask import Flask, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.security import check_password_hash

from functions.records.audit_log import Actor, note, note_failure, note_sign_in
from functions.records.owner_sessions import close_all_sessions, close_session, is_open, open_session
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


def count_failure() -> None:
    """Write a wrong password into the audit log."""
    with platform().database.writing() as rows:
        note_failure(rows)


def actor() -> Actor:
    """Return who acts in this browser's session: the session by a part of its hash, which opens nothing."""
    return Actor("session", hashlib.sha256((_session_id() or "").encode()).hexdigest()[:8])


def sign_in() -> None:
    """Make the current visitor the owner, until they sign out, the session ends, or the password changes."""
    lifetime = current_app.permanent_session_lifetime
    with platform().database.writing() as rows:
        if (earlier := _session_id()) is not None:
            close_session(rows, earlier)
        session_id = open_session(rows, lifetime)
        note_sign_in(rows, Actor("session", hashlib.sha256(session_id.encode()).hexdigest()[:8]))
    session.clear()
    session["id"] = session_id
    session["owner"] = _fingerprint()
    session["csrf"] = secrets.token_urlsafe(32)
    session.permanent = True
    g.signed_in = True


def sign_out(*, everywhere: bool = False) -> None:
    """End the owner's session of this browser, also for a copy of its cookie; or the sessions of all browsers."""
    with platform().database.writing() as rows:
        if everywhere:
            close_all_sessions(rows)
            note(rows, actor(), "signed_out_everywhere")
        elif (session_id := _session_id()) is not None:
            close_session(rows, session_id)
            note(rows, actor(), "signed_out")
    session.clear()
    g.signed_in = False


def signed_in() -> bool:
    """Tell whether the request has an open session of the current password."""
    if "signed_in" not in g:
        g.signed_in = _is_signed_in()
    found: bool = g.signed_in
    return found


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


def _session_id() -> str | None:
    found = session.get("id")
    return found if isinstance(found, str) else None


def _is_signed_in() -> bool:
    given, session_id = session.get("owner"), _session_id()
    if session_id is None or not isinstance(given, str) or not is_equal(_fingerprint(), given):
        return False
    with platform().database.reading() as rows:
        return is_open(rows, session_id)


def _kept_hash() -> str | None:
    with platform().database.reading() as rows:
        kept = rows.get(Setting, NAME)
    return None if kept is None else kept.value


def _fingerprint() -> str:
    password = platform().settings.admin_password or _kept_hash() or ""
    return session_fingerprint(password)
