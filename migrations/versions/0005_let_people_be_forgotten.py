"""Index the drawings of a contributor, and name the contributors whose samples a run must unlearn."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    # A plain column with a default: SQLite would otherwise copy a table that others refer to.
    op.add_column("runs", sa.Column("forget", sa.JSON(), nullable=False, server_default="[]"))
    kept = sa.text("length(square) > 0")
    op.create_index("ix_drawings_kept", "drawings", ["contributor_id", "id"], sqlite_where=kept, postgresql_where=kept)
    op.create_index("ix_samples_drawing_id", "samples", ["drawing_id"])


def downgrade() -> None:
    op.drop_index("ix_samples_drawing_id", "samples")
    op.drop_index("ix_drawings_kept", "drawings")
    op.drop_column("runs", "forget")
