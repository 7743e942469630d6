from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy.orm import Session

from functions.records import growth as growth_module
from functions.records.database import Database
from functions.records.growth import PARTS, GrowthCache, Part, growth
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


def test_threads_that_ask_at_once_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, cache, session = [], GrowthCache(), cast(Session, None)

    def slow(session: Session, set_name: str) -> tuple[Part, ...]:
        counted.append(set_name)
        time.sleep(0.05)
        return (Part(datetime.now(UTC), 1),)

    monkeypatch.setattr(growth_module, "growth", slow)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: cache.of_set(session, "digits"), range(32)))
    assert len(set(found)) == 1
    assert counted == ["digits"]
