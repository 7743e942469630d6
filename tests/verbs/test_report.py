from __future__ import annotations

import pytest

from functions.domain.webhooks import Event
from functions.errors import UnknownSample
from functions.records import reports
from functions.records.reports import count_reports, reported_samples
from functions.records.webhooks import count_waiting, create_webhook
from functions.verbs.report import report
from tests.support.factories import add_sample, seeded


@pytest.fixture
def house(database, tmp_path):
    return seeded(database, tmp_path / "models")


def kept(house, status="accepted"):
    with house.writing() as session:
        return add_sample(session, "7", status).id


def test_the_most_reported_comes_first(house):
    one, other = kept(house), kept(house)
    for sample, reporter in ((one, "a"), (other, "a"), (other, "b"), (one, "a")):
        report(house, sample, reporter)
    with house.reading() as session:
        assert [(sample.id, count) for sample, count in reported_samples(session, "digits", 10)] == [(other, 2), (one, 1)]
        assert reported_samples(session, "characters", 10) == []


def test_a_crowd_fills_no_table_and_webhooks_are_told(house, monkeypatch):
    monkeypatch.setattr(reports, "MOST_REPORTS", 3)
    with house.writing() as session:
        create_webhook(session, "https://bot.example/", [Event.SAMPLE_WAITING])
    sample = kept(house)
    for number in range(9):
        report(house, sample, str(number))
    with house.reading() as session:
        assert count_reports(session, sample) == 3
        assert list(count_waiting(session).values()) == [1]


def test_what_was_withdrawn_cannot_be_reported(house):
    with pytest.raises(UnknownSample):
        report(house, kept(house, "withdrawn"), "a")
