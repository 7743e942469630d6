"""An installation of the platform for the tests: its processes, its faults, and a view past the faults."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import requests
from sqlalchemy import func, select

from functions.records.database import Database, open_database
from functions.records.outbox import drain
from functions.records.tables import OutboxRow, Run, now
from functions.settings import Bucket
from functions.store import FolderStore, Store
from functions.store.s3 import S3Store
from tests.support.factories import seeded
from tests.torture import faults
from tests.torture.fault_proxy import FaultProxy
from tests.torture.faults import Fault
from tests.torture.processes import DELIVERER, LEARNER, WEB, Killable

# Without trust rules and limits, whose tests are elsewhere; corrections are learned at once, so that there is a run to kill.
OPEN = {"INKLOOP_LIMITS": "off", "INKLOOP_TRUST": "open", "INKLOOP_LEARN_AFTER": "0", "WEB_WORKERS": "2"}


class Installation:
    """A web server, a worker that delivers and trains, and a worker that only delivers.

    ``database`` and ``store`` are the tests' own way to both, which no fault is on.
    """

    def __init__(self, folder: Path, database_url: str, store: Store, app: str, environ: dict[str, str]) -> None:
        self.database: Database = seeded(open_database(database_url), folder / "models")
        self.store = store
        port = _free_port()
        home = {"INKLOOP_HOME": str(folder / "home"), "INKLOOP_MODELS": str(folder / "models"), "DATABASE_URL": database_url}
        self.environ = {"PATH": os.environ["PATH"], "PORT": str(port), **home, **OPEN, **environ}
        self.address = f"http://127.0.0.1:{port}"
        self.web = Killable((*WEB, app), self.environ, folder / "web.log")
        self.learner = Killable(LEARNER, self.environ, folder / "learner.log")
        self.deliverer = Killable(DELIVERER, self.environ, folder / "deliverer.log")
        self.processes = (self.web, self.learner, self.deliverer)
        self.faults: dict[str, Fault] = {}

    def start(self, *processes: Killable) -> None:
        """Start some processes, or all, and wait until the web server answers."""
        for process in processes or self.processes:
            process.start()
        wait(self._ready)

    def stop(self) -> None:
        """Kill everything."""
        for process in self.processes:
            process.kill()

    def let_leases_run_out(self) -> None:
        """Let the time pass after which the run of a killed worker is free again."""
        with self.database.writing() as session:
            for run in session.scalars(select(Run).where(Run.state == "running")):
                run.lease_until = now()

    def waiting(self) -> int:
        """Return the number of objects that wait in the outbox."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(OutboxRow)) or 0

    def deliver_all(self, rounds: int = 3) -> None:
        """Deliver the rest, when all workers are dead and the time of their claims has passed.

        What was claimed before it was removed is deleted once more later, so one round may not be the last.
        """
        for _ in range(rounds):
            with self.database.writing() as session:
                for row in session.scalars(select(OutboxRow)):
                    row.next_attempt = now()
            while drain(self.database, self.store):
                pass

    def _ready(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.address}/readyz", timeout=5).ok
        return False


def on_one_machine(folder: Path, app: str = "main:app", **environ: str) -> Installation:
    """Return an installation on SQLite and a folder; ``environ`` has more settings."""
    home, disk = folder / "home", folder / "disk"
    home.mkdir()
    disk.mkdir()
    (home / "objects").symlink_to(disk)
    made = Installation(folder, f"sqlite:///{home / 'inkloop.sqlite'}", FolderStore(disk), app, environ)
    made.faults |= faults.of_folder(home / "objects")
    if sys.platform == "linux":
        made.faults |= faults.of_disk(made.web, [made.learner, made.deliverer])
    return made


def beyond(folder: Path, database_url: str, bucket: Bucket, proxy: FaultProxy, app: str = "main:app") -> Installation:
    """Return an installation on PostgreSQL and a bucket behind ``proxy``."""
    (folder / "home").mkdir()
    keys = {"AWS_ACCESS_KEY_ID": bucket.access_key or "", "AWS_SECRET_ACCESS_KEY": bucket.secret_key or ""}
    settings = {"S3_BUCKET": bucket.name, "S3_ENDPOINT_URL": proxy.endpoint, **keys}
    made = Installation(folder, database_url, S3Store(bucket), app, settings)
    made.faults |= faults.of_bucket(proxy) | faults.of_server(made.database)
    return made


def wait(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait until the condition holds, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
