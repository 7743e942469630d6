"""A zip archive as a stream of bytes, whatever the number of its files.

``zipfile`` keeps half a kilobyte for each file until the archive ends: half a gigabyte for a million pictures. Here the central
directory waits in a temporary file. Everything else is as in APPNOTE.TXT 6.3.10, with Zip64 where numbers are large.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

SMALL = 2**20  # bytes of a directory that stays in memory
PIECE = 2**18  # bytes of one piece of the stream
COMPRESSED = (".png", ".gz", ".parquet", ".zip", ".npz")
LARGE = 0xFFFFFFFF
UTF8, DESCRIPTOR = 0x800, 0x8
NEEDS = 45  # version 4.5, for Zip64
DATE, TIME = 33, 0  # 1 January 1980: the same files make the same archive
MODE = 0o100644 << 16


@dataclass(frozen=True)
class ExportFile:
    """A file of an export: its path, and its bytes or the pieces of them. Its pieces are taken before the next file is made."""

    name: str
    body: bytes | Iterator[bytes]

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes."""
        return iter((self.body,)) if isinstance(self.body, bytes) else self.body


def zipped(files: Iterable[ExportFile]) -> Iterator[bytes]:
    """Yield the bytes of an archive of ``files``, in pieces of about 256 KiB."""
    waiting, size = [], 0
    for piece in _archive(files):
        waiting.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def copied(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a file from its beginning, and close it."""
    file.seek(0)
    with file:
        while piece := file.read(PIECE):
            yield piece


def _archive(files: Iterable[ExportFile]) -> Iterator[bytes]:
    directory = SpooledTemporaryFile(SMALL)  # noqa: SIM115 - ``copied`` closes it
    offset = count = 0
    for file in files:
        entry = _Entry(file)
        start = offset
        for piece in entry.pieces():
            offset += len(piece)
            yield piece
        directory.write(entry.record(start))
        count += 1
    size = directory.tell()
    yield from copied(directory)
    yield _end(count, size, offset)


class _Entry:
    """One file of an archive. Its sizes stand before its bytes if they are known then, and behind them otherwise."""

    def __init__(self, file: ExportFile) -> None:
        self._file, self._name = file, file.name.encode()
        self._stored = file.name.endswith(COMPRESSED)
        self._known = isinstance(file.body, bytes) and len(file.body) < LARGE // 2
        self._crc = self._size = self._packed = 0

    def pieces(self) -> Iterator[bytes]:
        if self._known:
            bodies = list(self._body())
            yield self._header()
            yield from bodies
            return
        yield self._header()
        yield from self._body()
        yield struct.pack("<4sLQQ", b"PK\x07\x08", self._crc, self._packed, self._size)

    def _body(self) -> Iterator[bytes]:
        deflate = None if self._stored else zlib.compressobj(6, zlib.DEFLATED, -15)
        for piece in self._file.pieces():
            self._crc = zlib.crc32(piece, self._crc)
            self._size += len(piece)
            yield from self._sent(piece if deflate is None else deflate.compress(piece))
        if deflate is not None:
            yield from self._sent(deflate.flush())

    def _sent(self, piece: bytes) -> Iterator[bytes]:
        self._packed += len(piece)
        if piece:
            yield piece

    def _header(self) -> bytes:
        sizes = (self._packed, self._size) if self._known else (LARGE, LARGE)
        extra = b"" if self._known else struct.pack("<HHQQ", 1, 16, 0, 0)
        crc = self._crc if self._known else 0
        head = ("<4sHHHHHLLLHH", b"PK\x03\x04", NEEDS, self._flags, self._method, TIME, DATE, crc, *sizes)
        return struct.pack(*head, len(self._name), len(extra)) + self._name + extra

    def record(self, start: int) -> bytes:
        """Return the file's record in the central directory; the file begins at ``start``."""
        numbers = (self._size, self._packed, start)
        large = b"".join(struct.pack("<Q", number) for number in numbers if number >= LARGE)
        extra = struct.pack("<HH", 1, len(large)) + large if large else b""
        size, packed, offset = (min(number, LARGE) for number in numbers)
        head = ("<4sHHHHHHLLLHHHHHLL", b"PK\x01\x02", NEEDS | 3 << 8, NEEDS, self._flags, self._method, TIME, DATE)
        sizes = (self._crc, packed, size, len(self._name), len(extra), 0, 0, 0, MODE, offset)
        return struct.pack(*head, *sizes) + self._name + extra

    @property
    def _flags(self) -> int:
        return UTF8 if self._known else UTF8 | DESCRIPTOR

    @property
    def _method(self) -> int:
        return 0 if self._stored else 8


def _end(count: int, size: int, offset: int) -> bytes:
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, *[min(count, 0xFFFF)] * 2, min(size, LARGE), min(offset, LARGE), 0)
    if count < 0xFFFF and size < LARGE and offset < LARGE:
        return end
    large = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, NEEDS | 3 << 8, NEEDS, 0, 0, count, count, size, offset)
    return large + struct.pack("<4sLQL", b"PK\x06\x07", 0, offset + size, 1) + end
