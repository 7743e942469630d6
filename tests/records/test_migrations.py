from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from functions.records.database import Database, alembic_config, migrate, open_database
from functions.records.tables import Base


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'inkloop.sqlite'}"


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = open_database(empty_url)
    yield database
    database.engine.dispose()


def _differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)


def test_the_migrations_make_exactly_the_tables_of_the_code(empty: Database) -> None:
    migrate(empty)
    assert _differences(empty) == []
    assert set(inspect(empty.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_the_partial_indexes_are_there_with_their_conditions(empty: Database) -> None:
    migrate(empty)
    indexes = {index["name"]: index for table in ("runs", "samples") for index in inspect(empty.engine).get_indexes(table)}
    assert indexes["uq_runs_queued"]["unique"]
    for name in ("uq_runs_queued", "ix_samples_untaught"):
        options = indexes[name]["dialect_options"]
        assert options.get("sqlite_where") is not None or options.get("postgresql_where") is not None


def test_the_migrations_can_be_taken_back_and_done_again(empty: Database) -> None:
    migrate(empty)
    with empty.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert inspect(empty.engine).get_table_names() == ["alembic_version"]
    migrate(empty)
    assert _differences(empty) == []


def test_migrating_again_changes_nothing(empty: Database) -> None:
    migrate(empty)
    migrate(empty)
    with empty.reading() as session:
        assert len(session.execute(text("SELECT version_num FROM alembic_version")).all()) == 1


def _migrate_at_once(url: str, barrier: object) -> None:
    barrier.wait(30)
    migrate(open_database(url))


def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(4)
    processes = [spawn.Process(target=_migrate_at_once, args=(empty_url, barrier)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    database = open_database(empty_url)
    assert _differences(database) == []
    database.engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database) -> None:
    with empty.engine.begin() as connection:
        connection.execute(text("CREATE TABLE outbox (id INTEGER)"))
    with pytest.raises(Exception, match="outbox"):
        migrate(empty)
    assert inspect(empty.engine).get_table_names() == ["outbox"]


def test_every_table_can_be_asked(database: Database) -> None:
    with database.reading() as session:
        for table in Base.metadata.tables.values():
            assert session.execute(select(table)).all() == []
