"""Draw augmented copies while a quick run waits for its quiet time, so that the run need not draw them."""

from __future__ import annotations

from collections.abc import Callable

from functions import jobs
from functions.domain.drawing.strokes import segments
from functions.learners.squares.augmented_copies import COPIES_IN_ALL, AugmentedCopies, copies_of_each
from functions.records.database import Database
from functions.records.training_samples import strokes, unseen


class Prefetcher:
    """Draws augmented copies of waiting samples into the ``copies`` that the run will read. For one thread."""

    def __init__(self, database: Database, copies: AugmentedCopies) -> None:
        self._database, self._copies = database, copies
        self._done: dict[str, int] = {}  # number of copies by waiting sample

    def look(self, go_on: Callable[[], bool]) -> None:
        """Draw the missing copies for queued quick runs, as long as ``go_on()``; delete all copies if no run is queued."""
        with self._database.reading() as session:
            names = jobs.queued(session, jobs.QUICK)
            if not names:
                self.forget()
                return
            waiting = [unseen(session, name, COPIES_IN_ALL + 1) for name in names]
            each = {sample: copies_of_each(len(samples)) for samples in waiting for sample in samples}
            self._done = {sample: count for sample, count in self._done.items() if sample in each}
            missing = [sample for sample, count in each.items() if self._done.get(sample, 0) < count]
            paths = strokes(session, missing)
        for sample in missing:
            if not go_on():
                return
            if sample in paths:
                self._copies.of(segments(paths[sample]), each[sample])
            self._done[sample] = each[sample]

    def forget(self) -> None:
        """Delete all copies, because the run has ended or another worker has executed it."""
        self._done = {}
        self._copies.forget()
