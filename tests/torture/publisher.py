"""Do runs in child processes, some of which are killed while they publish.

``python -m tests.torture.publisher`` reads a line for each child: seconds from the moment when it begins to publish until it is
killed with ``kill -9``, or "never". It answers a line: the seconds that publishing took, or "killed". The children are forks of a
process that has imported everything, so they begin at once. ``Publisher`` starts it and asks it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from functions import jobs, registry
from functions.records.database import open_database
from functions.settings import Settings
from functions.store import Store, open_store
from functions.verbs.learn import learn
from tests.support.fake_trainers import FakeTrainer

ROOT = Path(__file__).resolve().parents[2]
KILLED = "killed"


class Publisher:
    """A running publisher for the installation that ``environ`` describes."""

    def __init__(self, environ: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.torture.publisher"]
        self._process = subprocess.Popen(
            command, env=environ, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def work(self, seconds: float | None) -> float | None:
        """Do a due run, killed ``seconds`` after it began to publish; return the seconds that it took, None if it was killed."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print("never" if seconds is None else seconds, file=self._process.stdin, flush=True)
        said = self._process.stdout.readline().strip()
        return None if said == KILLED else float(said)


class _Telling:
    """A store that tells, at the first put, that publishing begins."""

    def __init__(self, store: Store, tell: int) -> None:
        self._store, self._tell, self._told = store, tell, False

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Put an object, and tell if it is the first."""
        if not self._told:
            self._told = True
            os.write(self._tell, b"!")
        self._store.put(key, body, content_type)


def _child(tell: int) -> None:
    settings = Settings.from_env(os.environ)
    database = open_database(settings.database_url)
    artefacts = registry.Artefacts(_Telling(open_store(settings), tell), settings.models)  # type: ignore[arg-type]
    claim = jobs.lease(database)
    assert claim is not None
    learn(database, artefacts, claim, {"fnn": FakeTrainer(), "cnn": FakeTrainer()}, lambda progress, step: None)


def _watch(seconds: float | None) -> str:
    """Fork a child and kill it in time; return how it ended."""
    hear, tell = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.close(hear)
            _child(tell)
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    os.close(tell)
    began = time.monotonic() if os.read(hear, 1) else None  # nothing: the child has ended without a put
    os.close(hear)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)  # a child that has ended waits for us, so its number belongs to no other process
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL) and began is not None, status
    return KILLED if status else f"{time.monotonic() - began:.4f}"


if __name__ == "__main__":
    for line in sys.stdin:
        print(_watch(None if line.strip() == "never" else float(line)), flush=True)
