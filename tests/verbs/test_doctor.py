from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from functions import jobs
from functions.jobs.leases import LEASE
from functions.records import outbox
from functions.records.database import Database, open_database
from functions.records.tables import OutboxRow, Run, Version, now
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.doctor import Finding, examine
from tests.support.evidence_factory import ANN
from tests.support.factories import seeded
from tests.support.sample_drawings import drawing

pytestmark = pytest.mark.above_sql


@pytest.fixture
def artefacts(database: Database, tmp_path: Path) -> Artefacts:
    seeded(database, tmp_path / "models")
    made = Artefacts(FolderStore(tmp_path / "objects"), tmp_path / "models")
    contribute(database, "review", Contribution("digits", "7", drawing(), ANN))
    while outbox.drain(database, made.store):
        pass
    return made


def found(database: Database, artefacts: Artefacts, *, everything: bool = True) -> list[Finding]:
    return [one for one in examine(database, artefacts, everything=everything) if one.ill]


def test_a_healthy_platform_needs_nothing(database: Database, artefacts: Artefacts) -> None:
    assert found(database, artefacts) == []
    assert found(database, artefacts, everything=False) == []
    drawings = next(one for one in examine(database, artefacts, everything=True) if one.part == "drawings")
    assert drawings.said == "1 drawings (all) were compared; 0 of their objects are missing or different."


@pytest.mark.parametrize(("seconds", "ill"), [(60, True), (-60, True), (2, False)])
def test_a_machine_whose_clock_is_not_the_databases_is_told(
    postgres_url: str, artefacts: Artefacts, monkeypatch: pytest.MonkeyPatch, seconds: int, ill: bool
) -> None:
    monkeypatch.setattr("functions.verbs.doctor.now", lambda: now() + timedelta(seconds=seconds))
    elsewhere = open_database(postgres_url)
    clock = next(examine(elsewhere, artefacts))
    elsewhere.engine.dispose()
    assert (clock.part, clock.ill) == ("clock", ill)
    differs = re.match(r"The database's clock differs by ([-+.\d]+) s\.", clock.said)
    assert differs is not None and float(differs[1]) == pytest.approx(-seconds, abs=1)
    assert ("NTP" in clock.said) == ill


def test_a_worker_whose_clock_is_ahead_is_told(database: Database, artefacts: Artefacts) -> None:
    with database.writing() as session:
        jobs.request(session, "digits", jobs.QUICK)
        session.execute(update(Run).values(state="running", lease_until=now() + LEASE))  # as a heartbeat does
    assert found(database, artefacts) == []
    with database.writing() as session:
        session.execute(update(Run).values(lease_until=now() + LEASE + timedelta(minutes=2)))
    (ill,) = found(database, artefacts)
    assert ill.part == "clock" and re.search(r"A worker's clock is ahead of the database's by 1[12]\d s or more\.", ill.said)


def test_drawings_that_wait_are_told_with_what_the_store_said(database: Database, artefacts: Artefacts) -> None:
    contribute(database, "review", Contribution("digits", "1", drawing(), ANN))
    assert found(database, artefacts) == []  # for seconds, that is normal
    with database.writing() as session:
        session.execute(update(OutboxRow).values(created=now() - timedelta(minutes=5), error="See S3_BUCKET."))
    (ill,) = found(database, artefacts)
    assert ill.part == "outbox"
    assert "the oldest since 5 min. See S3_BUCKET." in ill.said


def test_runs_that_nobody_does_are_told(database: Database, artefacts: Artefacts) -> None:
    with database.writing() as session:
        jobs.request(session, "digits", jobs.QUICK)
    assert found(database, artefacts) == []
    with database.writing() as session:
        session.execute(update(Run).values(not_before=now() - timedelta(minutes=10)))
    (ill,) = found(database, artefacts)
    assert (ill.part, "10 min" in ill.said) == ("runs", True)
    with database.writing() as session:
        session.execute(update(Run).values(state="running", lease_until=now() - timedelta(minutes=3)))
    (ill,) = found(database, artefacts)
    assert "1 running runs have no worker" in ill.said


def test_a_version_that_cannot_be_loaded_is_told(database: Database, artefacts: Artefacts, tmp_path: Path) -> None:
    with database.writing() as session:
        session.execute(update(Version).where(Version.id == "digits-cnn-1").values(sha256="0" * 64))
    ill = found(database, artefacts)
    assert [one.said for one in ill if one.part == "versions"] == [
        "digits-cnn-1 is live and cannot be loaded: The tflite file of version digits-cnn-1 is not the one that was recorded."
    ]


def test_rows_without_objects_and_objects_without_rows_are_told(database: Database, artefacts: Artefacts) -> None:
    picture = next(key for key in artefacts.store.keys("samples/") if key.endswith(".png"))
    artefacts.store.delete(picture)
    artefacts.store.put("drawings/digits/none.png", b"x", "image/png")
    ill = {one.part: one.said for one in found(database, artefacts)}
    assert set(ill) == {"drawings", "objects"}
    assert picture in ill["drawings"] and "audit" in ill["drawings"]
    assert "drawings/digits/none.png" in ill["objects"]
    # What the earlier look finds, the daily audit repairs; a quick look leaves the objects of drawings out.
    assert {one.part for one in found(database, artefacts, everything=False)} == {"drawings"}
