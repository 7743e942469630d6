"""Wipe the evidence of a withdrawn sample instead of deleting it, so that the caps of a day still count the sample."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WIPED = sa.text("wiped")


def upgrade() -> None:
    # A plain column with a default: SQLite would otherwise copy a table that others refer to.
    op.add_column("traces", sa.Column("wiped", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_traces_wiped", "traces", ["sample_id"], sqlite_where=WIPED, postgresql_where=WIPED)


def downgrade() -> None:
    op.execute("DELETE FROM traces WHERE wiped")
    op.drop_index("ix_traces_wiped", "traces")
    op.drop_column("traces", "wiped")
