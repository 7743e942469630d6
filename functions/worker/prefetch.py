"""What a worker does while a quick run waits for its quiet time, so that its lesson need not do it."""

from __future__ import annotations

from collections.abc import Callable

from functions import jobs
from functions.domain.drawing.strokes import segments
from functions.learners.squares.augmented_copies import COPIES_IN_ALL, augmented_copies, clear_cache, copies_of_each
from functions.records.database import Database
from functions.records.training_samples import strokes, unseen


class Prefetcher:
    """Draws what other hands would have made of the drawings that wait (``learners.variations`` remembers it). For one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._done: dict[str, int] = {}  # variations of each sample that waits

    def look(self, go_on: Callable[[], bool]) -> None:
        """Draw what is not drawn yet for the quick runs that are queued, as long as ``go_on()``; forget it where none is."""
        with self._database.reading() as session:
            names = jobs.queued(session, "learn")
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
                augmented_copies(segments(paths[sample]), each[sample])
            self._done[sample] = each[sample]

    def forget(self) -> None:
        """Keep no drawing in memory any longer: a run is over, or another worker has done it."""
        self._done = {}
        clear_cache()
