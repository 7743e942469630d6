from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from functions.records.database import Database, open_database
from functions.records.migrate import alembic_config, migrate, newest, revision_of
from functions.records.tables import Base, Sample, SplitRow, SymbolSetRow, Version
from functions.settings import ROOT

FIRST_THAT_ONLY_ADDS = "0015"  # the migrations after this one leave the tables usable for the release before them


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


def test_a_release_leaves_the_tables_of_a_later_one_as_they_are(empty: Database) -> None:
    migrate(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("ALTER TABLE samples ADD COLUMN later TEXT"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    migrate(empty)
    assert revision_of(empty) == "9999"
    assert "later" in {column["name"] for column in inspect(empty.engine).get_columns("samples")}


def _tables(database: Database) -> dict[tuple[str, str], tuple[str, bool, bool]]:
    """Return the type of each column, whether it may be null, and whether the database fills it, by table and column."""
    found = inspect(database.engine)
    return {
        (table, column["name"]): (str(column["type"]), bool(column["nullable"]), column["default"] is not None)
        for table in found.get_table_names()
        for column in found.get_columns(table)
    }


def test_a_migration_leaves_what_the_release_before_it_needs(tmp_path: Path) -> None:
    """During a release, and after one that is taken back, processes of the earlier release use the new tables."""
    later = sorted(
        path.name[:4] for path in (ROOT / "migrations" / "versions").glob("0*.py") if path.name[:4] > FIRST_THAT_ONLY_ADDS
    )
    database = open_database(f"sqlite:///{tmp_path / 'inkloop.sqlite'}")
    migrate(database, FIRST_THAT_ONLY_ADDS)
    for revision in later:
        before = _tables(database)
        migrate(database, revision)
        breaks = broken(before, _tables(database))
        assert not breaks, f"migration {revision} breaks the release before it: {breaks}"


def broken(
    before: dict[tuple[str, str], tuple[str, bool, bool]], after: dict[tuple[str, str], tuple[str, bool, bool]]
) -> list[tuple[str, str]]:
    """Return the columns that an earlier release misses, cannot write, or does not know that it must fill."""
    tables = {table for table, _ in before}
    gone = [column for column, (kind, nullable, _) in before.items() if after.get(column, ("", False, False))[0] != kind]
    gone += [column for column, (_, nullable, _) in before.items() if column in after and nullable and not after[column][1]]
    unfilled = [
        column
        for column, (_, nullable, filled) in after.items()
        if column not in before and column[0] in tables and not nullable and not filled
    ]
    return sorted({*gone, *unfilled})


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE samples DROP COLUMN idempotency",
        "ALTER TABLE samples RENAME COLUMN source TO origin",
        "DROP TABLE checks",
        "ALTER TABLE checks RENAME TO gold_answers",
        "ALTER TABLE samples ALTER COLUMN offered_to SET NOT NULL",
        "ALTER TABLE samples ADD COLUMN needed TEXT NOT NULL",
    ],
)
def test_a_migration_that_would_break_the_release_before_it_is_noticed(postgres_url: str, change: str) -> None:
    database = open_database(postgres_url)
    migrate(database)
    before = _tables(database)
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE samples ADD COLUMN added TEXT"))  # this breaks nothing
        connection.execute(text("CREATE TABLE added (id TEXT NOT NULL)"))
    assert broken(before, _tables(database)) == []
    with database.engine.begin() as connection:
        connection.execute(text(change))
    assert broken(before, _tables(database)) != []
    database.engine.dispose()


def test_the_migrations_can_be_taken_back_and_done_again(empty: Database) -> None:
    migrate(empty)
    with empty.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert inspect(empty.engine).get_table_names() == ["alembic_version"]
    migrate(empty)
    assert _differences(empty) == []


def test_what_was_learned_before_networks_could_reject_is_marked_and_learned_again(empty: Database) -> None:
    migrate(empty, "0001")
    at = "2026-01-01 00:00:00+00:00"
    with empty.engine.begin() as connection:
        for statement in (
            "INSERT INTO symbol_sets (name, labels, created) VALUES ('letters', '[\"a\", \"b\"]', :at)",
            "INSERT INTO versions (id, set_name, learner, original, sha256, card, metrics, gate, created)"
            " VALUES ('v', 'letters', 'cnn', :no, 's', '{\"seed\": 1}', '{}', '{}', :at)",
            "INSERT INTO contributors (id, created) VALUES ('c', :at)",
            "INSERT INTO drawings (id, set_name, contributor_id, square, png_sha256, created)"
            " VALUES ('d', 'letters', 'c', :bytes, 'p', :at)",
            "INSERT INTO runs (id, set_name, kind, state, progress, step, not_before, quiet, deadline, fence, attempts, result,"
            " created) VALUES ('r', 'letters', 'learn', 'done', 1, '', :at, 0, :at, 1, 1, '{}', :at)",
            "INSERT INTO samples (id, set_name, label, status, reason, source, drawing_id, contributor_id, offered_to, taught_to,"
            " created) VALUES ('s', 'letters', 'a', 'accepted', '', 'correction', 'd', 'c', 'r', 'r', :at)",
        ):
            wanted = {name: value for name, value in (("at", at), ("no", False), ("bytes", b"x")) if f":{name}" in statement}
            connection.execute(text(statement), wanted)
    migrate(empty)
    with empty.reading() as session:
        row = session.get_one(SymbolSetRow, "letters")
        assert (row.labels, row.confusable, row.origin) == (["a", "b"], [], "shipped")
        version = session.get_one(Version, "v")
        assert (version.labels, version.card) == (["a", "b"], {"seed": 1, "rejects": False})
        sample = session.get_one(Sample, "s")
        assert (sample.label, sample.offered_to, sample.taught_to) == ("a", None, None)
    with empty.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0001")
    with empty.engine.connect() as connection:
        card = connection.execute(text("SELECT card FROM versions")).scalar_one()
    assert (json.loads(card) if isinstance(card, str) else card) == {"seed": 1}


HOSTILE = {"of": "contributor", "surprising": 9, "count": 10}
OLD_SAMPLES = {  # id: reason, side, and the code, figures and split that they become
    "s0": ("the networks agree", "teach", "agreed", {}, "train"),
    "s1": ("9 of the last 10 labels by this contributor seem wrong to both networks", None, "hostile", HOSTILE, None),
    "s2": ("corrected again", "aside", "corrected_again", {}, "unused"),
    "s3": ("brought by hand", "choose", "other", {"text": "brought by hand"}, "validation"),
    "s4": ("", "judge", "other", {}, "test"),
    "s5": ("the networks agree", "judge", "agreed", {}, "test"),
}


def test_sentences_become_codes_and_sides_become_splits_and_back(empty: Database) -> None:
    migrate(empty, "0009")
    at, sides = "2026-01-01 00:00:00+00:00", {"c0": "teach", "c1": "choose", "c2": "judge"}
    with empty.engine.begin() as connection:
        connection.execute(text("INSERT INTO symbol_sets (name, labels, created) VALUES ('letters', '[\"a\"]', :at)"), {"at": at})
        for contributor, side in sides.items():
            values = {"at": at, "who": contributor, "side": side}
            connection.execute(text("INSERT INTO contributors (id, created) VALUES (:who, :at)"), values)
            connection.execute(text("INSERT INTO sides VALUES ('letters', :who, :side, :at)"), values)
        connection.execute(
            text(
                "INSERT INTO drawings (id, set_name, contributor_id, square, png_sha256, created)"
                " VALUES ('d', 'letters', 'c0', :square, 'p', :at)"
            ),
            {"at": at, "square": b"x"},
        )
        for sample, (reason, side, *_) in OLD_SAMPLES.items():
            connection.execute(
                text(
                    "INSERT INTO samples (id, set_name, label, status, reason, source, drawing_id, contributor_id, side, created)"
                    " VALUES (:id, 'letters', 'a', 'accepted', :reason, 'correction', 'd', 'c0', :side, :at)"
                ),
                {"id": sample, "reason": reason, "side": side, "at": at},
            )
    migrate(empty)
    with empty.reading() as session:
        rows = {row.id: [row.reason, row.reason_figures, row.split] for row in session.scalars(select(Sample))}
        assert rows == {sample: after for sample, (_, _, *after) in OLD_SAMPLES.items()}
        splits = {row.contributor_id: row.split for row in session.scalars(select(SplitRow))}
        assert splits == {"c0": "train", "c1": "validation", "c2": "test"}
        assert session.scalar(text("SELECT sum(change) FROM tallies")) == len(OLD_SAMPLES), "the triggers are there still"
    with empty.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0009")
        before = {row.id: (row.reason, row.side) for row in connection.execute(text("SELECT id, reason, side FROM samples"))}
        assert before == {sample: (reason, side) for sample, (reason, side, *_) in OLD_SAMPLES.items()}
        assert dict(connection.execute(text("SELECT contributor_id, side FROM sides")).all()) == sides
        connection.execute(text("UPDATE samples SET status = 'rejected' WHERE id = 's0'"))
        assert connection.execute(text("SELECT sum(change) FROM tallies")).scalar_one() == len(OLD_SAMPLES) - 1


def test_migrating_again_changes_nothing(empty: Database) -> None:
    migrate(empty)
    migrate(empty)
    with empty.reading() as session:
        assert len(session.execute(text("SELECT version_num FROM alembic_version")).all()) == 1


def _migrate_at_once(url: str, barrier: object) -> None:
    barrier.wait(30)
    migrate(open_database(url))


@pytest.mark.long_run
def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    processes = [spawn.Process(target=_migrate_at_once, args=(empty_url, barrier)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
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


def test_a_database_of_this_release_needs_no_alembic(empty: Database) -> None:
    migrate(empty)
    script = (
        "import sys; from functions.records.database import open_database as o; from functions.records.migrate import migrate;"
    )
    script += f"migrate(o({str(empty.engine.url.render_as_string(hide_password=False))!r})); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


def test_the_newest_migration_is_the_head(empty: Database) -> None:
    with empty.engine.connect() as connection:
        heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()
    assert heads == [newest()]
