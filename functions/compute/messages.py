"""What a mapper and its driver process send each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from functions.domain.run_step import Step


@dataclass(frozen=True)
class Job:
    """The first message: the ``tasks`` by their places, which the driver maps on the cluster at ``address``."""

    address: str
    function: Callable[[Any, Any], Any]
    tasks: dict[int, Any]
    cpus: float  # that one task takes of a node


@dataclass(frozen=True)
class Connected:
    """The driver has reached the cluster."""


@dataclass(frozen=True)
class Told:
    """The newest progress of tasks by their places; empty at least once a second."""

    progress: dict[int, tuple[float, Step]] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """The result of the task at ``place``."""

    place: int
    result: Any


@dataclass(frozen=True)
class Failed:
    """A task has raised ``error``; it would raise it again."""

    error: BaseException


@dataclass(frozen=True)
class Away:
    """The cluster cannot be reached, or does not go on; ``reason`` says why."""

    reason: str
