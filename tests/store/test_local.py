from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from functions.errors import StoreUnavailable
from functions.store import FolderStore


def test_nothing_unfinished_is_left_or_listed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("a/b", b"1", "x/y")
    store.put_new("a/b", b"2", "x/y")
    (tmp_path / ".unfinished" / "killed").write_bytes(b"half")
    assert list(store.keys("")) == ["a/b"]
    assert [path.name for path in (tmp_path / ".unfinished").iterdir()] == ["killed"]


def test_a_folder_that_cannot_be_written_is_a_store_that_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable) as told:
        FolderStore(tmp_path / "objects").put("a/b", b"1", "x/y")
    assert str(tmp_path) not in str(told.value)


def test_a_key_below_an_object_is_a_store_that_is_unavailable(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("a", b"1", "x/y")
    with pytest.raises(StoreUnavailable):
        store.put("a/b", b"2", "x/y")
    assert store.get("a") == b"1"


def test_a_folder_whose_disk_is_away_does_not_say_that_an_object_is_deleted(tmp_path: Path) -> None:
    link, disk = tmp_path / "objects", tmp_path / "disk"
    disk.mkdir()
    link.symlink_to(disk)
    store = FolderStore(link)
    store.put("a/b", b"1", "x/y")
    disk.rename(tmp_path / "away")
    with pytest.raises(StoreUnavailable):
        store.delete("a/b")
    (tmp_path / "away").rename(disk)
    store.delete("a/b")
    assert not store.exists("a/b")


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from functions.store import FolderStore
store = FolderStore(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    for letter in b"abcd":
        store.put("killed/one", bytes([letter]) * 200_000, "x/y")
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_object(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for _ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        while not store.exists("killed/one"):
            time.sleep(0.005)
        writer.kill()
        writer.wait()
        writer.stdout.close()
        body = store.get("killed/one")
        assert len(body) == 200_000
        assert len(set(body)) == 1
        store.delete("killed/one")
