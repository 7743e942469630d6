from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from functions.domain.webhooks import PAUSES, Event
from functions.errors import NotFound
from functions.records import webhooks
from functions.records.database import Database
from functions.records.tables import WebhookDelivery, now
from functions.records.webhooks import claim, count_waiting, create_webhook, find_webhook, remove_webhook, send_test, settle, tell

URL = "https://bot.example/"


def later(database: Database, by: timedelta = timedelta(days=2)) -> None:
    """Let time pass for everything that waits."""
    with database.writing() as session:
        session.execute(update(WebhookDelivery).values(next_attempt=now() - by))


def test_a_webhook_is_told_what_it_asked_for(database: Database) -> None:
    with database.writing() as session:
        live = create_webhook(session, URL, [Event.VERSION_LIVE]).id
        create_webhook(session, URL, [Event.EXPORT_READY])
        tell(session, Event.VERSION_LIVE, "digits", learner="cnn", version="v1")
        (due,) = claim(session, 4)
        assert due.webhook == live
        body = json.loads(due.body)
        assert (body["type"], body["data"]) == ("version.live", {"set": "digits", "learner": "cnn", "version": "v1"})
        assert claim(session, 4) == []  # another worker does not take it, too


def test_many_waiting_samples_are_one_message_for_each_set(database: Database) -> None:
    with database.writing() as session:
        create_webhook(session, URL, [Event.SAMPLE_WAITING])
        for number in range(50):
            tell(session, Event.SAMPLE_WAITING, "digits", sample=str(number))
        tell(session, Event.SAMPLE_WAITING, "characters", sample="x")
        assert sorted(session.scalars(select(WebhookDelivery.set_name))) == ["characters", "digits"]
        assert claim(session, 4) == []  # more may come within half a minute


def test_a_failed_message_comes_again_later_and_at_last_no_more(database: Database) -> None:
    with database.writing() as session:
        webhook = create_webhook(session, URL, [Event.VERSION_LIVE]).id
        send_test(session, webhook)
    ids, waits = set(), []
    for _ in range(len(PAUSES) + 1):
        later(database)
        with database.writing() as session:
            (due,) = claim(session, 4)
            ids.add(due.id)
            settle(session, due, "The receiver answered 500.")
            session.flush()
            waits += [row.next_attempt - now() for row in session.scalars(select(WebhookDelivery))]
    assert len(ids) == 1
    assert waits == sorted(waits)
    assert len(waits) == len(PAUSES)
    with database.reading() as session:
        found = find_webhook(session, webhook)
        assert (count_waiting(session), found.error) == ({}, "The receiver answered 500.")
        assert found.failing_since is not None


def test_a_message_that_arrives_ends_the_failure(database: Database) -> None:
    with database.writing() as session:
        webhook = create_webhook(session, URL, [Event.VERSION_LIVE])
        webhook.failing_since, webhook.error = now(), "The receiver answered 500."
        send_test(session, webhook.id)
        (due,) = claim(session, 4)
        settle(session, due, "")
        session.flush()
        assert (webhook.failing_since, webhook.error, count_waiting(session)) == (None, "", {})


def test_a_worker_that_came_too_late_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        send_test(session, create_webhook(session, URL, [Event.VERSION_LIVE]).id)
        (slow,) = claim(session, 4)
    later(database)
    with database.writing() as session:
        (fast,) = claim(session, 4)
        settle(session, slow, "")
        assert count_waiting(session) != {}
        settle(session, fast, "")
        session.flush()
        assert count_waiting(session) == {}


def test_a_removed_webhook_takes_its_messages_along(database: Database) -> None:
    with database.writing() as session:
        webhook = create_webhook(session, URL, [Event.VERSION_LIVE]).id
        send_test(session, webhook)
        (due,) = claim(session, 4)
        remove_webhook(session, webhook)
        session.flush()
        settle(session, due, "")
        assert count_waiting(session) == {}
        with pytest.raises(NotFound):
            send_test(session, webhook)


def test_a_receiver_that_is_away_does_not_fill_the_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_WAITING", 5)
    with database.writing() as session:
        create_webhook(session, URL, [Event.VERSION_LIVE])
        for number in range(9):
            tell(session, Event.VERSION_LIVE, "digits", version=str(number))
        assert list(count_waiting(session).values()) == [5]


def test_a_receiver_that_hangs_keeps_no_other_one_waiting(database: Database) -> None:
    with database.writing() as session:
        hanging = [create_webhook(session, URL, [Event.VERSION_LIVE]).id for _ in range(2)]
        for webhook in hanging:
            for _ in range(150):
                send_test(session, webhook)
    later(database)
    with database.writing() as session:
        good = create_webhook(session, URL, [Event.EXPORT_READY]).id
        send_test(session, good)
        assert {one.webhook for one in claim(session, 4)} == {*hanging, good}
    with database.writing() as session:
        assert {one.webhook for one in claim(session, 4)} == set(hanging), "one at a time, as long as there are any"


def test_who_was_not_tried_for_longest_is_told_first(database: Database) -> None:
    with database.writing() as session:
        one, other, new = (create_webhook(session, URL, [Event.VERSION_LIVE]) for _ in range(3))
        one.tried, other.tried = now(), now() - timedelta(hours=1)
        for webhook in (one, other, new):
            send_test(session, webhook.id)
    with database.writing() as session:
        assert [due.webhook for due in claim(session, 2)] == [new.id, other.id]
