"""The contract of a task mapper, and the mapper that computes in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from functions.domain.run_step import Step

Task = TypeVar("Task")
Result = TypeVar("Result")
TellStep = Callable[[float, Step], None]  # 0..1 and the present step
TellTask = Callable[[int, float, Step], None]  # the place of the task, then the same


class TaskMapper(Protocol):
    """Maps a function over tasks. The mapper gives results, never their order of computing."""

    def map(self, function: Callable[[Task, TellStep], Result], tasks: Sequence[Task], tell: TellTask) -> list[Result]:
        """Return the result of each task, in the order of ``tasks``.

        ``tell`` hears the progress of each task. What ``tell`` raises ends all tasks and is raised here. So is the first error of
        a task. A function for a cluster is a function of a module; its tasks and results can be pickled.
        """


class InProcess:
    """Computes one task after the other in this process."""

    def map(self, function: Callable[[Task, TellStep], Result], tasks: Sequence[Task], tell: TellTask) -> list[Result]:
        """Return the results."""
        return [function(task, _of_task(tell, place)) for place, task in enumerate(tasks)]


def _of_task(tell: TellTask, place: int) -> TellStep:
    return lambda progress, step: tell(place, progress, step)
