from __future__ import annotations

import shutil

import pytest
from sqlalchemy import select

from functions.errors import Conflict, Malformed
from functions.records.database import open_database
from functions.records.kept_counts import differing
from functions.records.label_counts import counts_by_label
from functions.records.migrate import migrate
from functions.records.table_dump import clear, dump, one_moment, tables
from functions.records.tables import Activation, Version, new_id
from functions.store import FolderStore
from functions.verbs.backup import backup, restore
from functions.verbs.withdraw import withdraw
from tests.support.filled_set import fill_set

pytestmark = pytest.mark.above_sql


def rows(database):
    with database.reading() as session:
        return {table.name: session.execute(select(table).order_by(*table.primary_key)).all() for table in tables()}


def objects(store):
    return {key: store.get(key) for key in list(store.keys())}


def destroy(database):
    with database.writing() as session:
        clear(session)


@pytest.fixture
def other_kind(database, request, tmp_path, migrated_sqlite):
    """An empty database of the kind that ``database`` is not."""
    if database.engine.dialect.name == "postgresql":
        shutil.copyfile(migrated_sqlite, tmp_path / "other.sqlite")
        opened = open_database(f"sqlite:///{tmp_path / 'other.sqlite'}")
    else:
        opened = open_database(request.getfixturevalue("postgres_url"))
        migrate(opened)
    yield opened
    opened.engine.dispose()


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
        assert differing(session) == []
        assert session.scalars(select(Activation.version_id).order_by(Activation.id)).all() == ["b", "a"]
        session.add(Activation(set_name="mixed", learner="cnn", version_id="b", by="the owner"))  # with a number of its own


def test_a_backup_of_one_kind_of_database_is_restored_into_the_other(database, store, tmp_path, other_kind):
    before = rows(database)
    backup(database, store, tmp_path / "all.zip")
    restore(other_kind, FolderStore(tmp_path / "elsewhere"), tmp_path / "all.zip")
    assert rows(other_kind) == before


def test_a_backup_is_of_one_moment_whatever_is_drawn_meanwhile(database, store):
    with database.reading() as session:
        before = {table.name: len(session.execute(select(table)).all()) for table in tables()}
    found = {}
    with one_moment(database) as connection:
        for place, table in enumerate(tables()):
            found[table.name] = len(list(dump(connection, table)))
            if place == 0:
                fill_set(database, store, name="another", count=2)
    assert found == before


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
