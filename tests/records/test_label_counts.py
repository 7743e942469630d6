from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import func, select, text

from functions.records.database import Database, open_database
from functions.records.label_counts import FEW_ROWS, counts_by_label, fold_counts
from functions.records.migrate import alembic_config, migrate
from functions.records.tables import LabelCount, Sample
from tests.support.factories import add_sample, seeded


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


def told(house: Database, set_name: str = "digits") -> dict[str | None, int]:
    with house.reading() as session:
        return counts_by_label(session, set_name)


def counted(house: Database, set_name: str = "digits") -> dict[str | None, int]:
    """Count the samples themselves."""
    accepted = select(Sample.label).where(Sample.set_name == set_name, Sample.status == "accepted")
    with house.reading() as session:
        return dict(Counter(session.scalars(accepted)))


def rows(house: Database) -> int:
    with house.reading() as session:
        return session.scalar(select(func.count()).select_from(LabelCount)) or 0


def test_nothing_is_told_of_a_set_without_samples(house: Database) -> None:
    assert told(house) == {}


def test_a_count_follows_whatever_becomes_of_a_sample(house: Database) -> None:
    with house.writing() as session:
        seven, four = add_sample(session, "7"), add_sample(session, "4", "pending")
        add_sample(session, None)
        add_sample(session, "7", "quarantined")
    assert told(house) == {"7": 1, None: 1}
    with house.writing() as session:
        session.get_one(Sample, four.id).status = "accepted"
        session.get_one(Sample, seven.id).status = "withdrawn"
    assert told(house) == {"4": 1, None: 1}, "a label of which there is none any more is left out"
    with house.writing() as session:
        session.get_one(Sample, four.id).reason = "nothing else changes"
        session.delete(session.get_one(Sample, seven.id))
    assert told(house) == {"4": 1, None: 1}
    with house.writing() as session:
        session.delete(session.get_one(Sample, four.id))
    assert told(house) == {None: 1}
    assert told(house, "letters") == {}


def test_what_is_undone_was_never_counted(house: Database) -> None:
    with pytest.raises(RuntimeError), house.writing() as session:
        add_sample(session, "7")
        raise RuntimeError
    assert told(house) == {}


def test_statements_that_change_many_rows_are_counted_too(house: Database) -> None:
    with house.writing() as session:
        for label in "4477":
            add_sample(session, label, "pending")
        session.execute(text("UPDATE samples SET status = 'accepted' WHERE label = '4'"))
    assert told(house) == {"4": 2}
    with house.writing() as session:
        session.execute(text("UPDATE samples SET status = 'accepted'"))
        session.execute(text("DELETE FROM samples WHERE label = '4'"))
    assert told(house) == {"7": 2}


def test_folding_keeps_every_count_and_few_rows(house: Database) -> None:
    with house.writing() as session:
        made = [add_sample(session, "7") for _ in range(FEW_ROWS + 10)]
        add_sample(session, None)
        for sample in made[:5]:
            session.get_one(Sample, sample.id).status = "withdrawn"
    before = rows(house)
    assert fold_counts(house) == FEW_ROWS + 10 + 5 - 1
    assert told(house) == {"7": FEW_ROWS + 5, None: 1} == counted(house)
    assert rows(house) == before - (FEW_ROWS + 14)
    assert fold_counts(house) == 0, "few rows are left as they are"


def test_counts_stay_right_while_many_write_and_two_fold(house: Database) -> None:
    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(12):
            with house.writing() as session:
                made = [add_sample(session, chance.choice("37"), chance.choice(("accepted", "pending"))) for _ in range(10)]
                chance.choice(made).status = chance.choice(("accepted", "withdrawn"))

    def tidy() -> None:
        while any(thread.is_alive() for thread in writers):
            fold_counts(house)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    folders = [threading.Thread(target=tidy) for _ in range(2)]
    for thread in (*writers, *folders):
        thread.start()
    for thread in (*writers, *folders):
        thread.join()
    assert told(house) == counted(house)
    fold_counts(house)
    assert told(house) == counted(house)
    assert rows(house) <= 2 * FEW_ROWS


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    on_postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if on_postgres else f"sqlite:///{tmp_path / 'empty.sqlite'}"
    database = open_database(url)
    yield database
    database.engine.dispose()


def test_what_was_collected_before_is_counted_by_the_migration(empty: Database, tmp_path: Path) -> None:
    house = seeded(empty, tmp_path / "models")
    with house.writing() as session:
        for label in ("7", "7", None):
            add_sample(session, label)
        add_sample(session, "4", "pending")
    with house.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0006")
    with house.engine.begin() as connection:  # nothing counts it
        connection.execute(
            text(
                "INSERT INTO samples (id, set_name, label, status, reason, source, drawing_id, contributor_id, created)"
                " SELECT 'later', set_name, '4', 'accepted', '', source, drawing_id, contributor_id, created"
                " FROM samples WHERE label = '4'"
            )
        )
    migrate(house)
    assert told(house) == {"7": 2, None: 1, "4": 1}
    with house.writing() as session:
        add_sample(session, "4")
    assert told(house)["4"] == 2
