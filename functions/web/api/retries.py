"""Requests that are sent again: the Idempotency-Key, and which requests are being answered now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from functions.errors import InProgress, Malformed, TooManyWait
from functions.records.idempotency import GivenKey
from functions.web.platform import platform
from functions.web.security.address_block import block
from functions.web.security.identity import Caller

HEADER = "Idempotency-Key"
LONGEST_KEY = 255  # characters
PATIENCE = 1.0  # seconds that an equal request waits: nearly every request takes a fraction


@contextmanager
def idempotency_key(who: Caller) -> Iterator[GivenKey | None]:
    """Yield the request's key, None if it has none; meanwhile no other request with this key is answered by this process.

    Raises:
        Malformed: the key is too long, or not printable ASCII.
        InProgress: another request with this key takes longer than ``PATIENCE``.
        TooManyWait: too many requests wait already.
    """
    text = request.headers.get(HEADER)
    if text is None:
        yield None
        return
    if not (1 <= len(text) <= LONGEST_KEY and text.isascii() and text.isprintable()):
        raise Malformed(f"The {HEADER} must be 1 to {LONGEST_KEY} printable ASCII characters.")
    given = GivenKey(text, who.contributor if who.known else block() or "", who.known)
    if not _begin(given):
        raise InProgress(f"A request with this {HEADER} is being answered just now; try again in a moment.")
    try:
        yield given
    finally:
        platform().under_way.end(given)


def _begin(given: GivenKey) -> bool:
    here = platform()
    if here.under_way.begin(given, 0):
        return True
    with here.waits.waiting("write", TooManyWait()):  # the other request writes, and this one waits for it
        return here.under_way.begin(given, PATIENCE)
