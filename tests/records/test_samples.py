from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from functions.records.database import Database
from functions.records.samples import Page, SampleFilter, count_up_to, page_of_samples
from tests.support.factories import add_sample, seeded, sqlite


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


def pages(session: Session, limit: int = 2, **which: object) -> list[list[str]]:
    """Return the ids of every page, first to last."""
    found: list[list[str]] = []
    page = Page([], None)
    while not found or page.next is not None:
        page = page_of_samples(session, "digits", SampleFilter(**which), limit=limit, before=page.next)
        found.append([one.id for one in page.samples])
        assert len(found) < 50, "there is an end"
    return found


def test_pages_are_whole_newest_first_and_the_last_one_says_so(house: Database) -> None:
    with house.writing() as session:
        made = [add_sample(session, "7", status).id for status in ("accepted", "pending", "quarantined", "accepted", "pending")]
        for status in ("rejected", "withdrawn"):
            add_sample(session, "7", status)
        newest_first = made[::-1]
        assert pages(session) == [newest_first[:2], newest_first[2:4], newest_first[4:]]
        assert pages(session, 5) == [newest_first], "a page that is just full knows that it is the last"


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_every_mixture_of_wishes_finds_just_what_fits(house: Database, limit: int) -> None:
    with house.writing() as session:
        made = [
            add_sample(session, label, status, source=source)
            for _ in range(2)
            for label in ("4", "7", None)
            for status in ("accepted", "pending", "rejected")
            for source in ("contribution", "correction")
        ]
        for label in ("7", None, "any"):
            for status in ("accepted", "rejected", None):
                for source in ("correction", "import", None):
                    which = {"status": status, "source": source}
                    which |= {} if label == "any" else {"without_label": True} if label is None else {"label": label}
                    fitting = [
                        one.id
                        for one in reversed(made)
                        if label in ("any", one.label) and source in (None, one.source)
                        if (one.status == status if status else one.status != "rejected")
                    ]
                    assert list(chain(*pages(session, limit, **which))) == fitting, which


def test_the_networks_doubts_dates_and_splits_choose(house: Database) -> None:
    with house.writing() as session:
        made = [add_sample(session, "7", split=split) for split in ("train", "test", "train", "test")]
        for sample, reason, day in zip(made, ("agreed", "surprising", "imaginable", "open"), (1, 2, 3, 4), strict=True):
            sample.reason, sample.created = reason, datetime(2026, 5, day, 12, tzinfo=UTC)
        add_sample(session, "7", "pending").reason = "surprising"
        session.flush()

        def numbers(**which: object) -> list[int]:
            order = [sample.id for sample in made]
            return [order.index(one) for one in chain(*pages(session, 1, **which))]

        assert numbers(doubted=True) == [2, 1]
        assert numbers(split="test", status="accepted") == [3, 1]
        assert numbers(since=datetime(2026, 5, 2, tzinfo=UTC), until=datetime(2026, 5, 4, tzinfo=UTC), status="accepted") == [
            2,
            1,
        ]
        assert numbers(doubted=True, split="test") == [1]
        assert [count_up_to(session, "digits", SampleFilter("accepted", split="test"), most) for most in (1, 9)] == [1, 2]


OLD = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "which",
    [
        *({"label": "7"}, {"label": "7", "status": "pending"}, {"without_label": True}, {}),
        *({"source": "import"}, {"split": "test", "until": OLD}, {"label": "7", "source": "import"}),
    ],
)
def test_each_status_of_a_list_is_one_range_of_an_index(tmp_path: Path, which: dict[str, object]) -> None:
    house = sqlite(tmp_path)
    asked: list[tuple[str, object]] = []
    event.listen(house.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    with house.reading() as session:
        page_of_samples(session, "digits", SampleFilter(**which), limit=2, before="f")
    by_label = "label" in which or "without_label" in which
    columns = "label=? AND status=?" if by_label else "status=?"
    name = "ix_samples_set_label_status_id" if by_label else "ix_samples_set_status_id"
    questions = [one for one in asked if one[0].startswith("SELECT")]
    assert len(questions) == (1 if "status" in which else 3)
    with house.engine.connect() as connection:
        for said, given in questions:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)]
            assert plan == [f"SEARCH samples USING INDEX {name} (set_name=? AND {columns} AND id<?)"]
