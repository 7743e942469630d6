"""Who is asking, and what that lets them do: receipts, the contributor's cookie, and tokens."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, g, request
from itsdangerous import BadSignature

from functions.errors import NotAllowed, NotSignedIn
from functions.records.contributors import find_token
from functions.records.tables import new_id
from functions.web.platform import platform
from functions.web.security import keys, owner_session

COOKIE = "inkloop_contributor"
YEAR = 365 * 24 * 3600
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Caller:
    """Who asks. ``known`` is False when the request named nobody and ``contributor`` is a new id."""

    contributor: str
    known: bool
    owner: bool


def receipt(sample_id: str) -> str:
    """Return the receipt with which a sample can be withdrawn; it is kept nowhere."""
    return keys.keyed_hash("receipt", sample_id.encode())


def check_receipt(sample_id: str, given: str | None) -> None:
    """Let pass who holds the sample's receipt.

    Raises:
        NotAllowed
    """
    if given is None or not keys.is_equal(receipt(sample_id), given):
        raise NotAllowed("Only the receipt of this sample can withdraw it.")


def caller() -> Caller:
    """Return who sent the current request, found out once.

    Raises:
        NotSignedIn: an ``Authorization`` header that is not a valid token.
    """
    if "caller" not in g:
        g.caller = _caller()
    found: Caller = g.caller
    return found


def visitor() -> str | None:
    """Return who drew what this request brings: the cookie's contributor; None for a token, which many people may use."""
    return None if "Authorization" in request.headers else cookie_contributor()


def remember(who: Caller) -> None:
    """Send the contributor's cookie with this answer: something of theirs was kept."""
    # An answer to another site's page must not overwrite the visitor's own cookie here.
    if not who.known and request.headers.get("Sec-Fetch-Site") != "cross-site":
        g.remember = who.contributor


def need_owner() -> Caller:
    """Return the caller, who is the owner.

    Raises:
        NotSignedIn: nobody is signed in.
        NotAllowed: a session without its CSRF token.
    """
    who = caller()
    if who.owner:
        return who
    if owner_session.signed_in():
        raise NotAllowed("This page's security token is missing or old; load the page again.")
    raise NotSignedIn("Only the owner may do this: send an owner's token, or sign in.")


def refuse_forms() -> None:
    """Refuse a change of the API that a page of another site sends as a form: no client of ours navigates to it.

    Raises:
        NotAllowed
    """
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Mode") == "navigate":
        raise NotAllowed("The API does not take forms that a browser sends by itself.")


def send_cookie(response: Response) -> Response:
    """Add the contributor's cookie where the view asked for it."""
    contributor = g.pop("remember", None)
    if contributor is not None:
        response.set_cookie(
            COOKIE,
            keys.contributor_signer().sign(contributor).decode(),
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def cookie_contributor() -> str | None:
    """Return the contributor that the request's cookie names, if its signature is ours."""
    try:
        return keys.contributor_signer().unsign(request.cookies.get(COOKIE, "")).decode()
    except BadSignature:
        return None


def _caller() -> Caller:
    if "Authorization" in request.headers:
        return _bearer(request.headers["Authorization"])
    contributor = cookie_contributor()
    is_owner = owner_session.signed_in() and (request.method in SAFE_METHODS or owner_session.csrf_fits())
    return Caller(contributor or new_id(), contributor is not None, is_owner)


def _bearer(header: str) -> Caller:
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise NotSignedIn("The Authorization header must be 'Bearer' and an owner's token.")
    with platform().database.reading() as rows:
        token = find_token(rows, text.strip())
    if token is None:
        raise NotSignedIn("This token is not valid (any more).")
    return Caller(token.contributor_id, known=True, owner=True)
