"""The runs: who may work on what, when, and what becomes of the work of those who vanish."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from functions import jobs
from functions.domain.run_step import Step
from functions.errors import LeaseLost, UnknownRun
from functions.records.tables import Run, SymbolSetRow, now
from tests.support.factories import add_sample, seeded

ENDED = Step("nothing_new")


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


def later(seconds: float):
    return now() + timedelta(seconds=seconds)


def request(database, kind="learn", delay=0.0, set_name="digits"):
    with database.writing() as session:
        return jobs.run(session, jobs.request(session, set_name, kind, delay))


def row(database, run_id):
    with database.reading() as session:
        return jobs.run(session, run_id)


def test_a_burst_of_requests_is_one_run(database):
    assert len({request(database, delay=2).id for _ in range(20)}) == 1


def test_requests_at_once_are_one_run(database):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: request(database, delay=2).id, range(40)))) == 1


def test_a_request_waits_for_quiet(database):
    request(database, delay=2)
    assert jobs.lease(database) is None
    assert jobs.lease(database, later(2.1)) is not None


def test_each_request_starts_the_quiet_time_anew(database):
    first = request(database, delay=2).not_before
    time.sleep(0.1)
    assert request(database, delay=2).not_before > first


def test_a_request_a_moment_later_writes_nothing(database):
    """A stream of contributions must not wait for one row."""
    first = request(database, delay=60).not_before
    assert request(database, delay=60).not_before == first


def test_a_stream_of_requests_cannot_put_a_run_off_for_ever(database):
    run = request(database, delay=2)
    with database.writing() as session:
        session.get_one(Run, run.id).deadline = now() - timedelta(seconds=1)
    request(database, delay=2)
    assert jobs.lease(database) is not None


@pytest.mark.parametrize(("quiet", "most"), [(0.5, 15), (30, 300), (0, 0)])
def test_a_stream_puts_a_run_off_for_ten_quiet_times_or_fifteen_seconds(database, quiet, most):
    begun = now()
    run = request(database, delay=quiet)
    assert timedelta(seconds=most) <= run.deadline - begun < timedelta(seconds=most + 5)


def test_a_shorter_quiet_time_pulls_the_run_forward_and_a_longer_one_does_not_push_it_back(database):
    request(database, delay=30)
    assert request(database, delay=2).not_before < later(2.1)
    assert request(database, delay=30).not_before < later(2.1)
    request(database, delay=0)
    assert jobs.lease(database) is not None


def test_learning_and_training_wait_apart_but_work_in_turn(database):
    assert request(database, "learn").id != request(database, "train").id
    first = jobs.lease(database)
    assert jobs.lease(database) is None
    with database.writing() as session:
        jobs.finish(session, first, "done", {}, ENDED)
    assert jobs.lease(database).kind != first.kind


def test_sets_are_worked_on_side_by_side(database):
    with database.writing() as session:
        session.add(SymbolSetRow(name="letters", labels=["a", "b"]))
    request(database)
    request(database, set_name="letters")
    assert {jobs.lease(database).set_name, jobs.lease(database).set_name} == {"digits", "letters"}


def test_many_workers_lease_a_run_once(database):
    request(database)
    with ThreadPoolExecutor(8) as pool:
        leases = [one for one in pool.map(lambda _: jobs.lease(database), range(8)) if one]
    assert len(leases) == 1


def test_a_request_during_a_run_queues_the_next_one(database):
    run = request(database)
    jobs.lease(database)
    assert request(database).id != run.id
    assert jobs.lease(database) is None


def test_a_vanished_workers_run_is_taken_over_once(database):
    request(database)
    first = jobs.lease(database)
    assert jobs.lease(database, later(29)) is None
    second = jobs.lease(database, later(31))
    assert second.run_id == first.run_id
    assert second.fence == first.fence + 1
    assert jobs.lease(database, later(32)) is None


def test_a_heartbeat_keeps_the_lease_and_tells_the_progress(database):
    run = request(database)
    claim = jobs.lease(database)
    jobs.beat(database, claim, 0.25, Step.of("fitting", step=1, steps=9))
    assert jobs.lease(database, later(29)) is None
    assert (row(database, run.id).progress, row(database, run.id).step) == (0.25, Step.of("fitting", step=1, steps=9))


def test_a_late_worker_cannot_publish(database):
    run = request(database)
    late = jobs.lease(database)
    new = jobs.lease(database, later(31))
    with pytest.raises(LeaseLost):
        jobs.beat(database, late, 0.5, Step("late"))
    with pytest.raises(LeaseLost), jobs.holding(database, late) as session:
        add_sample(session)
        jobs.finish(session, late, "done", {}, ENDED)
    with pytest.raises(LeaseLost):
        jobs.set_back(database, late, "It went wrong.")
    with pytest.raises(LeaseLost):
        jobs.hand_back(database, late)
    with database.writing() as session:
        jobs.finish(session, new, "done", {"activated": ["v"]}, ENDED)
    found = row(database, run.id)
    assert (found.state, found.progress, found.result) == ("done", 1.0, {"activated": ["v"], "rejected": []})
    assert found.finished is not None
    with pytest.raises(LeaseLost):
        jobs.beat(database, new, 0.5, Step("late"))


def test_a_run_that_goes_wrong_is_tried_three_times(database):
    run = request(database)
    for attempt in (1, 2, 3):
        claim = jobs.lease(database, later(60 * attempt))
        assert claim.attempt == attempt
        jobs.set_back(database, claim, "The bucket cannot be reached.")
    found = row(database, run.id)
    assert (found.state, found.result["reason"]) == ("failed", "The bucket cannot be reached.")
    assert jobs.lease(database, later(900)) is None


def test_a_run_whose_workers_vanish_three_times_is_given_up(database):
    run = request(database)
    for attempt in (1, 2, 3):
        assert jobs.lease(database, later(60 * attempt)) is not None
    assert jobs.lease(database, later(240)) is None
    assert row(database, run.id).state == "failed"
    assert "three times" in row(database, run.id).result["reason"]


def test_a_worker_that_is_told_to_stop_hands_its_run_back_without_blame(database):
    request(database)
    for _ in range(5):
        claim = jobs.lease(database)
        assert claim.attempt == 1
        jobs.hand_back(database, claim)


def test_the_next_due_moment_is_known(database):
    with database.reading() as session:
        assert jobs.next_due(session) is None
    run = request(database, delay=5)
    with database.reading() as session:
        assert jobs.next_due(session) == run.not_before


def test_samples_that_no_run_has_looked_at_get_one(database):
    assert jobs.reconcile(database, 0) == []
    with database.writing() as session:
        add_sample(session, status="pending")
        add_sample(session, status="quarantined")
    assert jobs.reconcile(database, 0) == []
    with database.writing() as session:
        add_sample(session, label=None)  # "not a symbol" teaches as a label does
    assert jobs.reconcile(database, 0) == ["digits"]
    assert jobs.reconcile(database, 0) == []
    claim = jobs.lease(database)
    assert jobs.reconcile(database, 0) == []
    with database.writing() as session:
        jobs.finish(session, claim, "done", {}, ENDED)
    assert jobs.reconcile(database, 0) == ["digits"]


def test_after_a_failure_samples_are_offered_again_later(database):
    with database.writing() as session:
        add_sample(session)
    request(database)
    claim = jobs.lease(database)
    with database.writing() as session:
        jobs.finish(session, claim, "failed", {"reason": "no"}, ENDED)
    assert jobs.reconcile(database, 0) == []
    with database.writing() as session:
        session.get_one(Run, claim.run_id).finished = now() - timedelta(seconds=61)
    assert jobs.reconcile(database, 0) == ["digits"]


def test_runs_are_paged_newest_first_and_unknown_ones_are_told(database):
    ids = []
    for _ in range(3):
        ids.append(request(database).id)
        claim = jobs.lease(database)
        with database.writing() as session:
            jobs.finish(session, claim, "cancelled", {}, ENDED)
    with database.reading() as session:
        assert [run.id for run in jobs.runs(session, "digits", limit=2)] == ids[:0:-1]
        assert [run.id for run in jobs.runs(session, "digits", limit=2, before=ids[1])] == ids[:1]
        assert session.scalar(select(func.count()).select_from(Run)) == 3
        with pytest.raises(UnknownRun):
            jobs.run(session, "nothing")


def test_a_quick_run_passes_a_slow_one_until_that_is_closed_and_comes_first(database):
    request(database, "train")
    request(database, "learn")
    quick = jobs.lease(database)
    assert (quick.kind, jobs.lease(database)) == ("learn", None)
    with database.writing() as session:
        jobs.finish(session, quick, "done", {}, ENDED)
    slow = jobs.lease(database)
    request(database, "learn")
    assert jobs.is_due(database, ["learn"])
    quick = jobs.lease(database, kinds=["learn"])
    assert (quick.kind, jobs.is_due(database, ["learn"])) == ("learn", False)
    assert not jobs.close(database, slow)
    with database.writing() as session:
        jobs.finish(session, quick, "done", {}, ENDED)
    assert jobs.close(database, slow)
    request(database, "learn")
    assert not jobs.is_due(database, ["learn"])
    assert jobs.lease(database) is None
    with database.writing() as session:
        jobs.finish(session, slow, "done", {}, ENDED)
    assert jobs.lease(database).kind == "learn"


def test_a_quick_run_whose_worker_vanished_waits_for_the_slow_one_that_closed(database):
    request(database, "train")
    slow = jobs.lease(database)
    request(database, "learn")
    quick = jobs.lease(database)
    with database.writing() as session:
        session.get_one(Run, quick.run_id).lease_until = later(-1)
    assert jobs.close(database, slow)
    assert not jobs.is_due(database, ["learn"])
    with database.writing() as session:
        jobs.finish(session, slow, "done", {}, ENDED)
    assert jobs.lease(database).run_id == quick.run_id


def test_a_slow_run_that_is_set_back_or_handed_back_lets_quick_ones_pass_again(database):
    request(database, "train")
    slow = jobs.lease(database)
    assert jobs.close(database, slow)
    request(database, "learn")
    jobs.set_back(database, slow, "It went wrong.")
    assert jobs.lease(database).kind == "learn"
