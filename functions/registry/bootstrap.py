"""Open a database that is ready for work; every process begins here."""

from __future__ import annotations

from functions.records.database import Database, migrate, open_database
from functions.registry.seed import seed
from functions.settings import Settings


def bootstrap(settings: Settings) -> Database:
    """Return the open database, with its tables and what ``models/`` ships up to date.

    Raises:
        BadSettings: ``models/`` is not whole, or contradicts the database.
        DBAPIError: the database does not answer.
    """
    database = open_database(settings.database_url)
    try:
        migrate(database)
        with database.writing() as session:
            seed(session, settings.models)
    except BaseException:
        database.engine.dispose()
        raise
    return database
