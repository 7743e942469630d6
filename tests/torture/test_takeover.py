"""A worker that is killed while it trains: another one takes its run over, once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from functions import jobs
from functions.records.tables import Activation, Run, Sample, Version
from tests.support.factories import add_sample
from tests.torture.installation import Installation, on_one_machine, wait
from tests.torture.processes import LEARNER, Killable

SLACK = 15.0  # seconds for a worker to look for runs, on a busy machine


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """An installation whose processes have not begun."""
    made = on_one_machine(tmp_path)
    yield made
    made.stop()


@pytest.mark.long_run
def test_a_run_whose_worker_is_killed_while_it_learns_is_taken_over_once(here: Installation) -> None:
    chance = random.Random(20261)
    here.learner.start()
    for label in "37":
        run, sample = _training(here, label)
        time.sleep(chance.uniform(0, 1.5))
        here.learner.kill()
        killed = _state(here, run)
        here.let_leases_run_out()
        here.learner.start()
        wait(lambda run=run: _state(here, run).state == "done")  # type: ignore[misc]
        assert _state(here, run).attempts == killed.attempts + (killed.state == "running")
        _learned_once(here, run, sample)


@pytest.mark.torture
def test_another_worker_takes_a_run_over_within_its_lease(here: Installation, tmp_path: Path) -> None:
    here.learner.start()
    run, sample = _training(here, "3")
    other = Killable(LEARNER, here.environ, tmp_path / "other.log")
    try:
        other.start()
        here.learner.kill()
        killed = time.monotonic()
        wait(lambda: _state(here, run).attempts == 2)
        took = time.monotonic() - killed
        wait(lambda: _state(here, run).state == "done")
    finally:
        other.kill()
    lease = jobs.leases.LEASE.total_seconds()
    print(f"\nThe run of a killed worker was taken over after {took:.1f} s; its lease lasts {lease:.0f} s.")
    assert took < lease + SLACK
    assert _state(here, run).attempts == 2
    _learned_once(here, run, sample)


def _training(here: Installation, label: str) -> tuple[str, str]:
    """Request a run and wait until it trains; return the run and the sample that it learns."""
    with here.database.writing() as session:
        sample = add_sample(session, label).id
        run = jobs.request(session, "digits", jobs.QUICK)
    wait(lambda: _state(here, run).state == "running" and _state(here, run).progress > 0)
    return run, sample


def _state(here: Installation, run: str) -> Run:
    with here.database.reading() as session:
        return session.get_one(Run, run)


def _learned_once(here: Installation, run: str, sample: str) -> None:
    with here.database.reading() as session:
        learners = session.scalars(select(Version.learner).where(Version.run_id == run)).all()
        activated = session.scalars(select(Activation.learner).where(Activation.by == f"run {run}")).all()
        assert Counter(learners) == Counter(activated) == Counter(["fnn", "cnn"])
        assert session.get_one(Sample, sample).taught_to == run
