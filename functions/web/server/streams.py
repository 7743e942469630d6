"""Answers that are longer than a process should hold: sent a piece at a time, and no thread waits for the client.

A thread makes the first piece with the head. When the client has taken it, a thread makes the next one. So a slow reader holds
one piece and no thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar

PIECE = 2**18  # bytes in a process's memory for each reader
# The server puts a list here before it calls the app; another server leaves None, and gets all pieces at once.
rest_of_answer: ContextVar[list[Iterator[bytes]] | None] = ContextVar("rest_of_answer", default=None)


class Pieces:
    """The body of an answer whose length its head says: ``length`` bytes that ``read`` gives, by start and length."""

    def __init__(self, read: Callable[[int, int], bytes], start: int, length: int) -> None:
        self._read, self._start, self._length = read, start, length

    def __iter__(self) -> Iterator[bytes]:
        """Yield the first piece, and leave the others to the server, or yield all of them."""
        pieces = self._pieces()
        yield next(pieces, b"")
        later = rest_of_answer.get()
        if later is None:
            yield from pieces
        else:
            later.append(pieces)

    def _pieces(self) -> Iterator[bytes]:
        end = self._start + self._length
        for start in range(self._start, end, PIECE):
            wanted = min(PIECE, end - start)
            piece = self._read(start, wanted)
            if len(piece) != wanted:  # a shorter answer than its head says would be taken for complete
                raise OSError("the object has become shorter")
            yield piece
