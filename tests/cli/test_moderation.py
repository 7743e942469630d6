from __future__ import annotations

import json

from functions.records.tables import Sample
from tests.support.factories import add_sample


def waiting(database, status="pending"):
    with database.writing() as session:
        return add_sample(session, "7", status).id


def status_of(database, sample):
    with database.reading() as session:
        return session.get_one(Sample, sample).status


def test_waiting_samples_are_listed_and_decided(call, database):
    one, other, odd = waiting(database), waiting(database), waiting(database, "quarantined")
    listed = [json.loads(line)["id"] for line in call("moderate", "list", "digits", "--json")[1].splitlines()]
    assert listed == [odd, other, one]
    assert odd in call("moderate", "list", "digits")[1]
    assert call("moderate", "accept", one, other)[1] == "2 accepted.\n"
    assert call("moderate", "reject", odd)[0] == 0
    assert [status_of(database, sample) for sample in (one, other, odd)] == ["accepted", "accepted", "rejected"]


def test_an_unknown_id_among_them_decides_nothing(call, database):
    one = waiting(database)
    assert call("moderate", "accept", one, "none")[0] == 2
    assert status_of(database, one) == "pending"
