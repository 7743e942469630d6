"""The files of a dataset, whether it is a folder, a zip archive or one file. An archive is never unpacked to the disk."""

from __future__ import annotations

import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from functions.dataset.exchange.incoming import checked_path
from functions.domain.problem import Problem
from functions.errors import Malformed, Unavailable

MOST_FILES = 5_000_000
INFLATES = 200  # times; lines of strokes shrink to a tenth, blank pictures to a fiftieth
SMALL = 2**20  # bytes that may inflate more
IGNORED = ("__MACOSX/", ".")
# What reading a file, packed or in an archive, raises where bytes of it are damaged.
UNREADABLE = (
    *(OSError, EOFError, ValueError, NotImplementedError, struct.error),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)


class FileTree(Protocol):
    """Named files that can be read one after the other."""

    def names(self) -> list[str]:
        """Return the paths of all files, sorted, '/' between their parts."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading."""

    def size(self, name: str) -> int:
        """Return the number of bytes of a file."""


class Folder:
    """The files of a folder, or one file alone. Links that lead elsewhere are left out."""

    def __init__(self, path: Path) -> None:
        self._root = path if path.is_dir() else path.parent
        self._only = None if path.is_dir() else path

    def names(self) -> list[str]:
        """Return the paths of all files."""
        if self._only is not None:
            return [self._only.name]
        files = (path for path in self._root.rglob("*") if path.is_file() and not path.is_symlink())
        return sorted(name for path in files if not _ignored(name := path.relative_to(self._root).as_posix()))

    def open(self, name: str) -> IO[bytes]:
        """Open a file."""
        return (self._root / name).open("rb")

    def size(self, name: str) -> int:
        """Return the number of bytes of a file."""
        return (self._root / name).stat().st_size


class Archive:
    """The files of a zip archive; raises Malformed for a path that leads out, a bomb, a locked or a broken archive."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except UNREADABLE as error:
            raise Malformed(Problem("import_archive", answer=str(error))) from None
        size = file.seek(0, 2)
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES:
            raise Malformed(Problem("import_many_files", count=len(infos), most=MOST_FILES))
        for info in infos:
            checked_path(info.filename)
            if info.flag_bits & 1:
                raise Malformed(Problem("import_locked"))
            if info.file_size > SMALL and info.file_size > INFLATES * info.compress_size:
                raise Malformed(Problem("import_archive_bomb", name=info.filename[:100], times=INFLATES))
        if sum(info.compress_size for info in infos) > size:
            raise Malformed(Problem("import_overlap"))

    def names(self) -> list[str]:
        """Return the paths of all files."""
        return sorted({info.filename for info in self._zip.infolist() if not info.is_dir() and not _ignored(info.filename)})

    def open(self, name: str) -> IO[bytes]:
        """Open a file."""
        try:
            return self._zip.open(name)
        except UNREADABLE as error:
            raise Malformed(Problem("import_in_archive", name=name[:100], answer=str(error))) from None

    def size(self, name: str) -> int:
        """Return the number of bytes of a file."""
        return self._zip.getinfo(name).file_size


@contextmanager
def opened(path: Path) -> Iterator[FileTree]:
    """Open a folder, an archive or a file; an NPZ is a file, although it is an archive inside."""
    if path.is_file() and path.suffix.lower() == ".zip":
        with path.open("rb") as file:
            yield Archive(file)
    elif path.exists():
        yield Folder(path)
    else:
        raise Malformed(Problem("import_nothing"))


@contextmanager
def room_for_files() -> Iterator[None]:
    """Raise Unavailable, and nothing about a damaged file, where the disk of temporary files is full."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(Problem("temporary_full")) from None
        raise


def read_at_most(tree: FileTree, name: str, most: int) -> bytes | None:
    """Return the bytes of a file, None if there are more than ``most``."""
    try:
        with tree.open(name) as file:
            body = file.read(most + 1)
    except UNREADABLE as error:
        raise Malformed(Problem("import_cut_off", name=name[:100], answer=str(error))) from None
    return body if len(body) <= most else None


def _ignored(name: str) -> bool:
    return name.startswith(IGNORED) or "/." in name
