"""Run the migrations over a given connection, or over the connection of the environment's settings.

`alembic upgrade head` works from the project's folder; the platform itself calls `functions.records.database.migrate`.
"""

import os

from alembic import context
from sqlalchemy import Connection

from functions.records.database import open_database
from functions.records.tables import Base, Moment
from functions.settings import Settings


def render(kind: str, item: object, autogen: object) -> str | bool:
    """Write the tables' type for moments as the database's type, so that a migration does not depend on current code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def migrate_over(connection: Connection) -> None:
    # SQLite cannot alter a column, so Alembic recreates the table ("batch").
    batch = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=batch, render_item=render, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate_over(given)
else:
    with open_database(Settings.from_env(os.environ).database_url).engine.begin() as opened:
        migrate_over(opened)
