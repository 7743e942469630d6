from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.trust import DailyCounts, Evidence, GoldRecord, NearDuplicates, PairCounts, RoundCounts
from functions.records.database import Database
from functions.records.evidence import gather
from functions.records.evidence_log import KEEP_EVIDENCE, delete_old_evidence, has_old_evidence, longest_unseen, wipe_evidence
from functions.records.tables import EvidenceRow, GoldAnswer, Sample, new_id, now
from tests.support.evidence_factory import ANN, BOB, CAT, FAR, HOME, LIBRARY, NINE, OFFICE, with_evidence
from tests.support.factories import seeded, sqlite

MINUTES_AGO = timedelta(minutes=5)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


def begin_round(house: Database) -> None:
    """Let the owner make another version live, as a learn run does."""
    with house.writing() as session:
        live = registry.live(session, "digits")["cnn"]
        other = {name: getattr(live, name) for name in ("set_name", "learner", "sha256", "labels", "card")}
        session.add(type(live)(id=new_id(), **other))
        session.flush()
        newest = session.scalars(select(type(live)).order_by(type(live).created.desc())).first()
        registry.activate(session, newest.id, "test")


def gathered(house: Database, but: str = "", **changes: object) -> Evidence:
    with house.reading() as session:
        return gather(session, replace(NINE, **changes), but=but)


def test_about_nothing_collected_there_is_nothing_to_say(house: Database) -> None:
    evidence = gathered(house)
    assert (evidence.contributor, evidence.block, evidence.pair, evidence.near) == (
        DailyCounts(),
        DailyCounts(),
        PairCounts(),
        NearDuplicates(),
    )
    assert (evidence.round, evidence.record, evidence.accepted_this_hour, evidence.block_this_hour) == (
        RoundCounts(),
        GoldRecord(),
        0,
        0,
    )
    assert evidence.surprising


def test_what_a_hand_and_a_place_gave_today_is_counted(house: Database) -> None:
    with house.writing() as session:
        with_evidence(session)
        with_evidence(session, "pending")
        with_evidence(session, surprising=False, label="4", belief=0.9)
        with_evidence(session, "withdrawn")
        with_evidence(session, contributor=BOB)
        with_evidence(session, contributor=BOB, block=OFFICE)
        with_evidence(session, at=now() - timedelta(days=2))
    evidence = gathered(house)
    assert evidence.contributor == DailyCounts(3, 2, 1)
    assert evidence.block == DailyCounts(4, 3, 2)
    assert evidence.accepted_this_hour == 2
    assert evidence.block_this_hour == 5


def test_what_waited_belongs_to_the_round_that_lets_it_in(house: Database) -> None:
    with house.writing() as session:
        waited = with_evidence(session, contributor=BOB, block=OFFICE).id
    begin_round(house)
    assert (gathered(house).pair.accepted_surprising, gathered(house).round) == (0, RoundCounts())
    with house.writing() as session:
        session.get_one(EvidenceRow, waited).looked_at = now()
    assert (gathered(house).pair.accepted_surprising, gathered(house).round) == (
        1,
        RoundCounts(accepted=1, accepted_surprising=1),
    )


def test_the_pair_is_counted_by_round_day_and_place(house: Database) -> None:
    with house.writing() as session:
        with_evidence(session, at=now() - MINUTES_AGO)
        with_evidence(session, contributor=BOB, block=OFFICE, at=now() - MINUTES_AGO)
        with_evidence(session, at=now() - timedelta(days=2))
    begin_round(house)
    with house.writing() as session:
        later = now() + timedelta(seconds=1)
        with_evidence(session, at=later)
        with_evidence(session, surprising=False, belief=0.3, at=later)
        with_evidence(session, "quarantined", at=later)
        with_evidence(session, answered="7", at=later)
        with_evidence(session, label="4", at=later)
    assert gathered(house).pair == PairCounts(accepted_surprising=1, accepted_surprising_today=3, from_block=2, agreeing_blocks=1)
    assert gathered(house).round == RoundCounts(accepted=4, accepted_surprising=3)


def test_voices_are_other_people_at_other_places_whose_word_is_conceivable(house: Database) -> None:
    with house.writing() as session:
        with_evidence(session, "pending", contributor=BOB, block=OFFICE)
        with_evidence(session, "pending", contributor=CAT, block=OFFICE)
        with_evidence(session, contributor=CAT, block=LIBRARY)
        with_evidence(session, contributor=ANN, block="4" * 32)  # herself elsewhere
        with_evidence(session, contributor=BOB, block=HOME)
        with_evidence(session, contributor=BOB, block=None)
        with_evidence(session, "rejected", contributor=BOB, block="5" * 32)
        with_evidence(session, contributor=BOB, block="6" * 32, belief=0.0001)
    assert gathered(house).pair.agreeing_blocks == 2
    assert gathered(house, block=None).pair.agreeing_blocks == 0


def test_near_duplicates_are_told_apart_by_place_and_label(house: Database) -> None:
    with house.writing() as session:
        with_evidence(session, look=0b11)  # the same picture again
        with_evidence(session, look=0b111)  # alike, and not the same
        with_evidence(session, look=FAR)
        with_evidence(session, contributor=BOB, look=0b1)  # from the same place
        with_evidence(session, "pending", contributor=BOB, block=OFFICE, look=0xFF)
        with_evidence(session, contributor=CAT, block=LIBRARY, look=0x1FF)
        with_evidence(session, contributor=CAT, block=LIBRARY, label="4", look=0xF)
        with_evidence(session, "pending", contributor=BOB, block=OFFICE, label="4", look=0xF)
        with_evidence(session, contributor=BOB, block=OFFICE, label="g", look=0xF)
    evidence = gathered(house, like=frozenset({"9", "g"}))
    assert evidence.near == NearDuplicates(repeats=2, agree=1, differ=1)


def test_not_a_symbol_is_a_pair_like_any_other(house: Database) -> None:
    with house.writing() as session:
        with_evidence(session, label=None, belief=0.01)
        with_evidence(session, label=None, answered=None, surprising=False)
    assert gathered(house, label=None, belief=0.01).pair.accepted_surprising == 1
    assert gathered(house, answered=None).pair.accepted_surprising == 0


def test_a_sample_does_not_speak_for_itself(house: Database) -> None:
    with house.writing() as session:
        own = with_evidence(session, "pending").id
    evidence = gathered(house, but=own)
    assert (evidence.contributor, evidence.near, evidence.pair) == (DailyCounts(), NearDuplicates(), PairCounts())


def test_only_the_latest_answers_about_known_drawings_count(house: Database) -> None:
    with house.writing() as session:
        with_evidence(session)
        ids = sorted(new_id() for _ in range(60))
        session.add_all(GoldAnswer(id=one, set_name="digits", contributor_id=ANN, right=n >= 20) for n, one in enumerate(ids))
    assert gathered(house, contributor=ANN).record == GoldRecord(right=40, wrong=10)
    assert gathered(house, contributor=BOB).record == GoldRecord()


def test_no_question_reads_a_whole_table(tmp_path: Path) -> None:
    """Every plan must use an index: what was collected must not slow a correction down."""
    house = sqlite(tmp_path)
    with house.writing() as session:
        with_evidence(session)
    asked: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        asked.append((statement, parameters))

    event.listen(house.engine, "before_cursor_execute", note)
    gathered(house)
    with house.reading() as session:
        longest_unseen(session, now(), 5)
        has_old_evidence(session)
    event.remove(house.engine, "before_cursor_execute", note)
    questions = [(statement, given) for statement, given in asked if statement.lstrip().startswith("SELECT")]
    assert len(questions) >= 6
    with house.engine.connect() as connection:
        for statement, given in questions:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
            # A walk over what an inner question has cut to its limit, or along an index until that, is no whole table.
            whole = [step for step in plan if step.startswith("SCAN ") and "USING" not in step and "anon" not in step]
            assert whole == [], (statement, plan)


def test_traces_are_forgotten_after_two_weeks(house: Database) -> None:
    with house.writing() as session:
        old = with_evidence(session, at=now() - KEEP_EVIDENCE - MINUTES_AGO).id
        kept = with_evidence(session, at=now() - KEEP_EVIDENCE + MINUTES_AGO).id
    with house.writing() as session:
        assert has_old_evidence(session)
        assert delete_old_evidence(session) == 1
        assert not has_old_evidence(session)
        assert session.get(EvidenceRow, old) is None
        assert session.scalars(select(EvidenceRow.sample_id)).all() == [kept]


def take_back(session: Session, *samples: Sample) -> None:
    for sample in samples:
        sample.status = "withdrawn"
    session.flush()
    wipe_evidence(session, *(sample.id for sample in samples))


def test_what_is_taken_back_tells_nothing_of_the_picture_and_is_forgotten_after_a_day(house: Database) -> None:
    with house.writing() as session:
        today, earlier = (
            with_evidence(session, "pending", look=5),
            with_evidence(session, at=now() - timedelta(days=1) - MINUTES_AGO),
        )
        take_back(session, today, earlier)
        session.expire_all()
        trace = session.scalars(select(EvidenceRow)).one()
        assert (trace.sample_id, trace.look, trace.belief, trace.waiting) == (today.id, 0, None, False)
        assert not has_old_evidence(session)
    with house.writing() as session:
        yesterdays = with_evidence(session, "withdrawn", at=now() - timedelta(days=1) - MINUTES_AGO)
        session.get_one(EvidenceRow, yesterdays.id).wiped = True
    with house.writing() as session:
        assert has_old_evidence(session)
        assert delete_old_evidence(session) == 1
        assert not has_old_evidence(session)


def test_taking_back_makes_no_room_for_more(house: Database) -> None:
    with house.writing() as session:
        run = jobs.request(session, "digits", "learn")
        learned, waited, fitted = (
            with_evidence(session),
            with_evidence(session, "pending"),
            with_evidence(session, surprising=False, belief=0.9),
        )
        learned.offered_to = fitted.offered_to = run
        with_evidence(session, contributor=BOB, block=OFFICE)
    before = gathered(house)
    assert (before.contributor, before.pair.accepted_surprising_today, before.accepted_this_hour) == (DailyCounts(3, 2, 1), 2, 2)
    with house.writing() as session:
        take_back(session, *(session.get_one(Sample, one.id) for one in (learned, waited, fitted)))
    after = gathered(house)
    assert after.contributor == after.block == DailyCounts(2, 2, 1), (
        "what fitted speaks for its author no more, what surprised does"
    )
    assert after.pair == before.pair
    assert (after.accepted_this_hour, after.block_this_hour) == (2, 3)
    assert after.near == NearDuplicates(agree=1), "nobody is compared with what was taken back"


def test_what_was_taken_back_before_any_run_looked_at_it_uses_up_nothing(house: Database) -> None:
    with house.writing() as session:
        take_back(session, with_evidence(session))
    evidence = gathered(house)
    assert (evidence.contributor, evidence.pair, evidence.accepted_this_hour) == (DailyCounts(1, 1, 0), PairCounts(), 0)
