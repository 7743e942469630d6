"""Brings the tables of a database up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from functions.records.database import Database
from functions.settings import ROOT

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = ROOT / "migrations"
MIGRATING = 0x696E6B  # "ink": the number of PostgreSQL's advisory lock for one migrating process at a time


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade the tables to ``revision`` (the newest by default); of processes that start together, one migrates at a time."""
    if revision == "head" and (found := revision_of(database)) is not None and found >= newest():
        return  # of this release; or of a later one, whose migrations leave what this release needs
    from alembic import command  # a hundred modules that a database of this release does not need

    with database.engine.begin() as connection:  # on SQLite, this alone excludes other writers
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATING})
        command.upgrade(alembic_config(connection), revision)


def newest() -> str:
    """Return the newest revision, which the names of the migrations begin with."""
    return max(path.name for path in (FOLDER / "versions").glob("[0-9]*.py")).partition("_")[0]


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for ``connection``."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revision_of(database: Database) -> str | None:
    """Return the revision of the tables, None where there are none."""
    try:
        with database.engine.connect().execution_options(reading=True) as connection:
            found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return found
    except DBAPIError:
        return None
