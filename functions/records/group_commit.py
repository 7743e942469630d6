"""Group commit for SQLite: the waiting writers of a process share one transaction and one synchronised write.

Writers queue in the process, where a waiting thread wakes at once, instead of in SQLite's busy handler, which sleeps. Each writer
works in a savepoint, so its error undoes its own statements alone. A writer that finds others waiting leaves the commit to them;
the last one commits for all. Nobody returns before that commit, so whatever was acknowledged survives a power cut.

Processes queue at a lock on a file beside the database, which the system hands on in turn. The busy handler alone let a process
wait two seconds while others wrote all the time. The system releases the lock of a process that is killed; for one that is
stopped, nobody waits longer than ``PATIENCE``.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from functions.domain.problem import Problem
from functions.errors import Unavailable
from functions.records.file_lock import FileLock

MOST = 32  # writers that share a commit: the first one waits for all of them
BUSY = "The database is busy; try again."
PATIENCE = 15.0  # seconds that a writer queues: behind a locked database each would try for 30 s, one after the other
ORPHAN_LOOK = 0.05  # seconds between two looks whether a group was left open by a thread that died while it queued


@dataclass
class _Group:
    """Writers that share a transaction on one connection; ``closed`` is set after the commit, or after its ``error``."""

    connection: Connection
    size: int = 0
    kept: bool = False  # whether any writer came to its end without an error
    closed: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class GroupCommit:
    """The writers of one process on one SQLite database."""

    def __init__(self, engine: Engine, patience: float = PATIENCE) -> None:
        self._engine, self._patience = engine, patience
        self._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=partial(_reset_in_child, weakref.ref(self)))

    def _reset(self) -> None:
        self._turn = threading.Lock()  # held by the writer whose statements run
        self._counting = threading.Lock()
        self._waiting = 0
        self._open: _Group | None = None
        self._file: FileLock | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a savepoint in the process's transaction; return after the commit.

        Raises:
            Unavailable: others have kept the database for too long.
            SQLAlchemyError: the transaction could not be begun or committed; then nothing of this writer was kept.
        """
        until = time.monotonic() + self._patience
        self._queue()
        group = None
        try:
            group = self._open = self._open or _Group(self._begun(until))
            group.size += 1
            session = Session(group.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
            with session, session.begin():
                yield session
            group.kept = True
        finally:
            # Also after an error: what the caller does next, such as looking for the row that was in its way, needs the commit.
            try:
                if group is not None and (self._waiting == 0 or group.size >= MOST or not _in_transaction(group.connection)):
                    self._close(group)
            finally:
                self._turn.release()
            if group is not None:
                self._wait_for(group)

    def _queue(self) -> None:
        with self._counting:
            self._waiting += 1
        try:
            if not self._turn.acquire(timeout=self._patience):
                raise Unavailable(BUSY)
        finally:
            with self._counting:
                self._waiting -= 1

    def _begun(self, until: float) -> Connection:
        connection = self._engine.connect()
        try:
            self._lock_file(until)
        except BaseException:
            connection.close()
            raise
        try:
            connection.begin()
        except BaseException:
            connection.close()
            self._unlock_file()
            raise
        return connection

    def _lock_file(self, until: float) -> None:
        if path := self._engine.url.database:
            self._file = self._file or FileLock(Path(f"{path}-writers"))
            if not self._file.acquire(max(0.0, until - time.monotonic())):
                raise Unavailable(BUSY)

    def _unlock_file(self) -> None:
        if self._file is not None:
            self._file.release()

    def _close(self, group: _Group) -> None:
        """Commit, and let the group's writers go on; the caller has the turn."""
        self._open = None
        try:
            if not _in_transaction(group.connection):
                raise Unavailable(Problem("database_undone"))
            if group.kept:
                group.connection.commit()
            else:
                group.connection.rollback()
        except BaseException as error:
            group.error = error
            group.connection.invalidate()  # whatever state it is in: closing the file undoes the transaction
        finally:
            group.connection.close()
            self._unlock_file()
            group.closed.set()

    def _wait_for(self, group: _Group) -> None:
        while not group.closed.wait(ORPHAN_LOOK):
            if self._turn.acquire(blocking=False):
                try:
                    if self._open is group and self._waiting == 0:
                        self._close(group)
                finally:
                    self._turn.release()
        if group.error is not None:
            raise group.error


def _reset_in_child(writers: weakref.ref[GroupCommit]) -> None:
    """Give a forked process locks of its own, before it has threads: a fork may have copied the locks locked."""
    if (here := writers()) is not None:
        here._reset()


def _in_transaction(connection: Connection) -> bool:
    """Tell whether the transaction is still there: SQLite undoes all of it by itself when a disk is full or broken."""
    driver: Any = connection.connection.driver_connection
    return bool(driver.in_transaction)
