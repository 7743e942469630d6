"""Store evidence about samples for two weeks, and contributors' answers to gold questions.

Existing samples have no evidence: waiting samples still wait for the owner.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "checks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("contributor_id", sa.String(length=32), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributors.id"], name=op.f("fk_checks_contributor_id")),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_checks_set_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
    )
    op.create_index("ix_checks_contributor_id", "checks", ["contributor_id", "id"])
    op.create_table(
        "traces",
        sa.Column("sample_id", sa.String(length=32), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("contributor_id", sa.String(length=32), nullable=False),
        sa.Column("block", sa.String(length=32), nullable=True),
        sa.Column("look", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.String(length=64), nullable=True),
        sa.Column("belief", sa.Double(), nullable=True),
        sa.Column("surprising", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributors.id"], name=op.f("fk_traces_contributor_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_traces_sample_id")),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_traces_set_name")),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_traces")),
    )
    op.create_index("ix_traces_set_sample", "traces", ["set_name", "sample_id"])
    op.create_index("ix_traces_contributor_sample", "traces", ["contributor_id", "sample_id"])
    op.create_index("ix_traces_block_sample", "traces", ["block", "sample_id"])
    op.create_index("ix_traces_pair_sample", "traces", ["set_name", "answered", "label", "sample_id"])
    waiting = sa.text("waiting")
    op.create_index("ix_traces_waiting", "traces", ["looked_at"], sqlite_where=waiting, postgresql_where=waiting)


def downgrade() -> None:
    op.drop_table("traces")
    op.drop_table("checks")
