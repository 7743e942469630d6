"""Tasks for the nodes of a cluster. They are functions of a module, so that a node can import them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from functions.domain.run_step import Step
from functions.errors import Unavailable

ENOUGH = "enough"


@dataclass(frozen=True)
class Slow:
    """A task that leaves a line in a file of ``folder`` when it begins and while it works.

    It takes ``seconds``, or until there is a file ``enough``.
    """

    number: int
    folder: Path
    seconds: float = 1.0


def work(task: Slow, tell) -> tuple[int, int]:
    """Return the task's number and the square of it."""
    note(task, f"begins {os.getppid()}")
    until = time.monotonic() + task.seconds
    while time.monotonic() < until and not (task.folder / ENOUGH).exists():
        tell(1 - (until - time.monotonic()) / max(task.seconds, 0.01), Step.of("fitting", step=1, steps=2))
        time.sleep(0.1)
        note(task, "works")
    return task.number, task.number**2


def refuse(task: int, tell) -> int:
    """Raise a named situation for the task 1."""
    if task == 1:
        raise Unavailable("The task 1 cannot be done.")
    return task


def crash(task: int, tell) -> int:
    """Raise an error that cannot be pickled."""

    class Local(Exception):
        pass

    raise Local("the words")


def note(task: Slow, line: str) -> None:
    """Append a line to the task's file."""
    with (task.folder / str(task.number)).open("a") as file:
        file.write(line + "\n")


def begun(folder: Path, number: int) -> int:
    """Return how often a task has begun."""
    path = folder / str(number)
    return path.read_text().count("begins") if path.exists() else 0
