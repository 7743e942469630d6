"""Count accepted samples by triggers, and index runs, shipped versions and activations.

Triggers add the changes in the same transaction, so no writer can omit them. Each change is a row, because writers of samples of
one label would otherwise wait for each other on one row. A worker sums the rows.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# A row counts 1 if it is accepted, before and after the change. The set and the label of a sample never change.
SQLITE = (
    """
    CREATE TRIGGER samples_tally_added AFTER INSERT ON samples WHEN NEW.status = 'accepted'
    BEGIN INSERT INTO tallies (set_name, label, change) VALUES (NEW.set_name, NEW.label, 1); END
    """,
    """
    CREATE TRIGGER samples_tally_changed AFTER UPDATE OF status ON samples
    WHEN (NEW.status = 'accepted') <> (OLD.status = 'accepted')
    BEGIN INSERT INTO tallies (set_name, label, change)
    VALUES (NEW.set_name, NEW.label, CASE WHEN NEW.status = 'accepted' THEN 1 ELSE -1 END); END
    """,
    """
    CREATE TRIGGER samples_tally_removed AFTER DELETE ON samples WHEN OLD.status = 'accepted'
    BEGIN INSERT INTO tallies (set_name, label, change) VALUES (OLD.set_name, OLD.label, -1); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION tally_sample() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO tallies (set_name, label, change) VALUES (NEW.set_name, NEW.label, 1);
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO tallies (set_name, label, change) VALUES (OLD.set_name, OLD.label, -1);
        ELSE
            INSERT INTO tallies (set_name, label, change)
            VALUES (NEW.set_name, NEW.label, CASE WHEN NEW.status = 'accepted' THEN 1 ELSE -1 END);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER samples_tally_added AFTER INSERT ON samples
    FOR EACH ROW WHEN (NEW.status = 'accepted') EXECUTE FUNCTION tally_sample()
    """,
    """
    CREATE TRIGGER samples_tally_changed AFTER UPDATE OF status ON samples
    FOR EACH ROW WHEN ((NEW.status = 'accepted') <> (OLD.status = 'accepted')) EXECUTE FUNCTION tally_sample()
    """,
    """
    CREATE TRIGGER samples_tally_removed AFTER DELETE ON samples
    FOR EACH ROW WHEN (OLD.status = 'accepted') EXECUTE FUNCTION tally_sample()
    """,
)
# The triggers come first: on PostgreSQL they lock out other writers until all rows are counted.
COUNT = """
    INSERT INTO tallies (set_name, label, change)
    SELECT set_name, label, count(*) FROM samples WHERE status = 'accepted' GROUP BY set_name, label
"""


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_tallies_set_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tallies")),
    )
    op.create_index("ix_tallies_set_label", "tallies", ["set_name", "label"])
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in POSTGRESQL if on_postgresql else SQLITE:
        op.execute(statement)
    op.execute(COUNT)
    op.create_index("ix_runs_state_set", "runs", ["state", "set_name"])
    op.create_index("ix_activations_version_id", "activations", ["version_id"])
    original = sa.text("original")
    op.create_index("ix_versions_original", "versions", ["set_name", "created"], sqlite_where=original, postgresql_where=original)


def downgrade() -> None:
    op.drop_index("ix_versions_original", "versions")
    op.drop_index("ix_activations_version_id", "activations")
    op.drop_index("ix_runs_state_set", "runs")
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name in ("samples_tally_added", "samples_tally_changed", "samples_tally_removed"):
        op.execute(f"DROP TRIGGER {name}{' ON samples' if on_postgresql else ''}")
    if on_postgresql:
        op.execute("DROP FUNCTION tally_sample()")
    op.drop_table("tallies")
