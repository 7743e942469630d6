"""What was said of a drawing, in the order of time."""

from __future__ import annotations

from typing import Any

import pytest

from functions.dataset.label_history import label_history
from functions.records.database import Database
from functions.records.samples import find_sample
from functions.records.tables import Prediction, Sample, new_id
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.moderate import relabel
from tests.support.factories import add_sample
from tests.support.fake_store import FakeStore
from tests.support.platform_fakes import fill_platform
from tests.support.sample_drawings import drawing


def said(database: Database, sample: str) -> list[tuple[str | None, str]]:
    with database.reading() as session:
        return [(one.label, one.by) for one in label_history(session, find_sample(session, sample))]


def added(database: Database, **facts: Any) -> str:
    with database.writing() as session:
        sample = add_sample(session, "7", **facts)
        sample.reason, sample.reason_figures = "agreed", {}
        return sample.id


@pytest.mark.parametrize(("source", "by"), [("contribution", "author"), ("correction", "correction"), ("import", "import")])
def test_the_first_label_is_that_of_its_source(database: Database, source: str, by: str) -> None:
    fill_platform(database)
    assert said(database, added(database, source=source)) == [("7", by)]


def test_the_owners_label_follows_and_the_earlier_sample_knows_nothing_of_it(database: Database) -> None:
    fill_platform(database)
    first = contribute(database, "open", Contribution("digits", "7", drawing(), "a" * 32)).sample
    made = relabel(database, FakeStore(), first, "1").sample
    assert said(database, made) == [("7", "author"), ("1", "owner")]
    assert said(database, first) == [("7", "author")]


def test_a_correction_begins_with_the_answer_of_the_networks(database: Database) -> None:
    fill_platform(database)
    sample = added(database)
    with database.writing() as session:
        row = session.get_one(Sample, sample)
        answer = {"status": "sure", "label": "4", "p": 0.9}
        asked = Prediction(id=new_id(), set_name="digits", drawing_id=row.drawing_id, contributor_id=row.contributor_id)
        asked.answer, asked.opinions = answer, {}
        session.add(asked)
        session.flush()
        row.prediction_id = asked.id
    assert said(database, sample) == [("4", "networks"), ("7", "correction")]
