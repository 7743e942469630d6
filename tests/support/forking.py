"""Processes that fork, started fresh: forking a process with threads, as the tests' own is, can lock up the child.

``python -m tests.support.forking`` takes one of these and ends with 0 if all went well:

- ``database URL`` uses an open database in a child, which adds the setting ``child``;
- ``turns URL`` forks while a writer has its turn, and looks whether the child has locks of its own;
- ``live_models FOLDER`` asks live models in a child and looks whether the child watches for new versions.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_fresh(*arguments: str) -> int:
    """Run this module in a process of its own and return how it ended."""
    command = [sys.executable, "-m", "tests.support.forking", *arguments]
    return subprocess.run(command, cwd=ROOT, timeout=120).returncode


def _in_child(work: Callable[[], bool]) -> int:
    child = os.fork()
    if child == 0:
        done = False
        try:
            done = work()
        finally:
            os._exit(0 if done else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _database(url: str) -> int:
    from sqlalchemy import text

    from functions.records.database import open_database
    from functions.records.tables import Setting

    database = open_database(url)
    with database.reading() as session:
        session.scalar(text("SELECT 1"))

    def add() -> bool:
        with database.writing() as session:
            session.add(Setting(name="child", value="1"))
        return True

    ended = _in_child(add)
    with database.reading() as session:  # the parent's own connection still works
        session.scalar(text("SELECT 1"))
    return ended


def _turns(url: str) -> int:
    from functions.records.database import open_database

    database = open_database(url)
    writers = database.group_commit
    assert writers is not None
    with database.writing():
        return _in_child(lambda: not writers._turn.locked() and writers._file is None)


def _live_models(folder: str) -> int:
    import numpy as np

    from functions.registry import Artefacts
    from functions.serving.live_models import LiveModels
    from functions.store import FolderStore
    from tests.support.factories import sqlite

    square = np.zeros((28, 28), np.float32)
    database = sqlite(Path(folder))
    live = LiveModels(database, Artefacts(FolderStore(Path(folder) / "objects"), Path(folder) / "models"))
    live.watch()
    names = {thread.name for thread in threading.enumerate()} - {threading.current_thread().name}
    live.ask("digits", square)
    database.engine.dispose()

    def watches() -> bool:
        live.ask("digits", square)
        return bool(names) and names <= {thread.name for thread in threading.enumerate()}

    return _in_child(watches)


if __name__ == "__main__":
    sys.exit({"database": _database, "turns": _turns, "live_models": _live_models}[sys.argv[1]](sys.argv[2]))
