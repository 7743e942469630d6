"""Note the size of each object in the outbox, so that an index alone tells how much waits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEX = "ix_outbox_next_attempt_id"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("size", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE outbox SET size = length(body) WHERE body IS NOT NULL")
    op.drop_index(INDEX, "outbox")
    op.create_index(INDEX, "outbox", ["next_attempt", "id", "size"])


def downgrade() -> None:
    op.drop_index(INDEX, "outbox")
    op.create_index(INDEX, "outbox", ["next_attempt", "id"])
    op.drop_column("outbox", "size")
