"""Maps tasks on a Ray cluster, and waits while the cluster is away."""

from __future__ import annotations

import logging
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from functions.compute.mapper import Result, Task, TellStep, TellTask
from functions.compute.messages import Away, Connected, Done, Failed, Job, Told
from functions.domain.run_step import Step
from functions.store.outage_log import OutageLog

log = logging.getLogger("inkloop.worker")

CLUSTER = "The Ray cluster"
WAITING = Step("waiting_for_cluster")
AGAIN = 5.0  # seconds between two tries to reach the cluster
TICK = 0.5  # seconds between two calls of ``tell``, which may raise
REACHED = 2.0  # seconds in which a port must answer
CONNECTED = 60.0  # seconds in which the cluster must accept a driver; Ray itself tries for five minutes
PACKAGE = Path(__file__).resolve().parents[2]  # the folder of ``functions``
GOODBYE = 10.0  # seconds for a driver to leave the cluster


class RayMapper:
    """Maps tasks on the cluster at ``address``: ``auto``, ``host:6379`` of this machine's node, or ``ray://host:10001``.

    A task takes ``cpus`` of a node. While the cluster is away, ``map`` waits, logs it once, and tells each task the step
    ``waiting_for_cluster``. Results that came before are kept.
    """

    def __init__(self, address: str, *, cpus: float = 1.0, again: float = AGAIN, outages: OutageLog | None = None) -> None:
        self._address, self._cpus, self._again = address, cpus, again
        self._outages = outages or OutageLog(log)

    def map(self, function: Callable[[Task, TellStep], Result], tasks: Sequence[Task], tell: TellTask) -> list[Result]:
        """Return the results; see ``TaskMapper``."""
        results: dict[int, Result] = {}
        reached: dict[int, float] = dict.fromkeys(range(len(tasks)), 0.0)

        def tell_all(progress: float | None, step: Step) -> None:
            for place in sorted(set(reached) - set(results)):
                tell(place, reached[place] if progress is None else progress, step)

        while len(results) < len(tasks):
            left = {place: task for place, task in enumerate(tasks) if place not in results}
            away = unreachable(self._address) or self._try(Job(self._address, function, left, self._cpus), results, reached, tell)
            if away is not None:
                self._outages.away(CLUSTER, away)
                until = time.monotonic() + self._again
                while time.monotonic() < until:
                    tell_all(None, WAITING)
                    time.sleep(TICK)
        return [results[place] for place in range(len(tasks))]

    def _try(self, job: Job, results: dict[int, Any], reached: dict[int, float], tell: TellTask) -> str | None:
        """Map what is left of a job; return why the cluster went away, or None if all tasks are done."""
        last, began, connected = (min(job.tasks), Step("waiting_for_node")), time.monotonic(), False
        looked = began
        with _driver(job) as messages:
            for message in messages:
                if isinstance(message, Away):
                    return message.reason
                if isinstance(message, Failed):
                    raise message.error
                if isinstance(message, Connected):
                    connected = True
                    self._outages.back(CLUSTER)
                elif isinstance(message, Done):
                    results[message.place] = message.result
                    reached[message.place] = 1.0
                elif isinstance(message, Told):
                    for place, (progress, step) in message.progress.items():
                        if place not in results:
                            reached[place], last = progress, (place, step)
                            tell(place, progress, step)
                if not connected and time.monotonic() >= began + CONNECTED:
                    return f"it did not accept a driver within {CONNECTED:.0f} s"
                # Ray itself notices a lost head after a minute.
                if time.monotonic() >= looked + self._again:
                    looked = time.monotonic()
                    if (why := unreachable(self._address)) is not None:
                        return why
                tell(last[0], reached[last[0]], last[1])  # a call may raise, so there is one even without news
        return None if all(place in results for place in job.tasks) else "its driver has ended"


def unreachable(address: str) -> str | None:
    """Return why no server listens at the address of a cluster; None if one does, or for ``auto``, which is for Ray to find."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return None
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACHED).close()
    except OSError as error:
        return f"nothing answers at {host}:{port} ({error.strerror or error})"
    return None


@contextmanager
def _driver(job: Job) -> Iterator[Iterator[Any]]:
    """Start a driver process with a job, and yield its messages. At the end of the block its tasks end, too."""
    here, there = socket.socketpair()
    command = [sys.executable, "-m", "functions.compute.ray_driver", str(there.fileno())]
    # A session of its own: Ctrl-C is for the worker, which ends its driver.
    process = subprocess.Popen(  # noqa: S603
        command, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL, cwd=PACKAGE, start_new_session=True
    )
    there.close()
    connection: Connection[Any, Any] = Connection(here.detach())
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.send(job)
        yield _messages(connection)
    finally:
        connection.close()
        try:
            process.wait(GOODBYE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _messages(connection: Connection[Any, Any]) -> Iterator[Any]:
    """Yield messages, and an empty ``Told`` each half second without one, until the driver ends."""
    while True:
        try:
            yield connection.recv() if connection.poll(TICK) else Told()
        except (EOFError, ConnectionResetError):
            return
        except pickle.UnpicklingError as error:
            yield Away(f"its driver sent what cannot be read ({error})")
