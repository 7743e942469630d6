"""Let pages of one contributor, of the audit log and of failed runs read no more rows than they show."""

from collections.abc import Sequence

from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INDEXES = {
    "ix_samples_contributor_id": ("samples", ["contributor_id", "id", "set_name", "status"]),
    "ix_audit_log_actor_id": ("audit_log", ["actor", "id"]),
    "ix_audit_log_set_name_id": ("audit_log", ["set_name", "id"]),
    "ix_versions_run_id": ("versions", ["run_id"]),
    "ix_runs_state_id": ("runs", ["state", "id"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
