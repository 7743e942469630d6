"""Give symbol sets a goal: the number of drawings of each label that the owner wants."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("symbol_sets", sa.Column("goal", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("symbol_sets", "goal")
