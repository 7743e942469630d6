"""A symbol set with samples of every kind, for exports, imports and backups."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from sqlalchemy.orm import Session

from functions.domain.drawing import Drawing, from_png, from_strokes, parse_strokes, to_png
from functions.records import objects, outbox
from functions.records.database import Database
from functions.records.drawings import drawing_row
from functions.records.tables import Contributor, DrawingRow, Sample, SplitRow, SymbolSetRow, new_id, now
from functions.store import Store

LABELS = ["0", "1", "A", "a", "con", "é", "手", "../x", "=1+1", "\N{HEBREW LETTER ALEF}" * 64]
SPLITS = ("train", "validation", "test")
COUNT = 60
DAY = timedelta(days=1)


def picture(number: int) -> dict[str, object]:
    """Return the strokes of a drawing, a different one for each number."""
    bend = 40 + (number * 37) % 200
    line = [[40.0, 60.0, 0], [float(bend), 150.5, 16], [240.0, 60.0 + number % 150, 33]]
    return {"strokes": [line, [[100, 200], [180, 40 + number % 160]]], "width": 280, "height": 280, "pointer": "pen"}


def fill_set(
    database: Database, store: Store, *, name: str = "mixed", labels: list[str] | None = None, count: int = COUNT
) -> list[str]:
    """Make a set with ``count`` samples.

    Each sixth is an uploaded picture, each thirteenth is no symbol, each twelfth is pending. Of the six contributors, two are in
    each split; the samples of one have no split yet. The ids are returned in order.
    """
    labels = labels or LABELS
    people = [f"{place:012x}{'c' * 20}" for place in range(6)]
    ids = []
    with database.writing() as session:
        row = SymbolSetRow(name=name, labels=labels, origin="owner")
        session.add(row)
        for person in people:
            if session.get(Contributor, person) is None:
                session.add(Contributor(id=person))
        session.flush()
        objects.send_set(session, row)
        session.add_all(
            [SplitRow(set_name=name, contributor_id=one, split=SPLITS[place % 3]) for place, one in enumerate(people)]
        )
        for number in range(count):
            ids.append(_add(session, name, labels, people, number))
    while outbox.drain(database, store):
        pass
    return ids


@cache
def _drawn(number: int) -> tuple[Drawing, bytes]:
    drawing = from_strokes(parse_strokes(*picture(number).values()))
    png = to_png(drawing.ink)
    return (from_png(png) if number % 6 == 5 else drawing), png


def _add(session: Session, name: str, labels: list[str], people: list[str], number: int) -> str:
    drawing, png = _drawn(number)
    place = number % len(people)
    row = drawing_row(name, people[place], drawing, png)
    session.add(row)
    session.flush()
    corrects = number % 7 == 3 and place % 3 == 0
    sample = Sample(
        id=new_id(),
        set_name=name,
        label=None if number % 13 == 12 else labels[number % len(labels)],
        status="pending" if number % 12 == 11 else "accepted",
        reason="agreed",
        reason_figures={},
        source="correction" if corrects else "contribution",
        drawing_id=row.id,
        contributor_id=people[place],
        split=None if place == 5 else SPLITS[place % 3],
        created=now() - (count_days(number) * DAY),
    )
    session.add(sample)
    session.flush()
    objects.send_sample(session, sample, session.get_one(DrawingRow, row.id), png)
    return sample.id


def count_days(number: int) -> int:
    """Return how many days ago a sample was drawn."""
    return 1 + number % 5
