"""The driver process of a Ray cluster: ``RayMapper`` starts it for one map, and reads its messages.

Ray ends a driver whose cluster does not come back. So the driver is a process of its own, and a worker survives it.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from functions.compute.messages import Away, Connected, Done, Failed, Job, Told
from functions.domain.run_step import Step

LOOK = 0.5  # seconds between two looks at the progress
TELL_EVERY = 0.5  # seconds between two messages of a task about its progress
RETRIES = 3  # of a task whose node was lost
SHUTDOWN = 5.0  # seconds for saying goodbye to the cluster


def main() -> None:
    """Read a job from the inherited socket, map its tasks, and send messages until all are done."""
    connection: Connection[Any, Any] = Connection(int(sys.argv[1]))
    job: Job = connection.recv()
    threading.Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
    import ray

    try:
        ray.init(job.address, namespace="inkloop", log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # Ray has no class of errors for this
        connection.send(Away(_first_line(error)))
        return
    connection.send(Connected())
    try:
        _map(connection, job)
    except (ray.exceptions.RayError, ConnectionError) as error:
        connection.send(Away(_first_line(error)))
    except Exception as error:  # not of the cluster: another try would raise it, too
        connection.send(Failed(_sendable(error)))
    finally:
        ray.shutdown()


def _map(connection: Connection[Any, Any], job: Job) -> None:
    import ray

    board = ray.remote(num_cpus=0, max_restarts=-1)(ProgressBoard).remote()
    call = ray.remote(num_cpus=job.cpus, max_retries=RETRIES)(call_task)
    lost = ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError, ray.exceptions.NodeDiedError
    waiting = {call.remote(job.function, task, place, board): place for place, task in job.tasks.items()}
    while waiting:
        done, _ = ray.wait(list(waiting), num_returns=1, timeout=LOOK)
        for one in done:
            try:
                connection.send(Done(waiting.pop(one), ray.get(one)))
            except ray.exceptions.RayTaskError as error:
                raise _sendable(getattr(error, "cause", None) or error) from error
            except lost as error:
                raise RuntimeError(f"A task was lost {RETRIES + 1} times: {_first_line(error)}") from error
        connection.send(Told(_read(board)))


def call_task(function: Any, task: Any, place: int, board: Any) -> Any:
    """Compute a task on a node, and let the board know its progress."""
    said = 0.0

    def tell(progress: float, step: Step) -> None:
        nonlocal said
        if time.monotonic() >= said + TELL_EVERY:
            said = time.monotonic()
            board.tell.remote(place, progress, step)

    return function(task, tell)


class ProgressBoard:
    """The newest progress of tasks. An actor: tasks on all nodes write, the driver reads."""

    def __init__(self) -> None:
        self._news: dict[int, tuple[float, Step]] = {}

    def tell(self, place: int, progress: float, step: Step) -> None:
        """Note the progress of a task."""
        self._news[place] = progress, step

    def read(self) -> dict[int, tuple[float, Step]]:
        """Return what was noted since the last call."""
        news, self._news = self._news, {}
        return news


def _read(board: Any) -> dict[int, tuple[float, Step]]:
    import ray

    try:
        return dict(ray.get(board.read.remote(), timeout=2 * LOOK))
    except ray.exceptions.RayError:  # its node is lost, and it starts on another one; only progress is lost
        return {}


def _sendable(error: BaseException) -> BaseException:
    """Return the error if the parent can read it, else its words."""
    try:
        return pickle.loads(pickle.dumps(error))  # type: ignore[no-any-return]  # noqa: S301 - our own bytes
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {_first_line(error)}")


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _end_with_parent(connection: Connection[Any, Any]) -> None:
    """End this process, and so the tasks, when the parent has closed the socket or is dead."""
    try:
        connection.recv()
    except (EOFError, OSError):
        threading.Timer(SHUTDOWN, os._exit, (1,)).start()
        import ray

        ray.shutdown()
        os._exit(1)


if __name__ == "__main__":
    main()
