from __future__ import annotations

import threading
import time
from pathlib import Path

from functions.records.file_lock import FileLock


def test_who_waits_for_a_lock_gets_it_when_it_is_free(tmp_path: Path) -> None:
    mine, theirs = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert theirs.acquire(0)
    threading.Timer(0.1, theirs.release).start()
    began = time.monotonic()
    assert mine.acquire(60)
    assert time.monotonic() - began < 30
    assert not theirs.acquire(0.05)
    mine.release()
    assert theirs.acquire(60)


def test_who_has_given_up_does_not_keep_what_comes_too_late(tmp_path: Path) -> None:
    mine, theirs, third = (FileLock(tmp_path / "lock") for _ in range(3))
    assert theirs.acquire(0)
    assert not mine.acquire(0.05)
    assert not mine.acquire(0.05)  # its thread still waits
    theirs.release()
    assert third.acquire(20)
    third.release()
    assert mine.acquire(20)
