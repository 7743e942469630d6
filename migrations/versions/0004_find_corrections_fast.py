"""Index corrections, so that the newest corrections of a set are found without a scan of all samples."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CORRECTIONS = sa.text("prediction_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_samples_corrections", "samples", ["set_name", "id"], sqlite_where=CORRECTIONS, postgresql_where=CORRECTIONS
    )


def downgrade() -> None:
    op.drop_index("ix_samples_corrections", "samples")
