from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from functions.records.database import Database
from functions.records.kept_counts import differing
from functions.records.split_assignments import keep_splits, learned_from
from functions.records.tables import DayCount, LabelCount, SplitCount
from tests.support.factories import add_sample, seeded


def test_a_count_that_is_not_the_number_of_the_samples_is_named(database: Database, tmp_path: Path) -> None:
    house = seeded(database, tmp_path / "models")
    with house.writing() as session:
        for label, status in (("7", "accepted"), ("7", "pending"), (None, "accepted")):
            sample = add_sample(session, label, status)
        keep_splits(session, "digits", {sample.contributor_id: "validation"})
        assert learned_from(session, "digits") == 0
        keep_splits(session, "digits", {add_sample(session, "7").contributor_id: "train" for _ in range(2)})
        assert learned_from(session, "digits") == 2
        assert differing(session) == []
        session.execute(update(LabelCount).where(LabelCount.label.is_(None)).values(change=2))
        session.execute(update(DayCount).where(DayCount.status == "pending").values(change=0))
        session.execute(update(SplitCount).where(SplitCount.split == "train").values(contributors=5))
        assert differing(session) == [("digits", None), ("digits", "pending"), ("digits", "train")]
