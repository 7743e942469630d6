"""Assign each contributor to train, validation or test; let quick runs pass full runs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

UNTAUGHT = "status = 'accepted' AND taught_to IS NULL"
INDEXES = {
    "ix_samples_untaught": (["set_name", "status", "taught_to", "id"], f"{UNTAUGHT} AND side = 'teach'"),
    "ix_samples_unseen": (
        ["set_name", "status", "offered_to", "id"],
        "status = 'accepted' AND offered_to IS NULL AND (side IS NULL OR side = 'teach')",
    ),
    "ix_samples_apart": (["set_name", "status", "side", "id"], "status = 'accepted' AND side IN ('choose', 'judge')"),
}
# A version may have learned from a contributor whose sample a run has considered, so this contributor is in train.
TEACH = (
    "INSERT INTO sides (set_name, contributor_id, side, created)"
    " SELECT set_name, contributor_id, 'teach', CURRENT_TIMESTAMP FROM samples WHERE offered_to IS NOT NULL"
    " GROUP BY set_name, contributor_id",
    "UPDATE samples SET side = 'teach' WHERE offered_to IS NOT NULL",
)


def upgrade() -> None:
    op.create_table(
        "sides",
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("contributor_id", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_sides_set_name")),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributors.id"], name=op.f("fk_sides_contributor_id")),
        sa.PrimaryKeyConstraint("set_name", "contributor_id", name=op.f("pk_sides")),
    )
    # A plain column: SQLite would otherwise copy a table that others refer to.
    op.add_column("samples", sa.Column("side", sa.String(length=8), nullable=True))
    for statement in TEACH:
        op.execute(statement)
    op.add_column("runs", sa.Column("closing", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_runs_set_kind_id", "runs", ["set_name", "kind", "id"])
    op.drop_index("ix_samples_untaught", "samples")
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, "samples", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "samples")
    where = sa.text(UNTAUGHT)
    op.create_index("ix_samples_untaught", "samples", ["set_name", "id"], sqlite_where=where, postgresql_where=where)
    op.drop_index("ix_runs_set_kind_id", "runs")
    op.drop_column("runs", "closing")
    op.drop_column("samples", "side")
    op.drop_table("sides")
