"""Give API tokens scopes, an end and a last use. Tokens made before may do everything, as they could."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("tokens", sa.Column("scopes", sa.String(length=64), nullable=False, server_default="admin"))
    for moment in ("expires", "used"):
        op.add_column("tokens", sa.Column(moment, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("scopes", "expires", "used"):
        op.drop_column("tokens", column)
