"""Keep child processes running: restart those that die, renew them for another release, stop all of them together."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

TICK = 0.2  # seconds between two checks
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a dead child is started again, doubling
SETTLED = 60.0  # seconds after which a child counts as healthy, and its pause is the first again
REFUSED = 2  # the status of a process that a setting keeps from starting
GRACE = 25.0  # seconds in which a child must stop by itself: more than a request or a worker's threads need
DIE_WITH_PARENT = 1  # Linux's PR_SET_PDEATHSIG
LISTENER, READY = "INKLOOP_LISTENER", "INKLOOP_READY"  # what tells a child the numbers of its socket, and of a pipe


class Refused(Exception):
    """A child cannot start with its settings, and has said why."""


class Child:
    """A command that must keep running.

    With a ``listener``, a bound socket that the command inherits, it can be renewed without a pause: who connects meanwhile
    waits in the socket's queue. The command writes to the pipe ``READY`` when it can serve.
    """

    def __init__(
        self, name: str, command: Sequence[str], environ: Mapping[str, str], listener: socket.socket | None = None
    ) -> None:
        self.name, self._command, self._environ, self._listener = name, command, environ, listener
        self._process: subprocess.Popen[bytes] | None = None
        self._next: _Next | None = None
        self._leaving: list[subprocess.Popen[bytes]] = []  # told to stop, after they were replaced
        self._expected = False  # whether its end was asked for, so that it starts again
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
        self._leaving = [process for process in self._leaving if process.poll() is None]
        if self._next is not None:
            self._take_next(self._next, moment)
        if self._process is not None and self._process.poll() is not None:
            self._note_end(self._process.returncode, moment)
        if self._process is None and moment >= self._again_at:
            self._started = moment
            self._process = self._start(None)

    def renew(self) -> None:
        """Start the command anew, which may be another release now.

        With a listener the running process serves until the new one can, and goes on if the new one ends before.
        """
        if self._process is None:
            return  # it is about to be started
        if self._listener is None:
            self._expected = True
            self._process.send_signal(signal.SIGTERM)
            return
        if self._next is not None:
            self._leave(self._next.process)
            os.close(self._next.ready)
        ready, tell = os.pipe()
        os.set_blocking(ready, False)
        self._next = _Next(self._start(tell), ready)
        os.close(tell)

    def ask_to_stop(self) -> None:
        """Send SIGTERM. Nobody can connect from now on; who has connected is answered."""
        if self._listener is not None:
            self._listener.close()
        for process in self._all():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    def wait(self, until: float) -> None:
        """Wait for the process to end; kill it after ``until`` (monotonic seconds)."""
        for process in self._all():
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, tell: int | None) -> subprocess.Popen[bytes]:
        inherited = {LISTENER: self._listener.fileno()} if self._listener is not None else {}
        if tell is not None:
            inherited[READY] = tell
        # A process group of its own: Ctrl-C reaches only the parent, which then stops its children in order. The session
        # is the parent's, for Linux compares the priorities of web and worker within a session only.
        return subprocess.Popen(  # noqa: S603 - the command is the program's own
            self._command,
            env={**self._environ, **{name: str(number) for name, number in inherited.items()}},
            process_group=0,
            preexec_fn=_with_parent(),
            pass_fds=tuple(inherited.values()),
        )

    def _note_end(self, status: int, moment: float) -> None:
        self._process = None
        if self._expected:
            self._expected, self._again_at, self._settled = False, moment, True
            return
        settled = moment - self._started > SETTLED
        self._settled |= settled
        if status == REFUSED and not self._settled:
            raise Refused
        self._pause = FIRST_PAUSE if settled else self._pause
        self._again_at = moment + self._pause
        print(f"The {self.name} process ended ({_words(status)}); it is started again in {self._pause:.0f} s.", file=sys.stderr)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _take_next(self, found: _Next, moment: float) -> None:
        """Put the new process in the old one's place if it can serve; forget it if it has ended."""
        if found.can_serve():
            if self._process is not None:
                self._leave(self._process)
            self._process, self._started, self._settled = found.process, moment, True
        elif found.process.poll() is not None:
            status = _words(found.process.returncode)
            print(f"The new {self.name} process ended ({status}); the old one goes on.", file=sys.stderr)
        else:
            return
        os.close(found.ready)
        self._next = None

    def _leave(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        self._leaving.append(process)

    def _all(self) -> list[subprocess.Popen[bytes]]:
        following = [self._next.process] if self._next is not None else []
        return [process for process in (self._process, *following, *self._leaving) if process is not None]


@dataclass(frozen=True)
class _Next:
    """A process that is to take another one's place when it has written to the pipe ``ready``."""

    process: subprocess.Popen[bytes]
    ready: int

    def can_serve(self) -> bool:
        try:
            return os.read(self.ready, 1) != b""
        except BlockingIOError:
            return False


class Renewal:
    """Renews children when ``asked`` is set, after a command that prepares it, such as a migration, has ended well."""

    def __init__(
        self, children: Sequence[Child], prepare: Sequence[str], environ: Mapping[str, str], asked: threading.Event
    ) -> None:
        self._asked = asked
        self._children, self._command, self._environ = children, prepare, environ
        self._preparing: subprocess.Popen[bytes] | None = None

    def __call__(self) -> None:
        """Go on with it; called again and again."""
        if self._preparing is None:
            if self._asked.is_set():
                self._asked.clear()
                self._preparing = subprocess.Popen(  # noqa: S603 - the command is the program's own
                    self._command, env=dict(self._environ), process_group=0, preexec_fn=_with_parent()
                )
        elif (status := self._preparing.poll()) is not None:
            self._preparing = None
            if status:
                print(f"The release could not be prepared ({_words(status)}); the running one goes on.", file=sys.stderr)
                return
            for child in self._children:
                child.renew()


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
