"""Tell when all bytes of a request have arrived; gunicorn's parser alone decides what they mean.

These functions only choose the moment at which a thread gets the request. Where they see something odd, they say "arrived", and
the parser refuses it. A thread never waits for bytes: the parser finds the end of the input instead.
"""

from __future__ import annotations

import re

MOST_HEAD = 64 * 1024  # bytes; gunicorn's own limits would allow 100 fields of 8 KiB
MOST_SIZE_LINE = 1024  # bytes of a chunk's size and extensions
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(;|$)")
MOST_CHUNKS = 8192  # of a body: the parser takes ten microseconds for each


def head_arrived(received: bytearray, searched: int = 0) -> bool:
    """Tell whether the head's end is there, or a line end that the parser refuses; bytes before ``searched`` have no end."""
    begin = max(0, searched - 3)
    if received.find(b"\r\n\r\n", begin) >= 0:
        return True
    bare = received.find(b"\n", begin)
    while bare >= 0:
        if bare == 0 or received[bare - 1] != 0x0D:
            return True
        bare = received.find(b"\n", bare + 1)
    return False


class ChunkedBody:
    """Follows the sizes of a chunked body while its bytes arrive; every byte is looked at once."""

    def __init__(self) -> None:
        self._next = 0  # where the next size line begins, or the trailer after the last chunk
        self._searched = 0
        self._last = False
        self._chunks = 0

    @property
    def too_many(self) -> bool:
        """Whether there are more chunks than the parser should read."""
        return self._chunks > MOST_CHUNKS

    def arrived(self, received: bytearray) -> bool:
        """Tell whether the body ends in ``received``, which begins with it and only grows; True also where it is not valid."""
        while not self._last and self._next <= len(received) and not self.too_many:
            end = received.find(b"\r\n", max(self._next, self._searched - 1))
            self._searched = len(received)
            if end < 0:
                return len(received) - self._next > MOST_SIZE_LINE
            size = _size(bytes(received[self._next : end]))
            if size is None:
                return True
            self._chunks += 1
            self._last, self._next = size == 0, end + 2 + (size + 2 if size else 0)
            self._searched = self._next
        return self._last and self._trailer_arrived(received)

    def _trailer_arrived(self, received: bytearray) -> bool:
        if received[self._next : self._next + 2] == b"\r\n":
            return True
        found = received.find(b"\r\n\r\n", max(self._next, self._searched - 3))
        self._searched = len(received)
        return found >= 0 or len(received) - self._next > MOST_HEAD


def _size(line: bytes) -> int | None:
    digits = _SIZE.match(line)
    return int(digits[1], 16) if digits else None
