"""Idempotency-Keys: a request that is sent again makes nothing new, and is answered as the first time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from functions.errors import KeyReused
from functions.records.tables import IdempotencyKey, insert, now


@dataclass(frozen=True)
class GivenKey:
    """A key as a client sent it. ``owner`` is the contributor if the request ``named`` one, else a hash of its address block."""

    text: str
    owner: str
    named: bool

    def with_request(self, *request: object) -> RequestKey:
        """Return the key together with what was requested: JSON values that tell one request from another."""
        scoped = _hash(self.named, self.owner, self.text)
        return RequestKey(scoped, _hash(self.text, *request), self.named)


@dataclass(frozen=True)
class RequestKey:
    """A key with its request, as hashes: ``scoped`` with the key's owner, ``whole`` with the request."""

    scoped: str
    whole: str
    named: bool


def find_subject(session: Session, key: RequestKey | None) -> str | None:
    """Return what an earlier equal request made, the id of a sample or a prediction; None if there was no such request.

    A client that lost the first answer may or may not have its cookie, and a phone may have another address by now. So the key
    and the request together also find a request that named no contributor.

    Raises:
        KeyReused: the key's owner has used it for another request.
    """
    if key is None:
        return None
    either = or_(IdempotencyKey.scoped == key.scoped, IdempotencyKey.whole == key.whole)
    found = list(session.scalars(select(IdempotencyKey).where(either).order_by(IdempotencyKey.created)))
    for row in found:
        if row.scoped == key.scoped and row.whole != key.whole:
            raise KeyReused("This Idempotency-Key was already used for another request; use a new one for each.")
    return next((row.subject for row in found if row.scoped == key.scoped or not row.named), None)


def keep_key(session: Session, key: RequestKey | None, subject: str) -> None:
    """Keep a key with what its request made.

    Raises:
        IntegrityError: an equal request was stored meanwhile.
    """
    if key is not None:
        row = IdempotencyKey(scoped=key.scoped, whole=key.whole, subject=subject, named=key.named, created=now())
        insert(session, row)


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
