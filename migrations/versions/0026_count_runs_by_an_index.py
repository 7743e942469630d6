"""Let the figures for Prometheus count runs by an index alone, and find the newest ones of a kind in it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_runs_kind_state_id", "runs", ["kind", "state", "id"])


def downgrade() -> None:
    op.drop_index("ix_runs_kind_state_id", "runs")
