"""A worker that is killed while it publishes: its versions go live together and whole, or not at all."""

from __future__ import annotations

import hashlib
import random
import statistics
from collections import deque
from pathlib import Path

import pytest
from sqlalchemy import select
from tqdm import tqdm

from functions import jobs, registry
from functions.records.tables import Activation, Run, Sample, Version
from tests.support.factories import add_sample
from tests.torture.askers import Asking
from tests.torture.installation import Installation, on_one_machine, wait
from tests.torture.publisher import Publisher

LABELS = "0123456789"


@pytest.mark.parametrize(
    "kills",
    [pytest.param(5, marks=pytest.mark.long_run), pytest.param(200, marks=(pytest.mark.torture, pytest.mark.timeout(900)))],
)
def test_kills_while_a_worker_publishes_leave_no_half_published_version_live(kills: int, tmp_path: Path) -> None:
    here, chance = on_one_machine(tmp_path), random.Random(kills)
    labels = {"digits-fnn-1": "1", "digits-cnn-1": "2"}
    try:
        here.start(here.web)
        with Publisher(here.environ) as publisher, Asking(here.address, 2) as asking:
            run = _request(here, "5")
            takes = deque([publisher.work(None) or 0.0], maxlen=9)  # seconds
            labels |= _published(here, run, "5")
            in_time, bar = 0, tqdm(total=kills, unit=" kills", disable=None)
            while in_time < kills:
                label = chance.choice(LABELS)
                run = _request(here, label)
                publisher.work(chance.uniform(0, statistics.median(takes)))
                published = _published(here, run, label)
                if not published:  # another worker takes the run over when its lease has ended
                    in_time += 1
                    bar.update()
                    here.let_leases_run_out()
                    takes.append(publisher.work(None) or 0.0)
                    published = _published(here, run, label)
                assert len(published) == 2
                labels |= published
                told = asking.count()
                wait(lambda told=told: asking.count() > told)  # type: ignore[misc]
    finally:
        here.stop()
    assert not asking.complaints
    assert {answer.version for answer in asking.answers} <= labels.keys()
    assert all(labels[answer.version] == answer.label for answer in asking.answers)
    print(f"\n{kills} kills in the middle of publishing; {len(asking.answers) // 2:,} answers, all of published versions")


def _request(here: Installation, label: str) -> str:
    """Add a sample and request the run that learns it."""
    with here.database.writing() as session:
        add_sample(session, label)
        return jobs.request(session, "digits", jobs.QUICK)


def _published(here: Installation, run: str, label: str) -> dict[str, str]:
    """Return the answer of each version of a run. All of it is there, artefacts and activations and samples, or nothing."""
    with here.database.reading() as session:
        versions = session.scalars(select(Version).where(Version.run_id == run)).all()
        activated = session.scalars(select(Activation.version_id).where(Activation.by == f"run {run}")).all()
        taught = session.scalars(select(Sample.id).where(Sample.taught_to == run)).all()
        state = session.get_one(Run, run).state
    assert sorted(activated) == sorted(version.id for version in versions)
    assert (state == "done") == (len(versions) == 2) == bool(taught), state
    for version in versions:
        artefact = here.store.get(registry.artefact_key(version, "tflite"))
        assert hashlib.sha256(artefact).hexdigest() == version.sha256
    return {version.id: label for version in versions}
