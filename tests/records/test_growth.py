from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from functions.records.database import Database
from functions.records.growth import PARTS, GrowthCache, growth
from functions.records.tables import Sample
from tests.support.factories import add_sample, seeded

DAY = 86_400_000  # ms


def test_every_accepted_sample_is_in_the_part_of_its_time(database: Database, tmp_path: Path) -> None:
    house = seeded(database, tmp_path / "models")
    now = time.time_ns() // 1_000_000
    with house.writing() as session:
        assert growth(session, "digits") == ()
        for place, (days, status) in enumerate(
            [(48, "accepted"), (48, "accepted"), (3, "accepted"), (3, "pending"), (0, "accepted")]
        ):
            row = add_sample(session, "7", status)
            session.expunge(row)
            moved = f"{now - days * DAY + place:012x}{row.id[12:]}"
            session.query(Sample).filter(Sample.id == row.id).update({"id": moved})
        parts = growth(session, "digits")
    assert len(parts) == PARTS
    assert (parts[0].count, sum(part.count for part in parts)) == (2, 4)
    assert parts[1].begin - parts[0].begin > timedelta(days=1)


def test_growth_is_counted_rarely(database: Database, tmp_path: Path) -> None:
    house, cache = seeded(database, tmp_path / "models"), GrowthCache()
    with house.writing() as session:
        add_sample(session, "7")
        assert sum(part.count for part in cache.of_set(session, "digits")) == 1
        add_sample(session, "7")
        assert sum(part.count for part in cache.of_set(session, "digits")) == 1
        assert cache.of_set(session, "characters") == ()
