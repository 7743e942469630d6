from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import delete, func, select, text, update

from functions.records import growth as growth_module
from functions.records.database import Database, open_database
from functions.records.growth import FEW_ROWS, PARTS, counts_by_status, early_growth, fold_days, growth
from functions.records.kept_counts import differing
from functions.records.migrate import alembic_config, migrate
from functions.records.set_contents import delete_contents
from functions.records.tables import DayCount, Sample, SymbolSetRow, new_id
from tests.support.factories import add_sample, seeded

A_DAY = 86_400_000  # ms
STATUSES = ("accepted", "pending", "quarantined", "rejected", "withdrawn")


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


def add(house: Database, *samples: tuple[float, str], set_name: str = "digits") -> list[str]:
    """Add samples that came some days ago, with their statuses; return their ids."""
    now, ids = time.time_ns() // 1_000_000, []
    with house.writing() as session:
        like = add_sample(session, set_name=set_name, status="rejected")
        columns = {column.name: getattr(like, column.key) for column in Sample.__table__.c}
        for days, status in samples:
            ids.append(f"{now - int(days * A_DAY):012x}{new_id()[12:]}")
            session.execute(Sample.__table__.insert(), {**columns, "id": ids[-1], "status": status})
        session.execute(delete(Sample).where(Sample.id == like.id))
    return ids


def kept(house: Database) -> dict[tuple[str, str, int], int]:
    key = (DayCount.set_name, DayCount.status, DayCount.day)
    with house.reading() as session:
        rows = session.execute(select(*key, func.sum(DayCount.change)).group_by(*key))
        return {(set_name, status, day): count for set_name, status, day, count in rows if count}


def counted(house: Database) -> dict[tuple[str, str, int], int]:
    """Count the samples themselves."""
    with house.reading() as session:
        rows = session.execute(select(Sample.set_name, Sample.status, Sample.id))
        return dict(Counter((set_name, status, int(id[:12], 16) // A_DAY) for set_name, status, id in rows))


def rows(house: Database) -> int:
    with house.reading() as session:
        return session.scalar(select(func.count()).select_from(DayCount)) or 0


def test_a_set_without_accepted_samples_has_not_grown(house: Database) -> None:
    add(house, (3, "pending"), (1, "withdrawn"))
    with house.reading() as session:
        assert growth(session, "digits") == ()


def test_every_accepted_sample_is_in_the_part_of_its_day(house: Database) -> None:
    *_, newest = add(house, (48, "accepted"), (48, "accepted"), (3, "accepted"), (3, "pending"), (0, "accepted"))
    with house.reading() as session:
        parts = growth(session, "digits")
    days = [int(part.begin.timestamp() * 1000) // A_DAY for part in parts]
    today = int(newest[:12], 16) // A_DAY
    assert len(parts) <= PARTS and days[0] == today - 48
    assert {later - day for day, later in itertools.pairwise(days)} == {3}, "49 days, in parts of equal length"
    assert [(day, part.count) for day, part in zip(days, parts, strict=True) if part.count] == [
        (today - 48, 2),
        (today - 3, 1),
        (today, 1),
    ]


def test_a_set_of_today_is_one_part(house: Database) -> None:
    add(house, (0, "accepted"))
    with house.reading() as session:
        assert [part.count for part in growth(session, "digits")] == [1]


def early(house: Database, *days: float) -> tuple[list[int], set[float]]:
    """Add samples that came some days ago; return the counts of the parts of early growth, and the parts' lengths in minutes."""
    add(house, *((one, "accepted") for one in days))
    with house.reading() as session:
        parts = early_growth(session, "digits")
    return [part.count for part in parts], {(b.begin - a.begin).total_seconds() / 60 for a, b in itertools.pairwise(parts)}


A_MINUTE = 1 / 24 / 60


def test_a_set_of_minutes_grows_in_steps_of_five_minutes(house: Database) -> None:
    add(house, (0, "pending"), (20 * A_MINUTE, "rejected"))
    counts, lengths = early(house, 0, 0, 15 * A_MINUTE)
    assert (len(counts), counts[0], counts[-1], sum(counts), lengths) == (4, 1, 2, 3, {5})


def test_a_set_of_two_days_grows_in_steps_of_hours(house: Database) -> None:
    counts, (length,) = early(house, 1.9, 1.9, 0.5, 0)
    assert len(counts) <= PARTS and (counts[0], counts[-1], sum(counts)) == (2, 1, 4)
    assert length in (120, 180)


def test_an_older_set_has_no_early_growth(house: Database) -> None:
    assert early(house, 3.1, 0) == ([], set())


def test_very_many_samples_are_not_counted_for_a_page(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth_module, "COUNTED", 2)
    assert early(house, 0, 0)[0] == [2]
    assert early(house, 0) == ([], set())


def test_counts_follow_whatever_becomes_of_samples(house: Database) -> None:
    """Random adds, decisions, withdrawals and deletions, one by one and many at once, on many days of two sets."""
    chance, ids = random.Random(7), list[str]()
    with house.writing() as session:
        session.add(SymbolSetRow(name="own", labels=["7"], origin="owner"))
    for _ in range(20):
        of = chance.choice(("digits", "own"))
        ids += add(house, *((chance.randrange(60), chance.choice(STATUSES)) for _ in range(4)), set_name=of)
        some = chance.sample(ids, 3)
        with house.writing() as session:
            session.get_one(Sample, some[0]).status = chance.choice(STATUSES)
            session.get_one(Sample, some[1]).reason = "nothing else changes"
            if chance.random() < 0.2:
                session.execute(delete(Sample).where(Sample.id == ids.pop(ids.index(some[2]))))
            if chance.random() < 0.2:
                session.execute(update(Sample).where(Sample.status == "pending").values(status=chance.choice(STATUSES)))
        if chance.random() < 0.2:
            fold_days(house)
        assert kept(house) == counted(house)
    with house.reading() as session:
        assert counts_by_status(session) == Counter(key[:2] for key in Counter(counted(house)).elements())
        assert differing(session) == []


def test_what_is_undone_was_never_counted(house: Database) -> None:
    with pytest.raises(RuntimeError), house.writing() as session:
        add_sample(session, "7")
        raise RuntimeError
    assert kept(house) == {}


def test_folding_keeps_every_count_and_few_rows(house: Database) -> None:
    add(house, *((day, "accepted") for day in range(30)))
    assert fold_days(house) == 0, "few rows are left as they are"
    ids = add(house, *((day % 10, "pending") for day in range(FEW_ROWS + 20)))
    with house.writing() as session:
        session.execute(update(Sample).where(Sample.id.in_(ids)).values(status="accepted"))
    before = kept(house)
    assert fold_days(house) > 0
    assert kept(house) == before == counted(house)
    assert rows(house) == 30, "a row for each day, and none for a status that no sample has any more"
    assert fold_days(house) == 0


def test_counts_stay_right_while_many_write_and_two_fold(house: Database) -> None:
    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(5):
            with house.writing() as session:
                made = [add_sample(session, "7", chance.choice(("accepted", "pending"))) for _ in range(6)]
                chance.choice(made).status = "withdrawn"

    def tidy() -> None:
        while any(thread.is_alive() for thread in writers):
            fold_days(house)
            time.sleep(0.01)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    folders = [threading.Thread(target=tidy) for _ in range(2)]
    for thread in (*writers, *folders):
        thread.start()
    for thread in (*writers, *folders):
        thread.join()
    fold_days(house)
    assert kept(house) == counted(house)
    assert rows(house) <= 3 * 2 + FEW_ROWS, "a row for each status and day (midnight may pass), and few more"


def test_counts_go_with_their_set(house: Database) -> None:
    with house.writing() as session:
        session.add(SymbolSetRow(name="own", labels=["7"], origin="owner"))
    add(house, (1, "withdrawn"), set_name="own")
    assert kept(house)
    with house.writing() as session:
        delete_contents(session, "own")
    assert (kept(house), rows(house)) == ({}, 0)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    on_postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if on_postgres else f"sqlite:///{tmp_path / 'empty.sqlite'}"
    database = open_database(url)
    yield database
    database.engine.dispose()


def test_what_was_collected_before_is_counted_by_the_migration(empty: Database, tmp_path: Path) -> None:
    house = seeded(empty, tmp_path / "models")
    add(house, (40, "accepted"), (40, "accepted"), (12, "pending"), (0, "withdrawn"))
    before = kept(house)
    with house.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0024")
    with house.engine.begin() as connection:  # nothing counts it
        connection.execute(text("UPDATE samples SET status = 'rejected' WHERE status = 'pending'"))
    migrate(house)
    assert kept(house) == counted(house) != before
    add(house, (12, "pending"))
    assert kept(house) == counted(house)
