from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from functions.records.database import Database, open_database
from functions.records.evidence_log import KEEP_EVIDENCE
from functions.records.migrate import migrate
from functions.records.tables import EvidenceRow, GoldAnswer, OutboxRow, Run, Sample, new_id, now
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs.moderate import moderate
from functions.verbs.recheck import RECHECK_AFTER, recheck
from functions.worker.loops import WorkerLoops
from tests.support.evidence_factory import ANN, BOB, CAT, FAR, LIBRARY, OFFICE, looked_at, with_evidence
from tests.support.factories import seeded

pytestmark = pytest.mark.above_sql

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


def waiting(house: Database, **changes: object) -> str:
    """Add a sample that waits and was not looked at for a while."""
    with house.writing() as session:
        sample = with_evidence(session, "pending", **changes).id
        looked_at(session, sample, now() - LONG_AGO)
    return sample


def given(house: Database, **changes: object) -> None:
    with house.writing() as session:
        with_evidence(session, **changes)


def told(house: Database, sample: str) -> tuple[str, str]:
    with house.reading() as session:
        row = session.get_one(Sample, sample)
        return row.status, row.reason


def runs(house: Database) -> int:
    with house.reading() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def test_a_look_alike_from_another_place_with_the_same_label_lets_it_in_and_asks_for_a_run(house: Database) -> None:
    sample = waiting(house, belief=0.0001)
    given(house, contributor=BOB, block=OFFICE, look=0xF)
    assert recheck(house, "review") == 1
    status, reason = told(house, sample)
    assert status == "accepted"
    assert reason == "confirmed"
    assert runs(house) == 1
    with house.reading() as session:
        facts = session.scalars(select(OutboxRow.body).where(OutboxRow.key.like(f"%{sample}.json"))).all()
    assert json.loads(facts[-1])["sample"]["status"] == "accepted"


def test_a_sample_that_the_owner_decides_about_just_now_is_not_waited_for(postgres_url: str, tmp_path: Path) -> None:
    database = open_database(postgres_url)
    migrate(database)
    house = seeded(database, tmp_path / "models")
    sample = waiting(house, belief=0.0001)
    given(house, contributor=BOB, block=OFFICE, look=0xF)
    with house.writing() as session:
        session.get_one(Sample, sample, with_for_update=True)
        assert recheck(house, "review") == 0
    assert recheck(house, "review") == 1
    database.engine.dispose()


def test_three_places_that_correct_alike_let_each_other_in(house: Database) -> None:
    samples = [
        waiting(house, contributor=who, block=where, look=look)
        for who, where, look in ((ANN, "1" * 32, 0), (BOB, OFFICE, FAR), (CAT, LIBRARY, FAR << 32))
    ]
    assert recheck(house, "review") == 3
    assert {told(house, sample)[0] for sample in samples} == {"accepted"}
    assert runs(house) == 1


def test_far_fetched_ones_wait_however_many_say_so(house: Database) -> None:
    samples = [
        waiting(house, contributor=f"{number:032x}", block=f"{number:032x}", look=number * 0x1111111111, belief=0.0001)
        for number in range(1, 6)
    ]
    assert recheck(house, "review") == 0
    assert {told(house, sample)[0] for sample in samples} == {"pending"}


@pytest.mark.parametrize(("right", "status"), [(True, "accepted"), (False, "quarantined")])
def test_known_drawings_decide_about_what_waits(house: Database, right: bool, status: str) -> None:
    sample = waiting(house)
    with house.writing() as session:
        session.add_all(GoldAnswer(id=new_id(), set_name="digits", contributor_id=ANN, right=right) for _ in range(5))
    assert recheck(house, "review") == 1
    assert told(house, sample)[0] == status
    assert runs(house) == int(right)


def test_what_was_just_looked_at_is_left_alone_until_later(house: Database) -> None:
    sample = waiting(house)
    assert recheck(house, "review") == 0
    given(house, contributor=BOB, block=OFFICE)
    assert recheck(house, "review") == 0
    with house.writing() as session:
        looked_at(session, sample, now() - RECHECK_AFTER)
    assert recheck(house, "review") == 1


@pytest.mark.parametrize("mode", ["open", "moderated"])
def test_in_the_other_modes_nothing_is_judged_again(house: Database, mode: str) -> None:
    sample = waiting(house)
    given(house, contributor=BOB, block=OFFICE)
    assert recheck(house, mode) == 0
    assert told(house, sample)[0] == "pending"


def test_the_owners_word_stands(house: Database) -> None:
    sample = waiting(house)
    given(house, contributor=BOB, block=OFFICE)
    moderate(house, sample, accept=False)
    assert recheck(house, "review") == 0
    assert told(house, sample)[0] == "rejected"
    with house.reading() as session:
        assert not session.get_one(EvidenceRow, sample).waiting


def test_old_traces_go_in_every_mode_and_their_samples_wait_on_for_the_owner(house: Database) -> None:
    sample = waiting(house, at=now() - KEEP_EVIDENCE - LONG_AGO)
    recheck(house, "moderated")
    assert told(house, sample)[0] == "pending"
    with house.reading() as session:
        assert session.get(EvidenceRow, sample) is None


def test_a_worker_looks_again_by_itself(house: Database, tmp_path: Path) -> None:
    sample = waiting(house)
    given(house, contributor=BOB, block=OFFICE)
    working = WorkerLoops(house, Artefacts(FolderStore(tmp_path / "objects"), tmp_path / "models"))
    working.start(None)
    deadline = time.monotonic() + 60
    while told(house, sample)[0] == "pending" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert working.stop()
    assert told(house, sample)[0] == "accepted"
