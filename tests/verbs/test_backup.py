from __future__ import annotations

import pytest
from sqlalchemy import select

from functions.errors import Conflict, Malformed
from functions.records.label_counts import counts_by_label
from functions.records.table_dump import clear, tables
from functions.records.tables import Activation, Version, new_id
from functions.store import FolderStore
from functions.verbs.backup import backup, restore
from functions.verbs.withdraw import withdraw
from tests.support.filled_set import fill_set


def rows(database):
    with database.reading() as session:
        return {table.name: session.execute(select(table).order_by(*table.primary_key)).all() for table in tables()}


def objects(store):
    return {key: store.get(key) for key in list(store.keys())}


def destroy(database):
    with database.writing() as session:
        clear(session)


@pytest.fixture
def store(database, tmp_path):
    """A filled platform with versions and activations, a withdrawn drawing and objects that are not delivered."""
    store = FolderStore(tmp_path / "objects")
    ids = fill_set(database, store, count=12)
    with database.writing() as session:
        for version, parent in (("b", None), ("a", "b")):
            row = Version(id=version, set_name="mixed", learner="cnn", parent_id=parent, sha256="0" * 64, labels=["0", "1"])
            session.add(row)
            session.flush()
            session.add(Activation(set_name="mixed", learner="cnn", version_id=version, by="the owner"))
            session.flush()
    withdraw(database, ids[0])
    return store


def test_everything_comes_back_after_everything_is_lost(database, store, tmp_path):
    before, kept = rows(database), objects(store)
    with database.reading() as session:
        counts = counts_by_label(session, "mixed")
    done = backup(database, store, tmp_path / "all.zip")
    assert (done.rows, done.objects) == (sum(map(len, before.values())), len(kept))
    destroy(database)
    empty = FolderStore(tmp_path / "elsewhere")
    assert restore(database, empty, tmp_path / "all.zip") == done
    assert rows(database) == before
    assert objects(empty) == kept
    with database.writing() as session:
        assert counts_by_label(session, "mixed") == counts
        assert session.scalars(select(Activation.version_id).order_by(Activation.id)).all() == ["b", "a"]
        session.add(Activation(set_name="mixed", learner="cnn", version_id="b", by="the owner"))  # with a number of its own


def test_a_platform_that_is_used_is_not_written_over(database, store, tmp_path):
    backup(database, store, tmp_path / "all.zip")
    before = rows(database)
    with pytest.raises(Conflict, match="empty one"):
        restore(database, store, tmp_path / "all.zip")
    assert rows(database) == before


def test_a_damaged_backup_changes_nothing(database, store, tmp_path):
    backup(database, store, tmp_path / "all.zip")
    whole = (tmp_path / "all.zip").read_bytes()
    destroy(database)
    empty = FolderStore(tmp_path / new_id())
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Malformed, match="no complete backup"):
        restore(database, empty, tmp_path / "cut.zip")
    assert list(empty.keys()) == []
    assert not any(rows(database).values())
