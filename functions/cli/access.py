"""The commands about the owner's access: tokens, sessions and the password."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from functions.errors import BadSettings
from functions.records.contributors import create_token, list_tokens, revoke_token
from functions.records.database import Database
from functions.records.owner_sessions import close_all_sessions
from functions.records.password import make_password
from functions.settings import Settings


def add_commands(add: Callable[..., None]) -> None:
    """Add ``token``, ``tokens``, ``revoke-token``, ``sign-out`` and ``password``."""
    add("token", _token, "make an API token for the owner and show it once", "name")
    add("tokens", _tokens, "list the API tokens that open something: id, creation, name")
    add("revoke-token", _revoke_token, "revoke an API token: from now on it opens nothing", "token")
    add("sign-out", _sign_out, "end the owner's sessions in all browsers")
    add("password", _password, "make a new owner's password and show it once")


def _token(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        text = create_token(session, chosen.name)
    print(text)
    print("Keep it: it cannot be shown again. Use it as: Authorization: Bearer TOKEN", file=sys.stderr)


def _tokens(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        for token in list_tokens(session):
            print(f"{token.id}  {token.created:%Y-%m-%d %H:%M}  {token.name}")


def _revoke_token(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        print(f"The token {revoke_token(session, chosen.token).name!r} opens nothing any more.")


def _sign_out(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        close_all_sessions(session)
    print("The owner is signed out everywhere.")


def _password(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    if settings.admin_password is not None:
        raise BadSettings("ADMIN_PASSWORD is set, so that is the owner's password.")
    with database.writing() as session:
        print(make_password(session, anew=True))
