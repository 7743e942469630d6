"""Index what lists, pages and runs read, with all columns of a query where it reads thousands of rows."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

APART = "status = 'accepted' AND split IN ('validation', 'test')"
CORRECTIONS = "prediction_id IS NOT NULL"
TAUGHT = "status = 'accepted' AND taught_to IS NOT NULL"
Indexes = dict[str, tuple[list[str], str | None]]  # name: columns, condition
OLD: Indexes = {
    "ix_samples_set_label_id": (["set_name", "label", "id"], None),
    "ix_samples_apart": (["set_name", "status", "split", "id"], APART),
    "ix_samples_corrections": (["set_name", "id"], CORRECTIONS),
}
NEW: Indexes = {
    "ix_samples_set_label_status_id": (["set_name", "label", "status", "id"], None),
    "ix_samples_apart": (["set_name", "status", "split", "id", "label", "contributor_id"], APART),
    "ix_samples_corrections": (["set_name", "id", "status", "reason", "prediction_id"], CORRECTIONS),
    "ix_samples_taught": (["set_name", "status", "id", "taught_to"], TAUGHT),
}


def upgrade() -> None:
    _replace(OLD, NEW)


def downgrade() -> None:
    _replace(NEW, OLD)


def _replace(old: Indexes, new: Indexes) -> None:
    for name in old:
        op.drop_index(name, "samples")
    for name, (columns, condition) in new.items():
        where = None if condition is None else text(condition)
        op.create_index(name, "samples", columns, sqlite_where=where, postgresql_where=where)
