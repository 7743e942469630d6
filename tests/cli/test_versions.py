from __future__ import annotations

import json

from functions import registry


def live(database):
    with database.reading() as session:
        return registry.live(session, "digits")["cnn"].id


def test_a_rollback_lets_the_earlier_version_answer_and_again_goes_back(call, database):
    assert call("rollback", "digits", "cnn")[0] == 2  # nothing was live before
    with database.writing() as session:
        first = registry.live(session, "digits")["cnn"]
        facts = {"set_name": "digits", "learner": "cnn", "parent_id": first.id, "sha256": first.sha256, "labels": first.labels}
        session.add(type(first)(id="d" * 32, original=True, **facts))
        session.flush()
        registry.activate(session, "d" * 32, "a run")
    status, said, complaint = call("rollback", "digits", "cnn")
    assert (status, complaint) == (0, "")
    assert first.id in said
    assert live(database) == first.id


def test_versions_are_listed_as_json(call, database):
    rows = [json.loads(line) for line in call("versions", "digits", "--json")[1].splitlines()]
    assert {row["learner"] for row in rows if row["live"]} == {"fnn", "cnn"}
    call("train", "digits")
    (run,) = [json.loads(line) for line in call("runs", "digits", "--json")[1].splitlines()]
    assert (run["kind"], run["state"]) == ("train", "queued")
