"""Let lists of samples filter by source, split and date without reading rows, and find the samples that networks doubted."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLE, FILTERS = "samples", ["source", "split", "created"]
LISTS = {
    "ix_samples_set_status_id": ["set_name", "status", "id"],
    "ix_samples_set_label_status_id": ["set_name", "label", "status", "id"],
}
DOUBTED = "status = 'accepted' AND reason IN ('imaginable', 'surprising', 'confirmed', 'good_record')"


def upgrade() -> None:
    for name, columns in LISTS.items():
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, [*columns, *FILTERS])
    where = text(DOUBTED)
    op.create_index("ix_samples_doubted", TABLE, ["set_name", "status", "id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_samples_doubted", TABLE)
    for name, columns in LISTS.items():
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, columns)
