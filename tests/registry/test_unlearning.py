"""The start of a run that forgets contributors, and the versions that it activates."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from functions import jobs, registry
from functions.records.contributors import ensure_contributor
from functions.records.runs import lineage
from functions.records.tables import DrawingRow, Run, Sample, Version, now
from functions.records.withdrawals import learned_from, withdrawn_since
from functions.registry import Artefacts
from functions.registry.unlearning import clean_starts
from functions.store import FolderStore
from functions.training.save import FORGETS
from functions.verbs import define
from functions.verbs.learn import learn
from functions.verbs.withdraw import retract, withdraw
from tests.support.factories import add_sample, seeded, sqlite
from tests.support.fake_trainers import FakeTrainer
from tests.support.tiny_models import ship, tiny_weights

pytestmark = pytest.mark.above_sql

ANN, BOB, CAT = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


@pytest.fixture
def run(do_run):
    return do_run


def give(database, contributor, label, set_name="digits"):
    with database.writing() as session:
        ensure_contributor(session, contributor)
        sample = add_sample(session, label, set_name=set_name)
        sample.contributor_id = contributor
        session.get_one(DrawingRow, sample.drawing_id).contributor_id = contributor
        return sample.id


def live(database, set_name="digits"):
    with database.reading() as session:
        return {learner: row.id for learner, row in registry.live(session, set_name).items()}


def version(database, version_id):
    with database.reading() as session:
        return session.get_one(Version, version_id)


def starts(database, *contributors):
    with database.reading() as session:
        return {learner: row.id for learner, row in clean_starts(session, "digits", contributors).items()}


def seen(database, version_id):
    with database.reading() as session:
        seen = session.get_one(Version, version_id)
        since = withdrawn_since(session, seen, lineage(session, seen))
        return since.own, since.line


@pytest.fixture
def line(database, run):
    """A line of three versions: the first learned from Ann, the second from Bob, the third from Cat."""
    generations = [live(database)]
    for contributor, label in ((ANN, "3"), (BOB, "4"), (CAT, "5")):
        give(database, contributor, label)
        run("learn")
        generations.append(live(database))
    return generations


def test_the_newest_version_of_a_line_that_never_saw_the_samples_is_the_start(database, line):
    for contributor, generation in ((CAT, 2), (BOB, 1), (ANN, 0)):
        retract(database, contributor)
        assert starts(database, contributor) == line[generation]
    assert starts(database, CAT, BOB) == line[1]


def test_who_was_not_withdrawn_is_not_forgotten(database, line):
    assert starts(database, ANN, BOB, CAT) == line[3]


def test_versions_count_withdrawn_samples_of_their_own_and_of_their_line(database, line):
    done = retract(database, BOB)
    assert set(done.versions) == set(line[2].values())
    assert [seen(database, one["cnn"]) for one in line] == [(0, 0), (0, 0), (1, 1), (0, 1)]
    retract(database, ANN)
    assert [seen(database, one["fnn"]) for one in line] == [(0, 0), (1, 1), (1, 2), (0, 2)]


def test_the_ancestors_since_a_moment_end_with_those_that_were_made_then(database, line):
    with database.reading() as session:
        newest, second = (session.get_one(Version, line[generation]["cnn"]) for generation in (3, 2))
        found = lineage(session, newest, since=second.created)
        assert second.id in found
        assert line[0]["cnn"] in lineage(session, newest)
        assert line[0]["cnn"] not in found


def test_withdrawing_a_drawing_names_the_versions_that_learned_from_it(database, line):
    with database.reading() as session:
        sample = session.scalars(select(Sample).where(Sample.contributor_id == BOB)).one()
        assert {one.id for one in learned_from(session, sample.id)} == set(line[2].values())
    assert set(withdraw(database, sample.id)) == set(line[2].values())
    assert set(withdraw(database, sample.id)) == set(line[2].values())


def test_forgetting_trains_at_once_from_the_clean_version_on_everything_that_is_left(database, line, run, trainers):
    done = retract(database, BOB, forget=True)
    assert len(done.runs) == 1
    assert live(database) == line[3]  # until the run is through
    claim, result = run()
    assert (claim.run_id, claim.kind, claim.forget) == (done.runs[0], "train", (BOB,))
    warm, base = trainers["cnn"].calls[-2:]
    assert (warm["kind"], warm["live"], warm["new"].y.tolist()) == ("train", tiny_weights(3), [3, 5])
    assert (base["kind"], base["live"], base["new"].y.tolist()) == ("train", tiny_weights(2), [3, 5])
    assert set(result["activated"]) == set(live(database).values())
    made = version(database, live(database)["cnn"])
    assert made.parent_id == line[1]["cnn"]
    assert made.card["replaces"] == line[3]["cnn"]
    assert made.gate["baseline"] == line[1]["cnn"]
    assert made.gate["reason"] == f"Not worse. {FORGETS}"
    assert seen(database, made.id) == (0, 0)
    assert starts(database, BOB) == live(database)


def test_a_second_forgetting_starts_from_the_version_of_the_first(database, line, run):
    retract(database, BOB, forget=True)
    run()
    forgot = live(database)
    retract(database, CAT, forget=True)
    assert starts(database, CAT) == line[2]  # the one that forgot Bob learned from Cat
    assert starts(database, BOB, CAT) == line[1]
    assert starts(database, BOB) == forgot


def test_two_retractions_that_wait_are_one_run_that_forgets_both(database, line, run):
    first = retract(database, CAT, forget=True)
    second = retract(database, BOB, forget=True)
    assert first.runs == second.runs
    claim, _ = run()
    assert claim.forget == (BOB, CAT)
    assert version(database, live(database)["fnn"]).parent_id == line[1]["fnn"]


def test_a_second_retraction_requests_another_run(database, line, run):
    retract(database, BOB)
    done = retract(database, BOB, forget=True)
    assert (done.drawings, len(done.runs)) == (0, 1)
    assert set(done.versions) == set(line[2].values())


def test_a_version_that_the_gate_refuses_leaves_the_live_one_and_the_owner_can_go_back(database, line, run, trainers):
    for trainer in trainers.values():
        trainer.accepted = False
    retract(database, BOB, forget=True)
    _, result = run()
    assert result["activated"] == []
    assert live(database) == line[3]
    with database.writing() as session:
        for one in line[1].values():
            registry.activate(session, one, "owner")
    assert live(database) == line[1]


def test_the_owner_may_go_back_while_the_run_is_under_way(database, line, run, trainers):
    def go_back():
        with database.writing() as session:
            for one in line[1].values():
                registry.activate(session, one, "owner")

    trainers["fnn"].during = go_back
    retract(database, BOB, forget=True)
    _, result = run()
    assert len(result["activated"]) == 2


def test_the_version_of_a_quick_run_that_passed_is_replaced_too(database, line, run, trainers, tmp_path):
    def pass_by():
        trainers["fnn"].during = lambda: None
        give(database, CAT, "7")
        with database.writing() as session:
            jobs.request(session, "digits", "learn")
        claim = jobs.lease(database, now() + timedelta(seconds=1))
        quick = {learner: FakeTrainer() for learner in trainers}
        learn(
            database, Artefacts(FolderStore(tmp_path / "objects"), tmp_path / "models"), claim, quick, lambda progress, step: None
        )
        passed.update(live(database))

    passed = {}
    trainers["fnn"].during = pass_by
    retract(database, BOB, forget=True)
    _, result = run()
    assert set(result["activated"]) == set(live(database).values())
    made = version(database, live(database)["cnn"])
    assert (made.parent_id, made.card["replaces"]) == (line[1]["cnn"], passed["cnn"])
    assert made.card["caught_up"] == 1
    assert seen(database, made.id) == (0, 0)
    assert starts(database, BOB) == live(database)


def test_another_rollback_meanwhile_is_respected(database, line, run, trainers):
    def go_elsewhere():
        with database.writing() as session:
            for one in line[0].values():
                registry.activate(session, one, "owner")

    trainers["fnn"].during = go_elsewhere
    retract(database, BOB, forget=True)
    _, result = run()
    assert result["activated"] == []
    assert live(database) == line[0]


def test_without_other_samples_the_clean_versions_are_activated(database, run, trainers):
    before = live(database)
    give(database, ANN, "3")
    run("learn")
    retract(database, ANN, forget=True)
    claim, result = run()
    assert set(result["activated"]) == set(before.values())
    assert live(database) == before
    with database.reading() as session:
        assert session.get_one(Run, claim.run_id).state == "done"
    assert len(trainers["cnn"].calls) == 1


def test_a_run_that_was_under_way_when_everything_was_withdrawn_is_forgotten_too(database, run, trainers):
    before = live(database)
    give(database, ANN, "3")
    give(database, BOB, "4")
    asked = []
    trainers["fnn"].during = lambda: asked.append(retract(database, ANN, forget=True))
    run("learn")
    trainers["fnn"].during = lambda: None
    assert len(asked[0].runs) == 1
    assert seen(database, live(database)["cnn"]) == (1, 1)
    run()
    assert seen(database, live(database)["cnn"]) == (0, 0)
    assert version(database, live(database)["cnn"]).parent_id == before["cnn"]


def test_a_version_that_may_have_rehearsed_a_sample_is_not_clean(database, run):
    shipped = live(database)
    give(database, ANN, "3")
    run("learn")
    with database.writing() as session:
        for one in shipped.values():
            registry.activate(session, one, "owner")
    give(database, BOB, "4")
    run("learn")  # from the shipped version, rehearsing what Ann taught the one before
    retract(database, ANN)
    assert seen(database, live(database)["cnn"]) == (0, 0)
    assert starts(database, ANN) == shipped


def test_a_later_original_is_clean(database, line, tmp_path):
    ship(tmp_path / "models", release="2")
    seeded(database, tmp_path / "models")
    retract(database, ANN)
    assert starts(database, ANN) == {"fnn": "digits-fnn-2", "cnn": "digits-cnn-2"}


def test_a_set_whose_first_version_learned_from_it_starts_again(database, run, trainers):
    define.create_set(database, "cyrillic", ["А", "Б"])
    for label in ("А", "Б"):
        give(database, ANN, label, set_name="cyrillic")
        with database.writing() as session:
            for number in range(32):
                add_sample(session, label, source="contribution", digit=f"{number % 16:x}", set_name="cyrillic")
    run("learn", "cyrillic")
    first = live(database, "cyrillic")
    retract(database, ANN, forget=True)
    run()
    assert [call["kind"] for call in trainers["cnn"].calls] == ["bootstrap", "bootstrap"]
    made = version(database, live(database, "cyrillic")["cnn"])
    assert (made.parent_id, made.card["replaces"]) == (None, first["cnn"])
    assert "baseline" not in made.gate


def test_the_next_full_run_leaves_out_withdrawn_samples(database, line, run, trainers):
    retract(database, BOB)
    run("train")
    assert trainers["cnn"].calls[-1]["new"].y.tolist() == [3, 5]
    assert version(database, live(database)["cnn"]).parent_id == line[3]["cnn"]  # nobody asked to forget


def test_no_query_scans_all_samples(tmp_path):
    house = sqlite(tmp_path)  # whose plans do not depend on how much there is
    give(house, BOB, "7")
    asked = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    event.listen(house.engine, "before_cursor_execute", note)
    retract(house, BOB, forget=True)
    with house.reading() as session:
        original = session.get_one(Version, "digits-cnn-1")
        withdrawn_since(session, original, lineage(session, original))
        clean_starts(session, "digits", [BOB])
    event.remove(house.engine, "before_cursor_execute", note)
    assert len(asked) > 8
    with house.engine.connect() as connection:
        for statement, parameters in asked:
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            walked = [step for step in plan if re.match("SCAN (samples|drawings|snapshot_samples|predictions|traces)", step)]
            assert walked == [], statement
