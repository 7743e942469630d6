"""Every table, without behaviour; ``migrations/`` must always produce exactly these tables."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Insert,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from functions.domain.run_step import Step
from functions.telemetry.request_id import LONGEST, current_request


def new_id() -> str:
    """Return 32 hexadecimal characters: 48 bits of time in milliseconds, then 80 random bits.

    Ids sort by age, so the newest come first by ``id`` alone; they cannot be guessed.
    """
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite stores no time zone, so reading adds it, and PostgreSQL answers in a zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class StepText(TypeDecorator[Step]):
    """The step of a run, as compact JSON in a text column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Step | None, dialect: Dialect) -> str | None:
        return None if value is None else value.as_text()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Step | None:
        return None if value is None else Step.parse(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: Moment, dict[str, Any]: JSON, list[str]: JSON, list[list[str]]: JSON}


Id = String(32)
NewId = Annotated[str, mapped_column(Id, primary_key=True, default=new_id)]
Counted = Annotated[int, mapped_column(primary_key=True, autoincrement=True)]
SetName = Annotated[str, mapped_column(ForeignKey("symbol_sets.name"))]
ContributorId = Annotated[str, mapped_column(ForeignKey("contributors.id"))]
Created = Annotated[datetime, mapped_column(default=now)]
RequestId = Annotated[str | None, mapped_column(String(LONGEST), default=current_request)]


def insert(session: Session, row: Base) -> None:
    """Insert a row whose columns are all set; ``row`` stays outside the session.

    The unit of work of the session would take four times as long.
    """
    session.execute(_insert_into(row.__table__), {column.key: getattr(row, column.key) for column in row.__table__.c})


@cache
def _insert_into(table: Table) -> Insert:
    return table.insert()


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class SymbolSetRow(Base):
    """A symbol set: ``shipped``, or defined by the ``owner``. A label that a version knows or a drawing has is never taken out.

    A version may know fewer labels, because the last ones were added after it learned. ``confusable`` are groups of labels.
    ``title`` is what people read instead of the name. A ``hidden`` set is in no menu; menus are sorted by ``position``.
    ``goal`` is the number of accepted drawings of each label that the owner wants, 0 for none.
    """

    __tablename__ = "symbol_sets"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    labels: Mapped[list[str]]
    confusable: Mapped[list[list[str]]] = mapped_column(default=list)
    origin: Mapped[str] = mapped_column(String(16), default="shipped")
    title: Mapped[str] = mapped_column(String(64), default="", server_default="")
    hidden: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    goal: Mapped[int] = mapped_column(default=0, server_default="0")
    created: Mapped[Created]


class Contributor(Base):
    """An anonymous visitor (its id is in a signed cookie) or the holder of a token."""

    __tablename__ = "contributors"
    id: Mapped[NewId]
    created: Mapped[Created]


class Token(Base):
    """An API token; only its SHA-256 is kept. ``scopes`` are words with spaces between them; ``used`` is exact to the hour."""

    __tablename__ = "tokens"
    id: Mapped[NewId]
    name: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    contributor_id: Mapped[ContributorId]
    # The release before scopes makes tokens that may do everything.
    scopes: Mapped[str] = mapped_column(String(64), server_default="admin")
    expires: Mapped[datetime | None]
    used: Mapped[datetime | None]
    created: Mapped[Created]
    revoked: Mapped[datetime | None]


class Setting(Base):
    """A value that the platform generated itself, such as the hash of the owner's password."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class OwnerSessionRow(Base):
    """A session of the owner that has not been signed out; only the SHA-256 of its id is kept."""

    __tablename__ = "owner_sessions"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    created: Mapped[Created]
    expires: Mapped[datetime]


class AuditRow(Base):
    """An act of the owner: who (``actor``), what (``act``), on which ``object``, with figures. Never changed, never deleted.

    ``set_name`` refers to no row, because a symbol set may be deleted.
    """

    __tablename__ = "audit_log"
    id: Mapped[NewId]
    act: Mapped[str] = mapped_column(String(32))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(64), default="")
    object: Mapped[str] = mapped_column(String(64), default="")
    set_name: Mapped[str | None] = mapped_column(String(32))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[Created]
    __table_args__ = (
        Index("ix_audit_log_act_id", "act", "id"),
        Index("ix_audit_log_object_id", "object", "id"),
        Index("ix_audit_log_actor_id", "actor", "id"),
        Index("ix_audit_log_set_name_id", "set_name", "id"),
    )


class LimitCount(Base):
    """How often something limited was done until ``ends`` (seconds since 1970); ``key`` is a keyed hash, never an address."""

    __tablename__ = "limit_counts"
    key: Mapped[str] = mapped_column(Id, primary_key=True)
    count: Mapped[int]
    ends: Mapped[float]


class IdempotencyKey(Base):
    """An Idempotency-Key that was used: hashes of it with its sender (``scoped``) and with its request (``whole``).

    ``subject`` is the sample or the prediction that the request made. ``named`` tells that the request named its contributor.
    """

    __tablename__ = "idempotency_keys"
    scoped: Mapped[str] = mapped_column(String(64), primary_key=True)
    whole: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(Id)
    named: Mapped[bool]
    created: Mapped[Created]


class DrawingRow(Base):
    """A kept drawing: its strokes (zlib of canonical JSON, None for uploads) and its square (zlib of 784 bytes).

    The PNG is in the object store, or still in ``outbox``.
    """

    __tablename__ = "drawings"
    id: Mapped[NewId]
    set_name: Mapped[SetName]
    contributor_id: Mapped[ContributorId]
    strokes: Mapped[bytes | None] = mapped_column(LargeBinary)
    square: Mapped[bytes] = mapped_column(LargeBinary)
    png_sha256: Mapped[str] = mapped_column(String(64))
    created: Mapped[Created]
    __table_args__ = (
        # The drawings of a contributor that are not withdrawn: a withdrawal empties the square.
        _partial("ix_drawings_kept", "contributor_id", "id", where="length(square) > 0"),
    )


class Prediction(Base):
    """The networks' answer to a kept drawing; ``answer`` and ``opinions["models"]`` have the form of the API's answer.

    If the author's own drawings changed the shown answer, the shown answer is in ``opinions`` as ``adapted``.
    """

    __tablename__ = "predictions"
    id: Mapped[NewId]
    set_name: Mapped[SetName]
    drawing_id: Mapped[str] = mapped_column(ForeignKey("drawings.id"))
    contributor_id: Mapped[ContributorId]
    answer: Mapped[dict[str, Any]]
    opinions: Mapped[dict[str, Any]]
    created: Mapped[Created]


# An accepted sample with one of these reasons has a label that at least one network did not expect.
WAITS = "samples.status IN ('pending', 'quarantined')"
DOUBTED = "samples.status = 'accepted' AND samples.reason IN ('imaginable', 'surprising', 'confirmed', 'good_record')"


class Sample(Base):
    """A drawing with a label that is in the dataset; ``label`` None means "not a symbol".

    ``offered_to`` is the last run that considered the sample; ``taught_to`` is the run whose activated version learned it.
    ``split`` is train, validation, test or unused, by the contributor's split; None until the first run assigns it.
    """

    __tablename__ = "samples"
    id: Mapped[NewId]
    set_name: Mapped[SetName]
    label: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="other")
    reason_figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    source: Mapped[str] = mapped_column(String(16))
    drawing_id: Mapped[str] = mapped_column(ForeignKey("drawings.id"), index=True)
    prediction_id: Mapped[str | None] = mapped_column(ForeignKey("predictions.id"), index=True)
    contributor_id: Mapped[ContributorId]
    idempotency: Mapped[str | None] = mapped_column(String(64), unique=True)
    offered_to: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    taught_to: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    split: Mapped[str | None] = mapped_column(String(16))
    created: Mapped[Created]
    __table_args__ = (
        # With the columns that lists filter by, so that samples which do not pass are left out without reading their rows.
        Index("ix_samples_set_status_id", "set_name", "status", "id", "source", "split", "created"),
        Index("ix_samples_set_label_status_id", "set_name", "label", "status", "id", "source", "split", "created"),
        _partial("ix_samples_doubted", *("set_name", "status", "id"), where=DOUBTED.replace("samples.", "")),
        Index("ix_samples_contributor_created", "contributor_id", "created"),
        # With the columns that a contributor's pages count by.
        Index("ix_samples_contributor_id", "contributor_id", "id", "set_name", "status"),
        # Queries for new samples must stay fast however many samples there are. SQLite prefers the index with the most columns
        # in the query, so these indexes also have the columns of their conditions.
        _partial(
            "ix_samples_untaught",
            "set_name",
            "status",
            "taught_to",
            "id",
            where="status = 'accepted' AND taught_to IS NULL AND split = 'train'",
        ),
        # The same for "is there a new sample": without this index, samples outside train would be scanned each time.
        _partial(
            "ix_samples_unseen",
            "set_name",
            "status",
            "offered_to",
            "id",
            where="status = 'accepted' AND offered_to IS NULL AND (split IS NULL OR split = 'train')",
        ),
        # The same for the newest samples of validation and test.
        _partial(
            "ix_samples_apart",
            "set_name",
            "status",
            "split",
            "id",
            "label",
            "contributor_id",
            where="status = 'accepted' AND split IN ('validation', 'test')",
        ),
        # The same for the samples that a run rehearses.
        _partial(
            "ix_samples_taught",
            *("set_name", "status", "id", "taught_to"),
            where="status = 'accepted' AND taught_to IS NOT NULL",
        ),
        # The same for a contributor's samples that wait for the owner.
        _partial("ix_samples_waiting", *("set_name", "contributor_id", "status"), where=WAITS.replace("samples.", "")),
        # The same for the newest corrections.
        _partial(
            "ix_samples_corrections",
            *("set_name", "id", "status", "reason", "prediction_id"),
            where="prediction_id IS NOT NULL",
        ),
    )


class LabelCount(Base):
    """A change of a label's number of accepted samples; the number is the sum of the label's rows.

    Triggers on ``samples`` add rows (migration 0008); ``records.label_counts`` reads and sums them.
    """

    __tablename__ = "tallies"
    id: Mapped[Counted]
    set_name: Mapped[SetName]
    label: Mapped[str | None] = mapped_column(String(64))
    change: Mapped[int]
    __table_args__ = (Index("ix_tallies_set_label", "set_name", "label"),)


class DayCount(Base):
    """A change of the number of samples of a set and status that came on a ``day`` (days since 1970, UTC).

    Triggers on ``samples`` add rows (migration 0025); ``records.growth`` reads and sums them. They go with their set.
    """

    __tablename__ = "day_counts"
    id: Mapped[Counted]
    set_name: Mapped[str] = mapped_column(ForeignKey("symbol_sets.name", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(16))
    day: Mapped[int]
    change: Mapped[int]
    __table_args__ = (Index("ix_day_counts_key", "set_name", "status", "day", "change"),)


class EvidenceRow(Base):
    """The evidence about a sample, kept for two weeks for the trust rules.

    ``block`` is a keyed hash of the address block, never an address; ``look`` is a perceptual hash. ``answered`` is the networks'
    answer (None: not a symbol), ``belief`` their probability of the label (None: no network knew it). A ``waiting`` sample is
    rechecked, the longest unchecked first. After a withdrawal the row is ``wiped``: for a day it still counts for the caps.
    """

    __tablename__ = "traces"
    sample_id: Mapped[str] = mapped_column(ForeignKey("samples.id"), primary_key=True)
    set_name: Mapped[SetName]
    contributor_id: Mapped[ContributorId]
    block: Mapped[str | None] = mapped_column(String(32))
    look: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str | None] = mapped_column(String(64))
    asked: Mapped[bool]
    answered: Mapped[str | None] = mapped_column(String(64))
    belief: Mapped[float | None]
    surprising: Mapped[bool]
    waiting: Mapped[bool] = mapped_column(default=False)
    looked_at: Mapped[datetime] = mapped_column(default=now)
    wiped: Mapped[bool] = mapped_column(default=False)
    # A sample's id begins with its time, so the rows of an index are sorted by age.
    __table_args__ = (
        Index("ix_traces_set_sample", "set_name", "sample_id"),
        Index("ix_traces_contributor_sample", "contributor_id", "sample_id"),
        Index("ix_traces_block_sample", "block", "sample_id"),
        Index("ix_traces_pair_sample", "set_name", "answered", "label", "sample_id"),
        _partial("ix_traces_waiting", "looked_at", where="waiting"),
        _partial("ix_traces_wiped", "sample_id", where="wiped"),
    )


class SplitRow(Base):
    """The split of a contributor's drawings of a set: ``train``, ``validation`` or ``test``. Never changed."""

    __tablename__ = "sides"
    set_name: Mapped[str] = mapped_column(ForeignKey("symbol_sets.name"), primary_key=True)
    contributor_id: Mapped[str] = mapped_column(ForeignKey("contributors.id"), primary_key=True)
    split: Mapped[str] = mapped_column(String(16))
    created: Mapped[Created]


class SplitCount(Base):
    """How many contributors of a set have a split. A trigger on ``sides`` counts them (migration 0029)."""

    __tablename__ = "split_counts"
    set_name: Mapped[str] = mapped_column(ForeignKey("symbol_sets.name", ondelete="CASCADE"), primary_key=True)
    split: Mapped[str] = mapped_column(String(16), primary_key=True)
    contributors: Mapped[int]


class GoldAnswer(Base):
    """A contributor's answer to a gold question; ``id`` is the question's id, so a question counts once."""

    __tablename__ = "checks"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    set_name: Mapped[SetName]
    contributor_id: Mapped[ContributorId]
    right: Mapped[bool]
    created: Mapped[Created]
    __table_args__ = (Index("ix_checks_contributor_id", "contributor_id", "id"),)


class OutboxRow(Base):
    """One object of ``size`` bytes to put into the store (``body``), or to delete from the store (``body`` None).

    The rows of one ``subject`` (the key without its ending) are delivered in order of ``id``: a picture before its facts.
    """

    __tablename__ = "outbox"
    id: Mapped[Counted]
    key: Mapped[str] = mapped_column(String(512), index=True)
    subject: Mapped[str] = mapped_column(String(512))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt: Mapped[datetime] = mapped_column(default=now)
    error: Mapped[str] = mapped_column(Text, default="")
    request_id: Mapped[RequestId]
    created: Mapped[Created]
    __table_args__ = (
        Index("ix_outbox_subject_id", "subject", "id"),
        Index("ix_outbox_next_attempt_id", "next_attempt", "id", "size"),  # with the size, a count reads the index alone
        # An id is never reused: otherwise a late worker could delete a newer row than the row that it delivered.
        {"sqlite_autoincrement": True},
    )


class Snapshot(Base):
    """An immutable list of accepted samples: ``id`` is the SHA-256 of their sorted ids, one a line."""

    __tablename__ = "snapshots"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    set_name: Mapped[SetName]
    count: Mapped[int]
    created: Mapped[Created]


class SnapshotSample(Base):
    """A sample in a snapshot. A trigger on ``samples`` notes that it was withdrawn since (migration 0028)."""

    __tablename__ = "snapshot_samples"
    __table_args__ = (_partial("ix_snapshot_samples_withdrawn", "snapshot_id", "sample_id", where="withdrawn"),)
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshots.id"), primary_key=True)
    sample_id: Mapped[str] = mapped_column(ForeignKey("samples.id"), primary_key=True, index=True)
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class Run(Base):
    """One piece of background work. The worker with the newest ``fence`` owns it; an expired lease may be taken over.

    A queued run waits until ``not_before``: ``quiet`` seconds after the last request, but not longer than ``deadline``. The run
    starts from versions that never learned the withdrawn samples of the contributors ``forget``. While it is ``closing``, no
    other run of its set begins. An export has in ``request`` what was asked for.
    """

    __tablename__ = "runs"
    id: Mapped[NewId]
    set_name: Mapped[SetName]
    kind: Mapped[str] = mapped_column(String(16))
    forget: Mapped[list[str]] = mapped_column(default=list)
    request: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(16), default="queued")
    progress: Mapped[float] = mapped_column(default=0.0)
    step: Mapped[Step] = mapped_column(StepText, default=Step("waiting"))
    not_before: Mapped[datetime] = mapped_column(default=now)
    quiet: Mapped[float] = mapped_column(default=0.0)
    deadline: Mapped[datetime] = mapped_column(default=now)
    fence: Mapped[int] = mapped_column(default=0)
    closing: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_id: Mapped[RequestId]
    created: Mapped[Created]
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_runs_set_kind_id", "set_name", "kind", "id"),
        Index("ix_runs_set_id", "set_name", "id"),
        # Every sample asks for the queued and running runs, while the number of ended runs grows without limit.
        Index("ix_runs_state_set", "state", "set_name"),
        Index("ix_runs_state_id", "state", "id"),
        Index("ix_runs_kind_state_id", "kind", "state", "id"),
        # At most one queued run of each kind of training: a burst of corrections is one run, also when two processes request it
        # at once. Of exports and imports several may wait.
        _partial("uq_runs_queued", "set_name", "kind", where="state = 'queued' AND kind IN ('learn', 'train')", unique=True),
    )


class Version(Base):
    """One trained artefact of one learner for one symbol set. Immutable.

    ``labels`` in the order of its outputs; one more output, the last, stands for "not a symbol".
    The files of originals are in ``models/``; other files are in the store at ``versions/<set>/<id>.tflite`` and ``.npz``.
    """

    __tablename__ = "versions"
    id: Mapped[str] = mapped_column(String(48), primary_key=True, default=new_id)
    set_name: Mapped[SetName]
    learner: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("versions.id"))
    snapshot_id: Mapped[str | None] = mapped_column(ForeignKey("snapshots.id"), index=True)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"), index=True)
    original: Mapped[bool] = mapped_column(default=False)
    sha256: Mapped[str] = mapped_column(String(64))
    labels: Mapped[list[str]]
    card: Mapped[dict[str, Any]] = mapped_column(default=dict)
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    gate: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[Created]
    __table_args__ = (
        Index("ix_versions_set_created", "set_name", "created"),
        Index("ix_versions_parent_created", "parent_id", "created"),
        _partial("ix_versions_original", "set_name", "created", where="original"),
    )


class Activation(Base):
    """From now on this version is live for its learner and set. Append-only: the newest row of a set and learner is valid."""

    __tablename__ = "activations"
    id: Mapped[Counted]
    set_name: Mapped[SetName]
    learner: Mapped[str] = mapped_column(String(16))
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"))
    by: Mapped[str] = mapped_column(String(64))
    created: Mapped[Created]
    __table_args__ = (
        Index("ix_activations_set_learner_id", "set_name", "learner", "id"),
        Index("ix_activations_version_id", "version_id"),
        {"sqlite_autoincrement": True},
    )


class Webhook(Base):
    """A receiver that is told about ``events``. ``error`` is what the last try met, "" if it went well."""

    __tablename__ = "webhooks"
    id: Mapped[NewId]
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]]
    secret: Mapped[str] = mapped_column(String(64))
    tried: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    failing_since: Mapped[datetime | None]
    created: Mapped[Created]


class WebhookDelivery(Base):
    """An event that waits to be delivered to a webhook; ``body`` is what will be sent."""

    __tablename__ = "webhook_deliveries"
    id: Mapped[NewId]
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id"), index=True)
    event: Mapped[str] = mapped_column(String(32))
    set_name: Mapped[str] = mapped_column(String(32), default="")
    body: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt: Mapped[datetime] = mapped_column(index=True)
    created: Mapped[Created]


class Report(Base):
    """Somebody says that a sample does not belong into the dataset; ``reporter`` is a keyed hash of an address block."""

    __tablename__ = "reports"
    sample_id: Mapped[str] = mapped_column(ForeignKey("samples.id"), primary_key=True)
    reporter: Mapped[str] = mapped_column(Id, primary_key=True)
    set_name: Mapped[str] = mapped_column(ForeignKey("symbol_sets.name"), index=True)
    created: Mapped[Created]
