"""The id of the request that this thread works for, so that the rows that it writes name it.

A context variable, not an argument: every verb writes outbox rows and runs, and no decision depends on the id.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LONGEST = 64  # characters

_CURRENT: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request() -> str | None:
    """Return the id of the request that this thread works for; None outside of any."""
    return _CURRENT.get()


def begin_request(request_id: str | None) -> None:
    """Let the rows that this thread writes from now on name a request."""
    _CURRENT.set(request_id)


@contextmanager
def for_request(request_id: str | None) -> Iterator[None]:
    """Let the rows that this thread writes in the block name a request."""
    token = _CURRENT.set(request_id)
    try:
        yield
    finally:
        _CURRENT.reset(token)
