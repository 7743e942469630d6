"""Give symbol sets a title, a place in the menus, and let them be hidden."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLE = "symbol_sets"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("title", sa.String(64), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("hidden", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column(TABLE, sa.Column("position", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for column in ("title", "hidden", "position"):
        op.drop_column(TABLE, column)
