"""Count the contributors of each set and split by a trigger: the list of sets counted tens of thousands of rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COUNT = """
    INSERT INTO split_counts (set_name, split, contributors) VALUES (NEW.set_name, NEW.split, 1)
    ON CONFLICT (set_name, split) DO UPDATE SET contributors = split_counts.contributors + 1;
"""
ADDED = "TRIGGER sides_added AFTER INSERT ON sides"
POSTGRESQL = (
    f"CREATE FUNCTION count_split() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {COUNT} RETURN NULL; END $$",
    f"CREATE {ADDED} FOR EACH ROW EXECUTE FUNCTION count_split()",
)
SQLITE = (f"CREATE {ADDED} BEGIN {COUNT} END",)


def upgrade() -> None:
    op.create_table(
        "split_counts",
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("split", sa.String(length=16), nullable=False),
        sa.Column("contributors", sa.Integer(), nullable=False),
        # A release before this one deletes sets without these rows, so they go with their set; nothing else deletes splits.
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_split_counts_set_name"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("set_name", "split", name=op.f("pk_split_counts")),
    )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
    # After the trigger: on PostgreSQL it locks out a run that ends until all rows are counted.
    op.execute("INSERT INTO split_counts SELECT set_name, split, count(*) FROM sides GROUP BY set_name, split")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER sides_added ON sides")
        op.execute("DROP FUNCTION count_split()")
    else:
        op.execute("DROP TRIGGER sides_added")
    op.drop_table("split_counts")
