"""Add confusable labels and an origin to sets, and labels to versions.

Earlier versions lack the output for "not a symbol", so they can neither answer nor be fine-tuned any more. They are marked, so
that the shipped networks replace them. Their samples count as not learned, so the next run trains the shipped networks on them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

sets = sa.table("symbol_sets", sa.column("name"), sa.column("labels", sa.JSON()))
versions = sa.table(
    "versions", sa.column("id"), sa.column("set_name"), sa.column("labels", sa.JSON()), sa.column("card", sa.JSON())
)
samples = sa.table("samples", sa.column("taught_to"), sa.column("offered_to"))


def upgrade() -> None:
    # Plain columns with defaults: SQLite would otherwise copy a table that others refer to.
    op.add_column("symbol_sets", sa.Column("confusable", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("symbol_sets", sa.Column("origin", sa.String(length=16), nullable=False, server_default="shipped"))
    op.add_column("versions", sa.Column("labels", sa.JSON(), nullable=False, server_default="[]"))
    connection = op.get_bind()
    labels = {row.name: row.labels for row in connection.execute(sa.select(sets))}
    for row in connection.execute(sa.select(versions.c.id, versions.c.set_name, versions.c.card)).all():
        known = {"labels": labels[row.set_name], "card": {**row.card, "rejects": False}}
        connection.execute(versions.update().where(versions.c.id == row.id).values(known))
    connection.execute(samples.update().values(taught_to=None, offered_to=None))


def downgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(versions.c.id, versions.c.card)).all():
        card = {name: value for name, value in row.card.items() if name != "rejects"}
        connection.execute(versions.update().where(versions.c.id == row.id).values(card=card))
    op.drop_column("versions", "labels")
    op.drop_column("symbol_sets", "origin")
    op.drop_column("symbol_sets", "confusable")
