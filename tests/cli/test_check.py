"""The command ``check``; tests/test_starts.py has the table of wrong settings."""

from __future__ import annotations

from pathlib import Path

from functions.cli.check import look
from functions.records.database import open_database
from functions.records.migrate import migrate
from tests.servers import free_port


def test_the_tables_of_every_release_are_named(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'inkloop.sqlite'}")
    environ = {"INKLOOP_HOME": str(tmp_path), "PORT": str(free_port())}

    def said() -> str:
        return next(one.said for one in look(environ) if one.part == "database")

    assert said() == "It has no tables yet; the first process makes them."
    migrate(database, "0008")
    assert "0008; the first process brings them to" in said()
    migrate(database)
    assert said().endswith(f"migration {max(path.name[:4] for path in Path('migrations/versions').glob('0*.py'))}.")


def test_a_check_leaves_nothing_in_the_store(tmp_path: Path) -> None:
    look({"INKLOOP_HOME": str(tmp_path), "PORT": str(free_port())})
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []
