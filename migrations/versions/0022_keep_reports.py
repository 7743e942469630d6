"""Keep which samples people have reported, until the owner decides."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("sample_id", sa.String(length=32), nullable=False),
        sa.Column("reporter", sa.String(length=32), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_reports_sample_id")),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_reports_set_name")),
        sa.PrimaryKeyConstraint("sample_id", "reporter", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_set_name", "reports", ["set_name"])


def downgrade() -> None:
    op.drop_table("reports")
