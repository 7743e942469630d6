"""The worker: what it finds to do by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from functions import jobs
from functions.domain.run_step import Step
from functions.errors import LeaseLost, StoreUnavailable
from functions.jobs.heartbeat import Heartbeat, Stopping
from functions.records.database import open_database
from functions.records.outbox import DELIVERERS, Object, drain, send
from functions.records.tables import OutboxRow, Run, now
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs import define
from functions.worker import loops
from functions.worker.loops import WorkerLoops
from tests.support.factories import add_sample, seeded
from tests.support.fake_store import FakeStore
from tests.support.fake_trainers import FakeTrainer, FakeTrainerPool
from tests.support.tiny_models import ship

pytestmark = pytest.mark.starts_early
HALF_WAY = Step.of("fitting", step=1, steps=2)


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def working(database, store, tmp_path):
    made = WorkerLoops(database, Artefacts(store, tmp_path / "models"), quiet=0.0)
    yield made
    assert made.stop()


def until(condition, seconds=60.0):
    """Wait for a condition that another thread or process brings about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def only_run(database):
    with database.reading() as session:
        return session.scalars(select(Run)).one()


def states(database):
    with database.reading() as session:
        return list(session.scalars(select(Run.state)))


def request(database):
    with database.writing() as session:
        return jobs.request(session, "digits", "learn")


def teach(database, label="7"):
    with database.writing() as session:
        add_sample(session, label)


def waiting(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(OutboxRow))


def test_a_worker_finds_what_to_learn_and_to_deliver_without_any_message(database, store, working):
    teach(database)
    pool = FakeTrainerPool()
    working.start(pool)
    until(lambda: waiting(database) == 0)
    until(lambda: states(database) == ["done"])
    until(lambda: waiting(database) == 0)
    until(lambda: pool.warmed == ["digits"])
    assert len(list(store.keys("versions/"))) == 14  # two originals of three files, two learned of four


def test_who_corrects_while_the_second_set_gets_ready_is_not_kept_waiting(database, working):
    define.create_set(database, "runes", ["ᚠ", "ᚢ"])

    class Slow(FakeTrainerPool):
        def warm_up(self, symbols, stop):
            if symbols.name == "digits":
                teach(database)
                request(database)
            else:
                self.states = states(database)
            super().warm_up(symbols, stop)

    pool = Slow()
    working.start(pool)
    until(lambda: len(pool.warmed) == 2)
    assert pool.warmed == ["digits", "runes"]
    assert pool.states == ["done"]


def test_drawings_that_come_while_the_store_is_away_do_not_keep_a_worker_busy(database, tmp_path, monkeypatch):
    monkeypatch.setattr(loops, "PROBE", 0.5)
    store, tries = FakeStore(), []

    def refuse(call, key):
        tries.append(key)
        raise StoreUnavailable("away")

    store.before = refuse
    working = WorkerLoops(database, Artefacts(store, tmp_path / "models"))
    working.start(None)
    began = time.monotonic()
    for number in range(40):
        with database.writing() as session:
            send(session, *(Object(f"{number}-{more}", b"x", "text/plain") for more in range(5)))
        time.sleep(0.05)
    probes = (time.monotonic() - began) / 0.5 + 2
    assert 0 < len(tries) <= DELIVERERS * probes
    store.before = lambda call, key: None
    until(lambda: waiting(database) == 0)
    assert working.stop()
    assert {key for key in store.objects if "-" in key[:3]} >= {"0-0", "39-4"}


def test_a_worker_without_a_school_only_delivers(database, store, working):
    teach(database)
    request(database)
    working.start(None)
    until(lambda: waiting(database) == 0)
    assert only_run(database).state == "queued"


def test_a_run_that_goes_wrong_is_told_in_words_only(database, working):
    teach(database)
    request(database)

    def explode():
        raise RuntimeError("/secret/path and a stack")

    assert working.work(FakeTrainerPool(fnn=FakeTrainer(during=explode)))
    assert only_run(database).state == "running"
    assert "/secret" not in str(only_run(database).step)
    assert "tried again" in str(only_run(database).step)


def test_an_unreachable_bucket_is_told_by_its_own_sentence(database, tmp_path):
    class Down(FolderStore):
        def put(self, key, body, content_type):
            raise StoreUnavailable("The bucket cannot be reached just now.")

    teach(database)
    request(database)
    assert WorkerLoops(database, Artefacts(Down(tmp_path / "objects"), tmp_path / "models")).work(FakeTrainerPool())
    assert str(only_run(database).step).startswith("The bucket cannot be reached just now.")


def test_a_stopping_worker_hands_its_run_back_and_another_one_does_it(database, store, tmp_path):
    teach(database)
    request(database)
    begun = threading.Event()
    first = WorkerLoops(database, Artefacts(store, tmp_path / "models"))
    first.start(FakeTrainerPool(fnn=FakeTrainer(seconds=10.0, during=begun.set)), warm=False)
    until(lambda: "step" in str(only_run(database).step))
    assert first.stop()
    assert not begun.is_set()
    assert only_run(database).attempts == 0
    assert WorkerLoops(database, Artefacts(store, tmp_path / "models")).work(FakeTrainerPool())
    assert only_run(database).state == "done"


@pytest.mark.long_run
def test_two_workers_do_each_run_once(database, store, tmp_path):
    started: list[FakeTrainer] = []
    workers = [WorkerLoops(database, Artefacts(store, tmp_path / "models"), quiet=0.0) for _ in range(2)]
    for worker in workers:
        pool = FakeTrainerPool()
        started += pool.quick.values()
        worker.start(pool)
    for label in "123":
        teach(database, label)
        request(database)
        until(lambda: set(states(database)) <= {"done", "cancelled"})
    for worker in workers:
        assert worker.stop()
    taught = [label for trainer in started for call in trainer.calls for label in call["new"].y.tolist()]
    assert sorted(taught) == [1, 1, 2, 2, 3, 3]


def test_the_heart_beats_and_notices_a_lost_lease(database):
    request(database)
    claim = jobs.lease(database)
    with Heartbeat(database, claim, threading.Event()) as heart:
        heart.tell(0.5, HALF_WAY)
        until(lambda: only_run(database).step == HALF_WAY)
        assert jobs.lease(database, now() + timedelta(minutes=1)) is not None

        def lost():
            try:
                heart.tell(0.6, HALF_WAY)
            except LeaseLost:
                return True
            return False

        until(lost)


def test_the_heart_tells_the_work_to_stop(database):
    request(database)
    stop = threading.Event()
    with Heartbeat(database, jobs.lease(database), stop) as heart:
        stop.set()
        with pytest.raises(Stopping):
            heart.tell(0.1, HALF_WAY)


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    ship(tmp_path / "models")
    plain = {"PATH": "/usr/bin:/bin", "INKLOOP_HOME": str(tmp_path / "home"), "INKLOOP_MODELS": str(tmp_path / "models")}
    return plain | more


@pytest.mark.long_run
def test_a_worker_that_is_killed_while_delivering_loses_nothing(tmp_path):
    environ = environment(tmp_path)
    database = open_database(f"sqlite:///{tmp_path / 'home' / 'inkloop.sqlite'}")
    (tmp_path / "home").mkdir()
    seeded(database, tmp_path / "models")
    keys = [f"samples/digits/7/{number:03}.png" for number in range(300)]
    command = [sys.executable, "-m", "functions.worker", "--no-learning"]
    for round_ in range(3):
        with database.writing() as session:
            for key in keys[100 * round_ : 100 * round_ + 100]:
                send(session, Object(key, key.encode(), "image/png"))
        before = waiting(database)
        worker = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
        until(lambda before=before: waiting(database) < before)
        worker.kill()
        worker.wait()
    with database.writing() as session:
        for row in session.scalars(select(OutboxRow)):
            row.next_attempt = now()  # the claims of the killed would run out by themselves, a minute later
    store = FolderStore(tmp_path / "home" / "objects")
    while drain(database, store):
        pass
    assert list(store.keys("samples/")) == keys
    assert all(store.get(key) == key.encode() for key in keys)


def test_a_worker_stops_cleanly_when_told(tmp_path):
    command = [sys.executable, "-m", "functions.worker", "--no-learning"]
    with subprocess.Popen(command, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        said = []
        for line in worker.stderr:
            said.append(line)
            if "is up" in line:
                worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    assert any("has stopped" in line for line in said)


def test_a_worker_with_bad_settings_says_so_in_one_sentence(tmp_path):
    environ = environment(tmp_path, REDIS_URL="amqp://somewhere")
    run = subprocess.run([sys.executable, "-m", "functions.worker"], env=environ, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert run.stderr == "REDIS_URL must be an address such as redis://host:6379 or rediss://host:6379.\n"


def test_a_worker_that_only_compiles_stops_at_once(database, tmp_path):
    compiling, go_on = threading.Event(), threading.Event()

    class Compiler(FakeTrainerPool):
        def warm_up(self, symbols, stop):
            compiling.set()
            go_on.wait(60)

    worker = WorkerLoops(database, Artefacts(FolderStore(tmp_path / "objects"), tmp_path / "models"))
    worker.start(Compiler())
    assert compiling.wait(20)
    began = time.monotonic()
    assert not worker.stop()  # its process ends without that thread
    assert time.monotonic() - began < 10
    go_on.set()
    until(lambda: not any(thread.is_alive() for thread in worker._threads))
