from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from functions.records.database import Database
from functions.records.figures import figures
from functions.records.outbox import Object, send
from functions.records.tables import OutboxRow, Run, Version, now
from tests.support.factories import add_sample, seeded


def test_everything_is_counted(database: Database, tmp_path: Path) -> None:
    seeded(database, tmp_path / "models")
    with database.writing() as session:
        for status in ("accepted", "accepted", "pending", "withdrawn"):
            add_sample(session, status=status)
        send(session, Object("samples/digits/7/1.png", b"12345", "image/png"))
        session.execute(update(OutboxRow).values(created=now() - timedelta(seconds=90)))
        for seconds in (3, 1):
            session.add(
                Run(set_name="digits", kind="learn", state="done", started=now(), finished=now() + timedelta(seconds=seconds))
            )
        session.add(Run(set_name="digits", kind="train", state="queued"))
        why = [{"kind": "worse"}, {"kind": "rejects"}]
        session.add(Version(set_name="digits", learner="cnn", sha256="0", labels=[], gate={"accepted": False, "why": why}))
        session.add(
            Version(
                set_name="digits", learner="cnn", sha256="0", labels=[], gate={"accepted": True, "why": [{"kind": "not_worse"}]}
            )
        )
        session.add(Version(set_name="digits", learner="fnn", sha256="0", labels=[], gate={}))
    with database.reading() as session:
        found = figures(session)
    assert found.samples == {("digits", "accepted"): 2, ("digits", "pending"): 1, ("digits", "withdrawn"): 1}
    assert found.outbox.bytes >= 5 and found.outbox_age >= 90
    assert found.runs == {("learn", "done"): 2, ("train", "queued"): 1}
    assert [round(seconds) for seconds in found.run_seconds["learn"]] == [1, 3]
    assert found.decisions == {
        ("digits", "cnn", "refused", "worse"): 1,
        ("digits", "cnn", "refused", "rejects"): 1,
        ("digits", "cnn", "accepted", "not_worse"): 1,
        ("digits", "fnn", "refused", "unknown"): 1,
    }


def test_an_empty_platform_has_figures_too(database: Database) -> None:
    with database.reading() as session:
        found = figures(session)
    assert (found.outbox.rows, found.outbox_age, found.samples, found.run_seconds) == (0, 0.0, {}, {})
