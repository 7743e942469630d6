"""Keep the owner's sessions, what limits count, and the Idempotency-Keys of every kind of request."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "owner_sessions",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_owner_sessions")),
    )
    op.create_table(
        "limit_counts",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limit_counts")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("scoped", sa.String(length=64), nullable=False),
        sa.Column("whole", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scoped", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_whole", "idempotency_keys", ["whole"])


def downgrade() -> None:
    for table in ("idempotency_keys", "limit_counts", "owner_sessions"):
        op.drop_table(table)
