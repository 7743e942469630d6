"""A lock on a file that the system hands from process to process, and that is waited for within a bound.

``flock`` itself waits without one, and trying again and again would lose the place in the system's queue. So a thread waits, and
its caller waits for the thread. The system releases the lock of a process that is killed, but not of one that is stopped.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class FileLock:
    """The lock of one process on the file at ``path``; one thread at a time may ask for it. On Windows there is none."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._changed = threading.Condition()
        self._wanted = self._held = self._waiting = False

    def acquire(self, patience: float) -> bool:
        """Wait up to ``patience`` seconds for the lock; return whether it is held now."""
        if sys.platform == "win32":
            return True
        with self._changed:
            if not self._waiting:
                with suppress(BlockingIOError):
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
                self._waiting = True
                threading.Thread(target=self._wait, name="file lock", daemon=True).start()
            self._wanted, self._held = True, False
            self._changed.wait_for(lambda: self._held, patience)
            self._wanted = False
            return self._held

    def release(self) -> None:
        """Let the next process have the lock."""
        if sys.platform != "win32":
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _wait(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            got = True
        except OSError:
            got = False
        with self._changed:
            self._waiting, self._held = False, got and self._wanted
            if got and not self._wanted:  # who wanted it has given up
                fcntl.flock(self._file, fcntl.LOCK_UN)
            self._changed.notify_all()
