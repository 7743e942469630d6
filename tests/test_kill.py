"""``kill -9`` at any moment: what was acknowledged is there afterwards, once."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from functions import jobs
from functions.records.database import open_database
from functions.records.outbox import drain
from functions.records.tables import Activation, DrawingRow, OutboxRow, Run, Sample, Version, now
from functions.store import FolderStore
from functions.store.names import picture_key
from tests.support.factories import add_sample, seeded
from tests.support.tiny_models import ship

pytestmark = pytest.mark.starts_early
ROOT = Path(__file__).resolve().parent.parent
VISITORS = 3
SEED = 20260
LABELS = "0123456789"


class Killed:
    """A process that is started, killed with everything below it, and started again."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self._command, self._environ = command, environ
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environ, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def kill_one_below(self, chance: random.Random) -> None:
        """Kill one of the processes that it has started; its own master starts another."""
        assert self._process is not None
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self._process.pid)], capture_output=True, text=True).stdout
        if pids := [int(pid) for pid in children.split()]:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(pids), signal.SIGKILL)


class Visitor(threading.Thread):
    """Contributes and corrects in turn, and repeats every request until it is answered."""

    def __init__(self, address: str, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._address, self._stop_asked = f"{address}/api/v1", stop
        self._chance = random.Random(SEED + number)
        self._web = requests.Session()
        self.number = number
        self.acknowledged: list[tuple[str, str]] = []  # sample, label
        self.failures = 0

    def run(self) -> None:
        turn = 0
        while not self._stop_asked.is_set():
            turn += 1
            label = self._chance.choice(LABELS)
            if turn % 2:
                key = {"Idempotency-Key": f"{self.number}-{turn}"}
                answer = self._ask("/sets/digits/samples", {**self._drawing(), "label": label}, 201, key)
                self.acknowledged.append((answer["id"], label))
            else:
                prediction = self._ask("/sets/digits/predictions", {**self._drawing(), "consent": True}, 200)
                answer = self._ask(f"/predictions/{prediction['id']}/correction", {"label": label}, 202)
                self.acknowledged.append((answer["sample"], label))

    def _ask(self, path: str, body: dict, wanted: int, headers: dict[str, str] | None = None) -> dict:
        while True:
            try:
                answer = self._web.post(self._address + path, json=body, headers=headers, timeout=20)
                if answer.status_code == wanted:
                    return answer.json()
                assert answer.status_code == 503, answer.text
            except requests.RequestException:
                pass
            self.failures += 1
            time.sleep(0.05)

    def _drawing(self) -> dict:
        points = [[self._chance.uniform(20, 260), self._chance.uniform(20, 260)] for _ in range(6)]
        return {"strokes": [points], "width": 280, "height": 280}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The platform's home, with its database migrated and seeded."""
    ship(tmp_path / "models")
    home = tmp_path / "home"
    home.mkdir()
    database = seeded(open_database(f"sqlite:///{home / 'inkloop.sqlite'}"), tmp_path / "models")
    database.engine.dispose()
    return home


@pytest.fixture
def database(home: Path):
    opened = open_database(f"sqlite:///{home / 'inkloop.sqlite'}")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    own = {"INKLOOP_HOME": str(home), "INKLOOP_MODELS": str(home.parent / "models"), "PORT": str(port)}
    return {"PATH": os.environ["PATH"], "INKLOOP_LIMITS": "off", "INKLOOP_TRUST": "open", "INKLOOP_LEARN_AFTER": "0", **own}


def wait(condition, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def let_claims_run_out(database) -> None:
    """Let the time pass after which what a killed worker had taken is free again."""
    with database.writing() as session:
        for run in session.scalars(select(Run).where(Run.state == "running")):
            run.lease_until = now()
        for row in session.scalars(select(OutboxRow)):
            row.next_attempt = now()


def deliver_all(database, store, rounds: int = 3) -> None:
    """Drain to the end. What was claimed before it was removed is deleted once more later, so one round may not be the last."""
    for _ in range(rounds):
        let_claims_run_out(database)
        while drain(database, store):
            pass
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OutboxRow)) == 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", [8, pytest.param(50, marks=pytest.mark.long_run)])
def test_kills_lose_nothing_and_double_nothing(kills, home, database, environ):
    web = Killed([sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "main:app"], environ)
    worker = Killed([sys.executable, "-m", "functions.worker", "--no-learning"], environ)
    address = f"http://127.0.0.1:{environ['PORT']}"
    chance, stop = random.Random(SEED), threading.Event()
    visitors = [Visitor(address, number, stop) for number in range(VISITORS)]
    web_kills, process_kills = kills // 8, kills // 5
    # A web server takes longest to come back.
    kinds = ["web"] * web_kills + ["process"] * process_kills + ["worker"] * (kills - web_kills - process_kills)
    chance.shuffle(kinds)
    try:
        web.start()
        worker.start()
        for visitor in visitors:
            visitor.start()
        for kind in kinds:
            # Each kill strikes a platform that works: something was acknowledged since the last one.
            before = sum(len(visitor.acknowledged) for visitor in visitors)
            wait(lambda before=before: sum(len(visitor.acknowledged) for visitor in visitors) > before + chance.randrange(3))
            time.sleep(chance.uniform(0, 0.1))
            if kind == "process":
                web.kill_one_below(chance)
                continue
            killed = web if kind == "web" else worker
            killed.kill()
            let_claims_run_out(database)
            killed.start()
        stop.set()
        for visitor in visitors:
            visitor.join(60)
            assert not visitor.is_alive()
    finally:
        stop.set()
        web.kill()
        worker.kill()
    assert sum(visitor.failures for visitor in visitors) > 0
    acknowledged = [one for visitor in visitors for one in visitor.acknowledged]
    store = FolderStore(home / "objects")
    deliver_all(database, store)
    with database.reading() as session:
        rows = session.execute(select(Sample, DrawingRow).join(DrawingRow, DrawingRow.id == Sample.drawing_id)).all()
    assert Counter((sample.id, sample.label) for sample, _ in rows) == Counter(acknowledged)
    pictures = [key for key in store.keys("samples/") if key.endswith(".png")]
    assert sorted(pictures) == sorted(picture_key("digits", sample.label, sample.id) for sample, _ in rows)
    for sample, drawing in rows:
        picture = store.get(picture_key("digits", sample.label, sample.id))
        assert hashlib.sha256(picture).hexdigest() == drawing.png_sha256


@pytest.mark.timeout(600)
def test_a_run_whose_worker_is_killed_while_it_learns_is_taken_over_once(home, database, environ):
    worker = Killed([sys.executable, "-m", "tests.support.slow_worker"], environ)
    chance = random.Random(SEED)

    def newest() -> Run:
        with database.reading() as session:
            return session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).one()

    try:
        worker.start()
        for label in "37":
            with database.writing() as session:
                sample = add_sample(session, label).id
                run = jobs.request(session, "digits", "learn")
            wait(lambda run=run: newest().id == run and newest().state == "running" and newest().progress > 0)
            time.sleep(chance.uniform(0, 1.5))
            worker.kill()
            killed = newest()
            let_claims_run_out(database)
            worker.start()
            wait(lambda: newest().state == "done")
            with database.reading() as session:
                versions = session.scalars(select(Version).where(Version.run_id == run)).all()
                activations = session.scalars(
                    select(Activation.learner).where(Activation.version_id.in_([version.id for version in versions]))
                ).all()
                assert newest().attempts == killed.attempts + (killed.state == "running")
                assert session.get_one(Sample, sample).taught_to == run
            assert sorted(version.learner for version in versions) == ["cnn", "fnn"]
            assert sorted(activations) == ["cnn", "fnn"]
    finally:
        worker.kill()
