"""Replace the English sentence of a sample's reason by a code with figures.

``functions.records.old_reasons`` reads the sentences, also those in the bucket's facts, which never change. A sentence of no rule
is the text of the code ``other``.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from functions.domain.trust.reason_codes import in_words
from functions.records.old_reasons import reason_of_sentence

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

AT_ONCE = 1_000  # rows in one statement

samples = sa.table("samples", sa.column("id", sa.String), sa.column("reason", sa.Text), sa.column("reason_figures", sa.JSON))
known = sa.Table(
    "known_reasons",
    sa.MetaData(),
    sa.Column("sentence", sa.Text(), primary_key=True),
    sa.Column("code", sa.Text(), nullable=False),
    sa.Column("figures", sa.JSON(), nullable=False),
    prefixes=["TEMPORARY"],
)


def upgrade() -> None:
    # A plain column with a default: SQLite would otherwise copy a table that others refer to.
    op.add_column("samples", sa.Column("reason_figures", sa.JSON(), nullable=False, server_default="{}"))
    connection = op.get_bind()
    known.create(connection)
    for sentence in connection.scalars(sa.select(samples.c.reason).distinct()).all():
        reason = reason_of_sentence(sentence)
        connection.execute(known.insert().values(sentence=sentence, code=reason.code, figures=dict(reason.figures)))
    # One pass over all samples, however many sentences there are.
    code, figures = (
        sa.select(column).where(known.c.sentence == samples.c.reason).scalar_subquery()
        for column in (known.c.code, known.c.figures)
    )
    connection.execute(samples.update().values(reason=code, reason_figures=figures))
    known.drop(connection)


def downgrade() -> None:
    connection = op.get_bind()
    last = ""
    while rows := connection.execute(sa.select(samples).where(samples.c.id > last).order_by(samples.c.id).limit(AT_ONCE)).all():
        for row in rows:
            sentence = in_words(row.reason, row.reason_figures)
            connection.execute(samples.update().where(samples.c.id == row.id).values(reason=sentence))
        last = rows[-1].id
    op.drop_column("samples", "reason_figures")
