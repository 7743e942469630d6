"""The command ``check``; tests/test_starts.py has the table of wrong settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.exceptions import AuthenticationError, ConnectionError

from functions.cli.check import look, why_no_redis
from functions.records.database import open_database
from functions.records.migrate import migrate
from tests.servers import free_port


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (ConnectionError("Error 1: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"), "wrong", "?ssl_cert_reqs=none"),
        (ConnectionError("Error 1: [SSL: WRONG_VERSION_NUMBER] wrong version number"), "wrong", "redis://"),
        (AuthenticationError("invalid username-password pair"), "wrong", "password"),
        (ConnectionError("Error 111 connecting to h:6379. Connection refused."), "away", "REDIS_URL"),
    ],
)
def test_the_errors_of_redis_are_told_with_what_to_set(error: Exception, state: str, told: str) -> None:
    found, said = why_no_redis(error)
    assert found == state
    assert told in said


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
