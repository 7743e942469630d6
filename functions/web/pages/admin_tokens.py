"""The owner's page of API tokens: make one, see it once, revoke one."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from functions.domain.scopes import Scope, scopes_of
from functions.errors import Malformed
from functions.records.audit_log import note
from functions.records.tables import now
from functions.records.tokens import create_token, find_listed, is_over, list_tokens, revoke_token
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import NEW_TOKEN, field, page, tell, to
from functions.web.platform import platform
from functions.web.security.owner_session import actor

LIFETIMES = ("30", "90", "365", "")  # days; "" has no end


@admin.get("/tokens")
def tokens() -> str:
    """Show the tokens that open something; a token that was just made is shown this once."""
    with platform().database.reading() as session:
        found = [{"token": one, "scopes": one.scopes.split(), "over": is_over(one)} for one in list_tokens(session)]
    return page("tokens.html", tokens=found, new_token=cookie.pop(NEW_TOKEN, None), scopes=[*Scope], lifetimes=LIFETIMES)


@admin.post("/tokens")
def token() -> ResponseReturnValue:
    """Create a token; the page after the redirect shows it, so loading that page again makes no second one."""
    name = field("name").strip()
    if not name:
        raise Malformed("A token needs a name.")
    scopes, days = scopes_of(request.form.getlist("scope")), field("days")
    if days not in LIFETIMES:
        raise Malformed("A token lives for one of the times that the page offers.")
    expires = now() + timedelta(days=int(days)) if days else None
    with platform().database.writing() as session:
        # The owner's own cookie carries it for one page; the database keeps only its hash.
        cookie[NEW_TOKEN] = {"name": name, "text": create_token(session, name, scopes, expires)}
        note(session, actor(), "token_made", name, scopes=sorted(scopes))
    return to("tokens")


@admin.get("/tokens/<token_id>/revocation")
def revoke_question(token_id: str) -> str:
    """Ask whether a token shall be revoked."""
    with platform().database.reading() as session:
        found = find_listed(session, token_id)
    return page("sure.html", asked="revoke", act="revoke", back="tokens", subject=found.name, field="token", value=found.id)


@admin.post("/tokens/revoke")
def revoke() -> ResponseReturnValue:
    """Revoke a token: from now on it opens nothing."""
    with platform().database.writing() as session:
        name = revoke_token(session, field("token")).name
        note(session, actor(), "token_revoked", name)
    tell("token_revoked", name=name)
    return to("tokens")
