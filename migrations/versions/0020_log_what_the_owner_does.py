"""Keep a log of the owner's acts, whose rows the database itself refuses to change or delete."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLE = "audit_log"
REFUSAL = "the audit log is append-only"
SQLITE = tuple(
    f"CREATE TRIGGER audit_log_no_{verb} BEFORE {verb.upper()} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for verb in ("update", "delete")
)
POSTGRESQL = (
    f"""
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
    """,
    f"""
    CREATE TRIGGER audit_log_unchanged BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
    """,
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=64), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_act_id", TABLE, ["act", "id"])
    op.create_index("ix_audit_log_object_id", TABLE, ["object", "id"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)  # SQLite drops its triggers too
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change()")
