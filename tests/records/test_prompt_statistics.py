from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.prompts import LabelStatistics
from functions.domain.symbols import SymbolSet
from functions.records.database import Database
from functions.records.prompt_statistics import ENOUGH_DRAWINGS, label_statistics
from functions.records.runs import active_run, unfinished_runs
from functions.records.tables import Sample, now
from tests.support.evidence_factory import ANN, BOB, CAT, with_evidence
from tests.support.factories import seeded, sqlite

DIGITS = SymbolSet("digits", tuple("0123456789"), (("4", "9"),))


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


def gave(session: Session, label: str | None, contributor: str = ANN, answered: str | None = "4", **changes: object) -> Sample:
    """Let a contributor give a drawing about which the networks answered."""
    return with_evidence(session, label=label, contributor=contributor, answered=answered, **{"belief": 0.9, **changes})


def standing(house: Database, label: str, contributor: str | None = None) -> LabelStatistics:
    with house.reading() as session:
        return next(one for one in label_statistics(session, DIGITS, contributor) if one.label == label)


def test_of_an_empty_set_nothing_is_known(house: Database) -> None:
    with house.reading() as session:
        assert label_statistics(session, DIGITS, ANN) == [LabelStatistics(label) for label in DIGITS.labels]


def test_a_label_that_the_networks_miss_is_doubted_and_it_is_told_what_they_saw(house: Database) -> None:
    with house.writing() as session:
        gave(session, "7", answered="7", belief=0.8)
        gave(session, "7", answered="1", belief=0.4)
        gave(session, "7", answered="1", belief=0.0)
        gave(session, "7", answered=None, belief=0.0)
        gave(session, "7", answered="2", status="pending")
        gave(session, None, answered="3")
    seven = standing(house, "7")
    assert (seven.accepted, seven.seen, seven.taken_for) == (4, 4, "1")
    assert seven.doubt == pytest.approx((0.2 + 1 + 1 + 1) / 4)
    assert standing(house, "3") == LabelStatistics("3")


def test_a_look_alike_is_no_mistake_and_what_no_network_knows_is_doubted(house: Database) -> None:
    with house.writing() as session:
        gave(session, "9", answered="4", belief=0.5)
        gave(session, "8", answered="8", belief=None)
    assert standing(house, "9").doubt == pytest.approx(0.5)
    assert standing(house, "9").taken_for is None
    assert standing(house, "8").doubt == 1


def test_other_hands_are_counted_and_ones_own_drawings_apart_from_them(house: Database) -> None:
    with house.writing() as session:
        for contributor in (ANN, ANN, BOB, CAT):
            gave(session, "7", contributor)
        gave(session, "7", ANN, status="withdrawn")
        gave(session, "4", ANN, status="pending")
    assert (standing(house, "7", ANN).people, standing(house, "7", ANN).own) == (2, 2)
    assert (standing(house, "7").people, standing(house, "7").own) == (3, 0)
    assert (standing(house, "4", ANN).own, standing(house, "4", ANN).accepted) == (1, 0)


def test_older_samples_are_taken_for_other_peoples_until_the_newest_are_enough(house: Database) -> None:
    with house.writing() as session:
        for _ in range(3):
            gave(session, "7", at=now() - timedelta(days=2))
        for _ in range(4):
            gave(session, "4")
    with house.reading() as session:
        seen = {one.label: one.people for one in label_statistics(session, DIGITS, BOB, newest=5)}
    assert (seen["7"], seen["4"]) == (1 + 2, 1)
    with house.writing() as session:
        for _ in range(ENOUGH_DRAWINGS):
            gave(session, "7")
    with house.reading() as session:
        seen = {one.label: one.people for one in label_statistics(session, DIGITS, BOB, newest=ENOUGH_DRAWINGS)}
    assert (seen["7"], seen["4"]) == (1, 4)


def test_no_question_that_comes_with_every_request_walks_over_all_rows(tmp_path: Path) -> None:
    house = sqlite(tmp_path)
    with house.writing() as session:
        gave(session, "7")
        jobs.request(session, "digits", "learn")
    asked: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        asked.append((statement, parameters))

    event.listen(house.engine, "before_cursor_execute", note)
    with house.writing() as session:
        label_statistics(session, DIGITS, ANN)
        registry.live(session, "digits")
        registry.original(session, "digits")
        active_run(session, "digits")
        unfinished_runs(session, ["digits"])
        jobs.request(session, "digits", "learn")
        jobs.next_due(session)
    jobs.lease(house)
    event.remove(house.engine, "before_cursor_execute", note)
    questions = {statement: given for statement, given in asked if statement.lstrip().startswith("SELECT")}
    assert len(questions) >= 11
    with house.engine.connect() as connection:
        for statement, given in questions.items():
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
            # What an inner question has cut to its limit may be walked over; what a set has of runs and versions may not.
            whole = [step for step in plan if step.startswith("SCAN ") and "anon" not in step and "CONSTANT" not in step]
            ends = ("ix_runs_set_id (set_name=?)", "ix_versions_set_created (set_name=?)")
            of_set = [step for step in plan if step.endswith(ends)]
            assert whole == of_set == [], (statement, plan)
