"""The platform's processes, as something that can be killed with ``kill -9`` and started again."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEB = (sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py")
LEARNER = (sys.executable, "-m", "tests.support.slow_worker")  # delivers and trains
DELIVERER = (sys.executable, "-m", "functions.worker", "--no-learning")
NO_LIMIT = resource.RLIM_INFINITY


class Killable:
    """A command that is started, killed with everything below it, and started again; its words go to the end of ``log``."""

    def __init__(self, command: tuple[str, ...], environ: dict[str, str], log: Path) -> None:
        self._command, self._environ, self._log = command, environ, log
        self._process: subprocess.Popen[bytes] | None = None
        self._groups: list[int] = []
        self._since = 0.0

    @property
    def age(self) -> float:
        """Seconds since the last start."""
        return time.monotonic() - self._since

    def start(self) -> None:
        """Start the command, in a session of its own."""
        self._since = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environ, cwd=ROOT, start_new_session=True, stdout=log, stderr=log
            )
        self._groups.append(self._process.pid)

    def kill(self) -> None:
        """Kill the process and all below it, also what an earlier ``kill_master`` has left."""
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        self._groups = []

    def kill_master(self) -> None:
        """Kill the process alone; what it started notices by itself that it is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def kill_one_below(self, chance: random.Random) -> bool:
        """Kill one of the processes that it has started; its own master starts another. Return whether there was one."""
        if not (below := self.below()):
            return False
        with suppress(ProcessLookupError):
            os.kill(chance.choice(below), signal.SIGKILL)
        return True

    def below(self) -> list[int]:
        """Return the processes that it has started."""
        assert self._process is not None
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        try:
            found = path.read_text()
        except OSError:
            command = ["ps", "-o", "pid=", "--ppid", str(self._process.pid)]
            found = subprocess.run(command, capture_output=True, text=True).stdout
        return [int(pid) for pid in found.split()]

    def refuse_writes(self, below: bool = False) -> list[int]:
        """Let every write to a file fail, of the process or of those below it; return those that were limited."""
        assert self._process is not None
        return [pid for pid in (self.below() if below else [self._process.pid]) if _limit_files(pid, 0)]


def allow_writes(pids: list[int]) -> None:
    """Let processes write again; those that are gone are left out."""
    for pid in pids:
        _limit_files(pid, NO_LIMIT)


def _limit_files(pid: int, size: int) -> bool:
    try:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, NO_LIMIT))
    except (ProcessLookupError, PermissionError):
        return False
    return True
