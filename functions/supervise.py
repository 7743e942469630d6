"""Keep child processes running: restart those that die, stop all of them together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

TICK = 0.2  # seconds between two checks
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a dead child is started again, doubling
SETTLED = 60.0  # seconds after which a child counts as healthy, and its pause is the first again
REFUSED = 2  # the status of a process that a setting keeps from starting
GRACE = 25.0  # seconds in which a child must stop by itself: more than a request or a worker's threads need
DIE_WITH_PARENT = 1  # Linux's PR_SET_PDEATHSIG


class Refused(Exception):
    """A child cannot start with its settings, and has said why."""


class Child:
    """A command that must keep running."""

    def __init__(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self.name, self._command, self._environ = name, command, environ
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._again_at = 0.0
        self._pause = FIRST_PAUSE
        self._settled = False  # whether it was healthy once

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def keep_up(self) -> None:
        """Start the command if it is not running and its pause is over.

        Raises:
            Refused: its settings cannot be used. A child that ran before is started again: its settings are the same.
        """
        moment = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            status, self._process = self._process.returncode, None
            settled = moment - self._started > SETTLED
            self._settled |= settled
            if status == REFUSED and not self._settled:
                raise Refused
            self._pause = FIRST_PAUSE if settled else self._pause
            self._again_at = moment + self._pause
            print(
                f"The {self.name} process ended ({_words(status)}); it is started again in {self._pause:.0f} s.", file=sys.stderr
            )
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if self._process is None and moment >= self._again_at:
            self._started = moment
            # A process group of its own: Ctrl-C reaches only the parent, which then stops its children in order. The session
            # is the parent's, for Linux compares the priorities of web and worker within a session only.
            self._process = subprocess.Popen(  # noqa: S603 - the command is the program's own
                self._command, env=dict(self._environ), process_group=0, preexec_fn=_with_parent()
            )

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, until: float) -> None:
        """Wait for the process to end; kill it after ``until`` (monotonic seconds)."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def supervise(children: Sequence[Child], stop: threading.Event, on_tick: Callable[[], None] = lambda: None) -> int:
    """Keep ``children`` running until ``stop`` is set, then stop them together; return the exit status.

    The children are stopped, too, and the status is theirs, if one of them cannot start with its settings.
    """
    try:
        while not stop.is_set():
            for child in children:
                child.keep_up()
            on_tick()
            stop.wait(TICK)
        return 0
    except Refused:
        return REFUSED
    finally:
        for child in children:
            child.ask_to_stop()
        until = time.monotonic() + GRACE
        for child in children:
            child.wait(until)


def _words(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def _with_parent() -> Callable[[], None] | None:
    """Return a function for the child that has Linux send SIGTERM to the child when this process dies; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def in_child() -> None:
        prctl(DIE_WITH_PARENT, signal.SIGTERM)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return in_child
