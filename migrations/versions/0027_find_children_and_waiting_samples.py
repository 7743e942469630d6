"""Let a comparison find the children of a version, and the moderation queue a contributor's samples that wait."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

WAIT = sa.text("status IN ('pending', 'quarantined')")


def upgrade() -> None:
    op.create_index("ix_versions_parent_created", "versions", ["parent_id", "created"])
    columns = ["set_name", "contributor_id", "status"]
    op.create_index("ix_samples_waiting", "samples", columns, sqlite_where=WAIT, postgresql_where=WAIT)


def downgrade() -> None:
    op.drop_index("ix_samples_waiting", "samples")
    op.drop_index("ix_versions_parent_created", "versions")
