"""Count samples by set, status and day by triggers, as migration 0008 counts labels: no page counts samples any more.

Each change is a row, because writers of one set would otherwise wait for each other on the row of today. A worker sums the rows.
A release before this one deletes sets without these rows, so they go with their set.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INTO = "INSERT INTO day_counts (set_name, status, day, change)"
# SQL that both databases know but for the name of "instr": an id begins with 12 hexadecimal digits, its milliseconds since 1970.
DIGITS = " + ".join(
    f"(CAST(instr('0123456789abcdef', substr({{id}}, {place}, 1)) AS BIGINT) - 1) * {16 ** (12 - place)}"
    for place in range(1, 13)
)
SQLITE_DAY = f"({DIGITS}) / 86400000"
POSTGRESQL_DAY = SQLITE_DAY.replace("instr(", "strpos(")
NEW, OLD = SQLITE_DAY.format(id="NEW.id"), SQLITE_DAY.format(id="OLD.id")

SQLITE = (
    f"""
    CREATE TRIGGER samples_day_added AFTER INSERT ON samples
    BEGIN {INTO} VALUES (NEW.set_name, NEW.status, {NEW}, 1); END
    """,
    f"""
    CREATE TRIGGER samples_day_changed AFTER UPDATE OF status ON samples WHEN NEW.status <> OLD.status
    BEGIN {INTO} VALUES (OLD.set_name, OLD.status, {OLD}, -1), (NEW.set_name, NEW.status, {NEW}, 1); END
    """,
    f"""
    CREATE TRIGGER samples_day_removed AFTER DELETE ON samples
    BEGIN {INTO} VALUES (OLD.set_name, OLD.status, {OLD}, -1); END
    """,
)
POSTGRESQL = (
    f"""
    CREATE FUNCTION count_sample_of_day() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            {INTO} VALUES (OLD.set_name, OLD.status, {POSTGRESQL_DAY.format(id="OLD.id")}, -1);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            {INTO} VALUES (NEW.set_name, NEW.status, {POSTGRESQL_DAY.format(id="NEW.id")}, 1);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER samples_day_added AFTER INSERT OR DELETE ON samples
    FOR EACH ROW EXECUTE FUNCTION count_sample_of_day()
    """,
    """
    CREATE TRIGGER samples_day_changed AFTER UPDATE OF status ON samples
    FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION count_sample_of_day()
    """,
)
TRIGGERS = {"sqlite": ("added", "changed", "removed"), "postgresql": ("added", "changed")}


def upgrade() -> None:
    op.create_table(
        "day_counts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_day_counts_set_name"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_counts")),
    )
    op.create_index("ix_day_counts_key", "day_counts", ["set_name", "status", "day", "change"])
    dialect = op.get_bind().dialect.name
    for statement in POSTGRESQL if dialect == "postgresql" else SQLITE:
        op.execute(statement)
    # After the triggers: on PostgreSQL they lock out other writers until all rows are counted.
    day = (POSTGRESQL_DAY if dialect == "postgresql" else SQLITE_DAY).format(id="id")
    op.execute(f"{INTO} SELECT set_name, status, {day}, count(*) FROM samples GROUP BY 1, 2, 3")


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name in TRIGGERS[dialect]:
        op.execute(f"DROP TRIGGER samples_day_{name}{' ON samples' if dialect == 'postgresql' else ''}")
    if dialect == "postgresql":
        op.execute("DROP FUNCTION count_sample_of_day()")
    op.drop_table("day_counts")
