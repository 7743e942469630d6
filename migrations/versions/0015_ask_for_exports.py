"""Keep what an export was asked for, and let several of them wait for one set."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEX, TABLE, COLUMNS = "uq_runs_queued", "runs", ["set_name", "kind"]
EACH_KIND = "state = 'queued'"
TRAINING = "state = 'queued' AND kind IN ('learn', 'train')"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("request", sa.JSON(), nullable=False, server_default="{}"))
    _index(TRAINING)


def downgrade() -> None:
    op.execute("DELETE FROM runs WHERE kind = 'export'")
    _index(EACH_KIND)
    op.drop_column(TABLE, "request")


def _index(condition: str) -> None:
    where = sa.text(condition)
    op.drop_index(INDEX, TABLE)
    op.create_index(INDEX, TABLE, COLUMNS, unique=True, sqlite_where=where, postgresql_where=where)
