"""The commands about the owner's access: tokens, sessions and the password."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import Any

from functions.cli.command import add_command, tell
from functions.domain.scopes import Scope, scopes_of
from functions.errors import BadSettings, Malformed
from functions.records.audit_log import CLI, note
from functions.records.database import Database
from functions.records.owner_sessions import close_all_sessions
from functions.records.password import make_password
from functions.records.tables import now
from functions.records.tokens import create_token, is_over, list_tokens, revoke_token
from functions.settings import Settings

MOST_DAYS = 3650  # ten years


def add_commands(commands: Any) -> None:
    """Add ``token``, ``tokens``, ``revoke-token``, ``sign-out`` and ``password``."""
    making = add_command(commands, "token", _token, "make an API token and show it once", "name")
    making.add_argument(
        "--scope",
        action="append",
        choices=[*Scope],
        help="what it may do; by default admin: everything; may be repeated",
    )
    making.add_argument("--days", type=int, help="how long it is valid; by default until it is revoked")
    add_command(commands, "tokens", _tokens, "list the API tokens: id, creation, scopes, end, last use (to the hour), name")
    add_command(commands, "revoke-token", _revoke_token, "revoke an API token: from now on it opens nothing", "token")
    add_command(commands, "sign-out", _sign_out, "end the owner's sessions in all browsers")
    add_command(commands, "password", _password, "make a new owner's password and show it once")


def _token(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    if chosen.days is not None and not 0 < chosen.days <= MOST_DAYS:
        raise Malformed(f"A token is valid for 1 to {MOST_DAYS} days.")
    expires = now() + timedelta(days=chosen.days) if chosen.days else None
    scopes = scopes_of(chosen.scope or [Scope.ADMIN])
    with database.writing() as session:
        text = create_token(session, chosen.name, scopes, expires)
        note(session, CLI, "token_made", chosen.name)
    tell(chosen, {"token": text, "name": chosen.name, "scopes": sorted(scopes), "expires": expires}, text)
    print("Keep it: it cannot be shown again. Use it as: Authorization: Bearer TOKEN", file=sys.stderr)


def _tokens(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        found = list_tokens(session)
    for token in found:
        moments = {name: getattr(token, name) for name in ("created", "expires", "used")}
        facts = {"id": token.id, "name": token.name, "scopes": token.scopes.split(), "expired": is_over(token), **moments}
        until = f"until {token.expires:%Y-%m-%d %H:%M}" if token.expires else "without end"
        used = f"used {token.used:%Y-%m-%d %H:%M}" if token.used else "never used"
        over = "  EXPIRED" if is_over(token) else ""
        line = f"{token.id}  {token.created:%Y-%m-%d %H:%M}  {token.scopes}  {until}  {used}{over}  {token.name}"
        tell(chosen, facts, line)


def _revoke_token(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        name = revoke_token(session, chosen.token).name
        note(session, CLI, "token_revoked", name)
    tell(chosen, {"id": chosen.token, "name": name, "revoked": True}, f"The token {name!r} opens nothing any more.")


def _sign_out(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        close_all_sessions(session)
        note(session, CLI, "signed_out_everywhere")
    tell(chosen, {"signed_out": True}, "The owner is signed out everywhere.")


def _password(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    if settings.admin_password is not None:
        raise BadSettings("ADMIN_PASSWORD is set, so that is the owner's password.")
    with database.writing() as session:
        made = make_password(session, anew=True)
        note(session, CLI, "password_made")
    tell(chosen, {"password": made}, made or "")
