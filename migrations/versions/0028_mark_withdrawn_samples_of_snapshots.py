"""Mark the samples of snapshots that were withdrawn since, by a trigger: the page of a version then counts marks.

It asked for the status of every sample of up to 500 ancestors. A run marks what was withdrawn while it learned.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

MARK = "UPDATE snapshot_samples SET withdrawn = true WHERE sample_id = NEW.id;"
CHANGED = "TRIGGER samples_withdrawn AFTER UPDATE OF status ON samples"
WITHDRAWN = "WHEN (NEW.status = 'withdrawn' AND OLD.status <> 'withdrawn')"
POSTGRESQL = (
    f"CREATE FUNCTION mark_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {MARK} RETURN NULL; END $$",
    f"CREATE {CHANGED} FOR EACH ROW {WITHDRAWN} EXECUTE FUNCTION mark_withdrawn()",
)
SQLITE = (f"CREATE {CHANGED} {WITHDRAWN} BEGIN {MARK} END",)


def upgrade() -> None:
    op.add_column("snapshot_samples", sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    where = sa.text("withdrawn")
    columns = ["snapshot_id", "sample_id"]
    op.create_index("ix_snapshot_samples_withdrawn", "snapshot_samples", columns, sqlite_where=where, postgresql_where=where)
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
    # After the trigger: on PostgreSQL it locks out other withdrawals until these are marked.
    op.execute(
        "UPDATE snapshot_samples SET withdrawn = true WHERE sample_id IN (SELECT id FROM samples WHERE status = 'withdrawn')"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER samples_withdrawn ON samples")
        op.execute("DROP FUNCTION mark_withdrawn()")
    else:
        op.execute("DROP TRIGGER samples_withdrawn")
    op.drop_index("ix_snapshot_samples_withdrawn", "snapshot_samples")
    op.drop_column("snapshot_samples", "withdrawn")
