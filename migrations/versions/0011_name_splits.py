"""Name the splits of the dataset train, validation, test and unused.

The columns change with their values: ``validation`` is longer than the old columns allow.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

SPLITS = {"teach": "train", "choose": "validation", "judge": "test", "aside": "unused"}  # side -> split
INDEXES = {  # name: columns, condition; both name the column of the split
    "ix_samples_untaught": (
        ["set_name", "status", "taught_to", "id"],
        "status = 'accepted' AND taught_to IS NULL AND {column} = '{train}'",
    ),
    "ix_samples_unseen": (
        ["set_name", "status", "offered_to", "id"],
        "status = 'accepted' AND offered_to IS NULL AND ({column} IS NULL OR {column} = '{train}')",
    ),
    "ix_samples_apart": (
        ["set_name", "status", "{column}", "id"],
        "status = 'accepted' AND {column} IN ('{validation}', '{test}')",
    ),
}


def upgrade() -> None:
    _replace("side", "split", sa.String(length=16), SPLITS)


def downgrade() -> None:
    _replace("split", "side", sa.String(length=8), {split: side for side, split in SPLITS.items()})


def _replace(old: str, new: str, kind: sa.String, values: dict[str, str]) -> None:
    for name in INDEXES:
        op.drop_index(name, "samples")
    # Plain columns: SQLite would otherwise copy tables that others refer to, and lose the triggers of ``samples``.
    op.add_column("sides", sa.Column(new, kind, nullable=False, server_default=next(iter(values.values()))))
    op.add_column("samples", sa.Column(new, kind, nullable=True))
    for name in ("sides", "samples"):
        table = sa.table(name, sa.column(old), sa.column(new))
        op.execute(table.update().values({new: sa.case(values, value=table.c[old])}))
        op.drop_column(name, old)
    names = {"column": new, **{split: split if new == "split" else side for side, split in SPLITS.items()}}
    for name, (columns, condition) in INDEXES.items():
        where = sa.text(condition.format(**names))
        columns = [column.format(**names) for column in columns]
        op.create_index(name, "samples", columns, sqlite_where=where, postgresql_where=where)
