from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from functions.records.database import Database
from functions.records.kept_counts import differing
from functions.records.tables import DayCount, LabelCount
from tests.support.factories import add_sample, seeded


def test_a_count_that_is_not_the_number_of_the_samples_is_named(database: Database, tmp_path: Path) -> None:
    house = seeded(database, tmp_path / "models")
    with house.writing() as session:
        for label, status in (("7", "accepted"), ("7", "pending"), (None, "accepted")):
            add_sample(session, label, status)
        assert differing(session) == []
        session.execute(update(LabelCount).where(LabelCount.label.is_(None)).values(change=2))
        session.execute(update(DayCount).where(DayCount.status == "pending").values(change=0))
        assert differing(session) == [("digits", None), ("digits", "pending")]
