"""Create every table."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "contributors",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributors")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("subject", sa.String(length=512), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("content_type", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_key"), ["key"], unique=False)
        batch_op.create_index("ix_outbox_next_attempt_id", ["next_attempt", "id"], unique=False)
        batch_op.create_index("ix_outbox_subject_id", ["subject", "id"], unique=False)

    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "symbol_sets",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_symbol_sets")),
    )
    op.create_table(
        "drawings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("contributor_id", sa.String(length=32), nullable=False),
        sa.Column("strokes", sa.LargeBinary(), nullable=True),
        sa.Column("square", sa.LargeBinary(), nullable=False),
        sa.Column("png_sha256", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributors.id"], name=op.f("fk_drawings_contributor_id")),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_drawings_set_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawings")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quiet", sa.Double(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_runs_set_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("ix_runs_set_id", ["set_name", "id"], unique=False)
        batch_op.create_index(
            "uq_runs_queued",
            ["set_name", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )

    op.create_table(
        "snapshots",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_snapshots_set_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("contributor_id", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributors.id"], name=op.f("fk_tokens_contributor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tokens_sha256")),
    )
    op.create_table(
        "predictions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("drawing_id", sa.String(length=32), nullable=False),
        sa.Column("contributor_id", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("opinions", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributors.id"], name=op.f("fk_predictions_contributor_id")),
        sa.ForeignKeyConstraint(["drawing_id"], ["drawings.id"], name=op.f("fk_predictions_drawing_id")),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_predictions_set_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_predictions")),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("learner", sa.String(length=16), nullable=False),
        sa.Column("parent_id", sa.String(length=48), nullable=True),
        sa.Column("snapshot_id", sa.String(length=64), nullable=True),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("original", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("gate", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["versions.id"], name=op.f("fk_versions_parent_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_versions_run_id")),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_versions_set_name")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.id"], name=op.f("fk_versions_snapshot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
    )
    with op.batch_alter_table("versions", schema=None) as batch_op:
        batch_op.create_index("ix_versions_set_created", ["set_name", "created"], unique=False)
        batch_op.create_index(batch_op.f("ix_versions_snapshot_id"), ["snapshot_id"], unique=False)

    op.create_table(
        "activations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("learner", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.String(length=48), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_activations_set_name")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_activations_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activations")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("activations", schema=None) as batch_op:
        batch_op.create_index("ix_activations_set_learner_id", ["set_name", "learner", "id"], unique=False)

    op.create_table(
        "samples",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("set_name", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("drawing_id", sa.String(length=32), nullable=False),
        sa.Column("prediction_id", sa.String(length=32), nullable=True),
        sa.Column("contributor_id", sa.String(length=32), nullable=False),
        sa.Column("idempotency", sa.String(length=64), nullable=True),
        sa.Column("offered_to", sa.String(length=32), nullable=True),
        sa.Column("taught_to", sa.String(length=32), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributors.id"], name=op.f("fk_samples_contributor_id")),
        sa.ForeignKeyConstraint(["drawing_id"], ["drawings.id"], name=op.f("fk_samples_drawing_id")),
        sa.ForeignKeyConstraint(["offered_to"], ["runs.id"], name=op.f("fk_samples_offered_to")),
        sa.ForeignKeyConstraint(["prediction_id"], ["predictions.id"], name=op.f("fk_samples_prediction_id")),
        sa.ForeignKeyConstraint(["set_name"], ["symbol_sets.name"], name=op.f("fk_samples_set_name")),
        sa.ForeignKeyConstraint(["taught_to"], ["runs.id"], name=op.f("fk_samples_taught_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
        sa.UniqueConstraint("idempotency", name=op.f("uq_samples_idempotency")),
    )
    with op.batch_alter_table("samples", schema=None) as batch_op:
        batch_op.create_index("ix_samples_contributor_created", ["contributor_id", "created"], unique=False)
        batch_op.create_index(batch_op.f("ix_samples_prediction_id"), ["prediction_id"], unique=False)
        batch_op.create_index("ix_samples_set_label_id", ["set_name", "label", "id"], unique=False)
        batch_op.create_index("ix_samples_set_status_id", ["set_name", "status", "id"], unique=False)
        batch_op.create_index(
            "ix_samples_untaught",
            ["set_name", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'accepted' AND taught_to IS NULL"),
            postgresql_where=sa.text("status = 'accepted' AND taught_to IS NULL"),
        )

    op.create_table(
        "snapshot_samples",
        sa.Column("snapshot_id", sa.String(length=64), nullable=False),
        sa.Column("sample_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_snapshot_samples_sample_id")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.id"], name=op.f("fk_snapshot_samples_snapshot_id")),
        sa.PrimaryKeyConstraint("snapshot_id", "sample_id", name=op.f("pk_snapshot_samples")),
    )
    with op.batch_alter_table("snapshot_samples", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_snapshot_samples_sample_id"), ["sample_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("snapshot_samples", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_snapshot_samples_sample_id"))

    op.drop_table("snapshot_samples")
    with op.batch_alter_table("samples", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_samples_untaught",
            sqlite_where=sa.text("status = 'accepted' AND taught_to IS NULL"),
            postgresql_where=sa.text("status = 'accepted' AND taught_to IS NULL"),
        )
        batch_op.drop_index("ix_samples_set_status_id")
        batch_op.drop_index("ix_samples_set_label_id")
        batch_op.drop_index(batch_op.f("ix_samples_prediction_id"))
        batch_op.drop_index("ix_samples_contributor_created")

    op.drop_table("samples")
    with op.batch_alter_table("activations", schema=None) as batch_op:
        batch_op.drop_index("ix_activations_set_learner_id")

    op.drop_table("activations")
    with op.batch_alter_table("versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_versions_snapshot_id"))
        batch_op.drop_index("ix_versions_set_created")

    op.drop_table("versions")
    op.drop_table("predictions")
    op.drop_table("tokens")
    op.drop_table("snapshots")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_runs_queued", sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'")
        )
        batch_op.drop_index("ix_runs_set_id")

    op.drop_table("runs")
    op.drop_table("drawings")
    op.drop_table("symbol_sets")
    op.drop_table("settings")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_subject_id")
        batch_op.drop_index("ix_outbox_next_attempt_id")
        batch_op.drop_index(batch_op.f("ix_outbox_key"))

    op.drop_table("outbox")
    op.drop_table("contributors")
