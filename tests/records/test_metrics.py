from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.monitoring import LabelledAnswer, ModelAnswer, Outcome, confusion, labelled_answer, version_scores
from functions.records import metrics
from functions.records.database import Database
from functions.records.metrics import CORRECTIONS, CorrectionsCache, activations, learned_counts
from functions.records.tables import Prediction, Sample, Version, new_id
from tests.support.factories import add_sample, seeded, sqlite
from tests.support.labelled_answers import NOON


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


def correction(
    session: Session,
    label: str | None,
    answered: str | None,
    status: str = "accepted",
    reason: str = "agreed",
    **more: Any,
) -> Sample:
    """Add a correction of an answer that only the learned CNN gave."""
    sample = add_sample(session, label, status)
    sample.reason = reason
    opinion = {"learner": "cnn", "role": "learned", "version": "digits-cnn-1", "top": [{"label": answered or "7", "p": 0.9}]}
    prediction = Prediction(
        id=new_id(),
        set_name="digits",
        drawing_id=sample.drawing_id,
        contributor_id=sample.contributor_id,
        answer={"status": "sure", "label": answered, "p": 0.9},
        opinions={"models": [{**opinion, "reject": 0.0 if answered else 0.9, **more}]},
    )
    session.add(prediction)
    session.flush()
    sample.prediction_id = prediction.id
    session.flush()
    return sample


def newest(session: Session, set_name: str = "digits", **which: int) -> Sequence[LabelledAnswer]:
    return CorrectionsCache().newest(session, set_name, **which).labelled


def version(session: Session, version_id: str, **card: Any) -> None:
    session.add(Version(id=version_id, set_name="digits", learner="cnn", sha256="0" * 64, labels=["0"], card=card))
    session.flush()


def test_only_accepted_corrections_judge_answers_oldest_first(house: Database) -> None:
    with house.writing() as session:
        correction(session, "7", "7").created = NOON
        correction(session, "9", "4", "pending")
        add_sample(session, "3", source="contribution")
        correction(session, None, "4").created = NOON + timedelta(days=1)
    with house.reading() as session:
        some = newest(session)
        assert [(one.at, one.true, one.answered) for one in some] == [
            (NOON, "7", "7"),
            (NOON + timedelta(days=1), None, "4"),
        ]
        assert some[0].by_model == {("cnn", "learned"): ModelAnswer("digits-cnn-1", "7")}
        assert confusion(some) == {("7", "7"): 1, (None, "4"): 1}
        assert [one.true for one in newest(session, latest=1)] == [None]
        assert [one.true for one in newest(session, latest=2)] == [None], "one that waits judges nothing"
        assert newest(session, "letters") == []


def test_the_latest_corrections_are_counted_by_what_became_of_them(house: Database) -> None:
    with house.writing() as session:
        correction(session, "1", "7", "rejected", "owner")
        for reason in ("agreed", "agreed", "owner"):
            correction(session, "7", "7", reason=reason)
        correction(session, "9", "4", "pending", "many_in_round")
        correction(session, "9", "4", "withdrawn", "corrected_again")
        add_sample(session, "3", source="contribution")
    with house.reading() as session:
        found = CorrectionsCache().newest(session, "digits", latest=5).outcomes
    assert found.count == 5
    assert found.by_status == {"accepted": 3, "pending": 1, "withdrawn": 1}
    assert set(found.reasons) == {
        Outcome("accepted", "agreed", 2),
        Outcome("accepted", "owner", 1),
        Outcome("pending", "many_in_round", 1),
        Outcome("withdrawn", "corrected_again", 1),
    }


def test_activations_come_newest_first_and_never_too_many(house: Database) -> None:
    with house.writing() as session:
        version(session, "later")
        for chosen in ("later", "digits-cnn-1", "later"):
            registry.activate(session, chosen, "owner")
    with house.reading() as session:
        assert [row.version_id for row in activations(session, "digits")][:4] == [
            "later",
            "digits-cnn-1",
            "later",
            "digits-cnn-1",
        ]
        assert [row.version_id for row in activations(session, "digits", latest=1)] == ["later", "digits-fnn-1"]
        assert activations(session, "letters") == []


def test_a_version_tells_how_many_samples_its_line_has_learned(house: Database) -> None:
    with house.writing() as session:
        version(session, "counted", taught=12, samples=2)
        version(session, "old", samples=2)
    with house.reading() as session:
        asked = ["digits-cnn-1", "counted", "old", "unknown"]
        assert learned_counts(session, asked) == {"digits-cnn-1": 0, "counted": 12}
        assert learned_counts(session, []) == {}


def test_an_answer_is_unpacked_once_and_left_out_when_it_is_taken_back(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[str | None] = []
    answers = CorrectionsCache()
    monkeypatch.setattr(metrics, "labelled_answer", lambda *row: unpacked.append(row[1]) or labelled_answer(*row))
    with house.writing() as session:
        taken_back = correction(session, "7", "7")
        correction(session, "4", "9")
    for _ in range(2):
        with house.reading() as session:
            assert [one.true for one in answers.newest(session, "digits").labelled] == ["7", "4"]
    assert unpacked == ["7", "4"]
    with house.writing() as session:
        session.get_one(Sample, taken_back.id).status = "withdrawn"
        correction(session, "3", "3")
    with house.reading() as session:
        assert [one.true for one in answers.newest(session, "digits").labelled] == ["4", "3"]
    assert unpacked == ["7", "4", "3"]


def test_the_newest_corrections_are_found_without_walking_over_other_samples(tmp_path: Path) -> None:
    house = sqlite(tmp_path)
    with house.writing() as session:
        correction(session, "7", "7")
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(house.engine, "before_cursor_execute", note)
    with house.reading() as session:
        CorrectionsCache().newest(session, "digits")
    event.remove(house.engine, "before_cursor_execute", note)
    questions = [one for one in asked if one[0].lstrip().startswith("SELECT")]
    with house.engine.connect() as connection:
        plans = [[row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)] for said, given in questions]
    corrections = "COVERING INDEX ix_samples_corrections (set_name=?)"
    ways = (corrections, "INDEX sqlite_autoindex_samples_1 (id=?)")
    assert len(plans) == len(ways)
    for plan, way in zip(plans, ways, strict=True):
        assert f"SEARCH samples USING {way}" in [step.strip() for step in plan], plan
        assert not any("SCAN samples" in step or "SCAN predictions" in step for step in plan), plan


def from_rows(session: Session, latest: int) -> tuple[list[LabelledAnswer], Counter[tuple[str, str]]]:
    """Count the latest corrections from their rows alone."""
    rows = session.execute(
        select(Sample.status, Sample.reason, Sample.created, Sample.label, Prediction.answer, Prediction.opinions)
        .join(Prediction, Prediction.id == Sample.prediction_id)
        .order_by(Sample.id.desc())
        .limit(latest)
    ).all()
    labelled = [labelled_answer(*row) for status, _, *row in reversed(rows) if status == "accepted"]
    return labelled, Counter((status, reason) for status, reason, *_ in rows)


STEPS = st.one_of(
    st.tuples(st.just("admit"), st.sampled_from(["7", "4", None]), st.sampled_from(["accepted", "pending"])),
    st.tuples(st.just("decide"), st.integers(0, 5), st.sampled_from(["accepted", "rejected", "withdrawn"])),
    st.tuples(st.just("correct again"), st.integers(0, 5), st.sampled_from(["accepted", "pending"])),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(st.lists(STEPS, max_size=8))
def test_kept_figures_are_those_of_the_rows_whatever_becomes_of_them(house: Database, steps: list[tuple[Any, ...]]) -> None:
    cache, latest = CorrectionsCache(), 4
    for what, which, status in steps:
        with house.writing() as session:
            rows = session.scalars(select(Sample).where(CORRECTIONS).order_by(Sample.id.desc()).limit(6)).all()
            old = rows[which % len(rows)] if what != "admit" and rows else None
            if old is not None:
                old.status, old.reason = ("withdrawn", "corrected_again") if what == "correct again" else (status, "owner")
            if old is None or what == "correct again":
                correction(session, which if what == "admit" else "9", "7", status)
        with house.reading() as session:
            kept = cache.newest(session, "digits", latest)
            labelled, reasons = from_rows(session, latest)
        assert kept.labelled == labelled
        assert kept.scores == version_scores(labelled)
        assert {(one.status, one.reason): one.count for one in kept.outcomes.reasons} == reasons
        assert (kept.outcomes.count, sum(kept.outcomes.by_status.values())) == (reasons.total(), reasons.total())
