"""The identity and the rights of a caller: receipts, the contributor's cookie, and tokens."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, g, request
from itsdangerous import BadSignature

from functions.domain.scopes import EVERYTHING, Scope, as_text
from functions.errors import NotAllowed, NotSignedIn
from functions.records.audit_log import Actor
from functions.records.tables import new_id
from functions.records.tokens import find_token, is_use_due, scopes_held
from functions.web.platform import platform
from functions.web.security import keys, owner_session
from functions.web.security.addresses import cookie_path
from functions.web.security.other_sites import from_another_site

COOKIE = "inkloop_contributor"
YEAR = 365 * 24 * 3600
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Caller:
    """The sender of a request, and what it may do. ``token`` tells that it sent one.

    ``known`` is False if the request names no contributor; then ``contributor`` is a new id. ``actor`` is how the audit log names
    who acts for the owner.
    """

    contributor: str
    known: bool
    scopes: frozenset[Scope] = frozenset()
    token: bool = False
    actor: Actor | None = None

    @property
    def owner(self) -> bool:
        """Whether this is the owner: a session, or a token that may do everything."""
        return Scope.ADMIN in self.scopes


def receipt(sample_id: str) -> str:
    """Return the receipt with which a sample can be withdrawn; it is not stored."""
    return keys.keyed_hash("receipt", sample_id.encode())


def check_receipt(sample_id: str, given: str | None) -> None:
    """Check the receipt of a sample, or raise NotAllowed."""
    if given is None or not keys.is_equal(receipt(sample_id), given):
        told = f"Only the receipt of this sample, or a token with the scope '{Scope.ADMIN}', can withdraw it."
        raise NotAllowed(told, Scope.ADMIN)


def caller() -> Caller:
    """Return the caller of the current request; raise NotSignedIn for an ``Authorization`` header without a valid token."""
    if "caller" not in g:
        g.caller = _caller()
    found: Caller = g.caller
    return found


def visitor() -> str | None:
    """Return the contributor of the cookie; None for a request with a token, which many people may use."""
    return None if "Authorization" in request.headers else cookie_contributor()


def remember(who: Caller) -> None:
    """Send the contributor's cookie with this answer, because a drawing or a gold answer was stored."""
    # An answer to another site's page must not overwrite the visitor's own cookie here.
    if not who.known and not from_another_site():
        g.remember = who.contributor


def need(scope: Scope) -> Caller:
    """Return the caller if it may do what ``scope`` allows.

    Raises:
        NotSignedIn: the request has neither a token nor the owner's session.
        NotAllowed: the token has other scopes, or a change by the session lacks its CSRF token.
    """
    who = caller()
    if scope in who.scopes:
        return who
    if who.token:
        held = as_text(who.scopes).replace(" ", " and ")
        raise NotAllowed(f"This needs a token with the scope '{scope}'; this token has {held}.", scope)
    if owner_session.signed_in():
        raise NotAllowed("This page's security token is missing or old; load the page again.")
    raise NotSignedIn(f"Only the owner may do this: send a token with the scope '{scope}', or sign in.")


def refuse_forms() -> None:
    """Raise NotAllowed for a change that a page of another site sends as a form: no client of the API navigates to it."""
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Mode") == "navigate":
        raise NotAllowed("The API does not take forms that a browser sends by itself.")


def send_cookie(response: Response) -> Response:
    """Add the contributor's cookie if the view has called ``remember``."""
    contributor = g.pop("remember", None)
    if contributor is not None:
        response.set_cookie(
            COOKIE,
            keys.contributor_signer().sign(contributor).decode(),
            max_age=YEAR,
            path=cookie_path(),
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def forget_cookie(response: Response) -> None:
    """Let the browser forget who its visitor is."""
    response.delete_cookie(COOKIE, path=cookie_path(), httponly=True, samesite="Lax", secure=request.is_secure)


def cookie_contributor() -> str | None:
    """Return the contributor of the request's cookie; None without a valid signature, or for a change by another site's page."""
    if not (cookie := request.cookies.get(COOKIE)) or (request.method not in SAFE_METHODS and from_another_site()):
        return None
    try:
        return keys.contributor_signer().unsign(cookie).decode()
    except BadSignature:
        return None


def _caller() -> Caller:
    if "Authorization" in request.headers:
        return _bearer(request.headers["Authorization"])
    contributor = cookie_contributor()
    is_owner = owner_session.signed_in() and (request.method in SAFE_METHODS or owner_session.csrf_fits())
    if not is_owner:
        return Caller(contributor or new_id(), contributor is not None)
    return Caller(contributor or new_id(), contributor is not None, EVERYTHING, actor=owner_session.actor())


def _bearer(header: str) -> Caller:
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise NotSignedIn("The Authorization header must be 'Bearer' and a token.")
    here = platform()
    with here.database.reading() as rows:
        token = find_token(rows, text.strip())
    if token is None:
        raise NotSignedIn("This token is not valid (any more).")
    if is_use_due(token):
        here.token_uses.note(here.database, token.id)
    return Caller(token.contributor_id, known=True, scopes=scopes_held(token), token=True, actor=Actor("token", token.name))
