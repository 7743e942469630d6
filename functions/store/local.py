"""A folder as object store: one file for each object, written completely or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from functions.domain.problem import Problem
from functions.errors import MissingObject, StoreUnavailable
from functions.store.base import checked

UNFINISHED = ".unfinished"  # no key starts with a dot, so no file in this folder can be mistaken for an object


class FolderStore:
    """Keeps objects as files below ``folder``, which the first write creates."""

    def __init__(self, folder: Path) -> None:
        self._folder = Path(folder)

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write an object completely and durably."""
        target = self._path(key)
        with _telling(), self._written(body) as made:
            _make_folder(target.parent)
            made.replace(target)
            _sync(target.parent)

    def put_pieces(self, key: str, pieces: Iterable[bytes], content_type: str) -> None:
        """Write an object of any length piece by piece."""
        target = self._path(key)
        with self._made() as (made, file):
            for piece in pieces:  # outside the block below: an error of the pieces is no error of the folder
                with _telling():
                    file.write(piece)
            with _telling():
                file.flush()
                os.fsync(file.fileno())
                _make_folder(target.parent)
                made.replace(target)
                _sync(target.parent)

    def size(self, key: str) -> int:
        """Return the length of an object in bytes."""
        path = self._path(key)
        with _telling(), _present(path):
            return path.stat().st_size

    def read(self, key: str, start: int, length: int) -> bytes:
        """Return up to ``length`` bytes of an object from the byte ``start`` on."""
        path = self._path(key)
        with _telling(), _present(path), path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def put_new(self, key: str, body: bytes, content_type: str) -> bool:
        """Write an object only if there is none yet."""
        target = self._path(key)
        with _telling(), self._written(body) as made:
            _make_folder(target.parent)
            try:
                target.hardlink_to(made)  # a link appears whole, and never over another file
            except FileExistsError:
                return False
            _sync(target.parent)
            return True

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        path = self._path(key)
        with _telling():
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise MissingObject(Problem("object_missing")) from None

    def exists(self, key: str) -> bool:
        """Tell whether there is an object."""
        with _telling():
            return self._path(key).is_file()

    def sha256(self, key: str) -> str | None:
        """Return the SHA-256 of an object's bytes, None if there is none."""
        path = self._path(key)
        with _telling():
            try:
                return hashlib.sha256(path.read_bytes()).hexdigest()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def delete(self, key: str) -> None:
        """Delete an object if it exists."""
        path = self._path(key)
        with _telling():
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                # This fails where the disk of the folder is away: then nobody knows whether there is an object.
                self._folder.mkdir(parents=True, exist_ok=True)
                return
            _sync(path.parent)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys that start with ``prefix``, sorted."""
        above = prefix.rpartition("/")[0]
        if above:
            checked(above)
        with _telling():
            yield from (key for key in _walk(self._folder / above, f"{above}/" if above else "") if key.startswith(prefix))

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)

    @contextmanager
    def _written(self, body: bytes) -> Iterator[Path]:
        """Write ``body`` durably to a temporary file in the same file system, and delete the file afterwards."""
        with self._made() as (made, file):
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
            yield made

    @contextmanager
    def _made(self) -> Iterator[tuple[Path, IO[bytes]]]:
        """Open a temporary file in the same file system, and delete what is left of it."""
        unfinished = self._folder / UNFINISHED
        with _telling():
            unfinished.mkdir(parents=True, exist_ok=True)
        made = unfinished / f"{os.getpid()}-{secrets.token_hex(8)}"
        try:
            with _telling():
                file = made.open("xb")
            with file:
                yield made, file
        finally:
            made.unlink(missing_ok=True)


@contextmanager
def _present(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise MissingObject(Problem("object_missing")) from None


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Only the system's message: a path must not be shown.
        raise StoreUnavailable(Problem("store_folder", answer=error.strerror or type(error).__name__)) from error


def _make_folder(folder: Path) -> None:
    """Create a folder and its parents, each durably in its parent."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Make the folder's list of names durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _walk(folder: Path, above: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            # A folder sorts as its keys do: with the slash that follows its name.
            names = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        if name.startswith("."):
            continue
        if name.endswith("/"):
            yield from _walk(folder / name, above + name)
        else:
            yield above + name
