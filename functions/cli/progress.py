"""The progress bars of the commands. They are on stderr, and only where stderr is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from functions import jobs
from functions.domain.run_step import Step
from functions.records.database import Database
from functions.records.tables import Run

LOOK = 0.5  # seconds between two looks at a run


@contextmanager
def progress_bar(title: str = "", place: int = 0) -> Iterator[Callable[[float, str | Step], None]]:
    """Show a bar; yield a function that takes the share that is done (0..1), and the step.

    Several bars have a ``title`` each, and their ``place`` from above.
    """
    with tqdm(total=1.0, unit="", bar_format="{l_bar}{bar}| {desc}", file=sys.stderr, disable=None, position=place) as bar:

        def show(share: float, step: str | Step) -> None:
            bar.set_description_str(f"{title}: {step}" if title else str(step), refresh=False)
            bar.update(share - bar.n)

        yield show


class CountBar(tqdm):  # type: ignore[type-arg]
    """A bar that counts, for a ``with`` block; its ``total`` may be set later."""

    def __init__(self, unit: str) -> None:
        super().__init__(unit=f" {unit}", file=sys.stderr, disable=None)

    def add(self, count: int) -> None:
        """Count so many more."""
        self.update(count)

    def reach(self, count: int) -> None:
        """Count up to ``count`` in all."""
        self.update(count - self.n)


def follow(database: Database, run: Run) -> Run:
    """Show the progress of a run until it has ended, and return it. A worker does it; Ctrl-C leaves it to the worker."""
    print(f"Run {run.id} waits for a worker; Ctrl-C leaves it waiting.", file=sys.stderr)
    with progress_bar() as show:
        while run.state in ("queued", "running"):
            time.sleep(LOOK)
            with database.reading() as session:
                run = jobs.run(session, run.id)
            show(run.progress, run.step)
    return run
