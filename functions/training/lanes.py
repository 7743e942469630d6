"""The two lanes of runs: a quick run learns new samples while somebody waits; a full run learns all samples again."""

from __future__ import annotations

from dataclasses import dataclass

from functions import jobs


@dataclass(frozen=True)
class Lane:
    """How the runs of one ``kind`` choose their samples.

    A full run ``relearns`` everything that was collected; a quick run learns samples that no version has learned yet. One run
    learns at most ``samples``, the newest ones, and assigns a split to at most ``splits`` samples.
    """

    kind: jobs.TrainingKind
    relearns: bool
    samples: int
    splits: int

    def fine_tunes(self, knew: tuple[str, ...]) -> bool:
        """Tell whether a run fine-tunes a version that ``knew`` these labels, and so replays earlier samples."""
        return not self.relearns and bool(knew)


QUICK = Lane(jobs.QUICK, relearns=False, samples=2_000, splits=10_000)  # 2,000: 300 steps see each of them once
FULL = Lane(jobs.FULL, relearns=True, samples=60_000, splits=60_000)  # 60,000: as many as MNIST has

LANES: dict[jobs.Kind, Lane] = {lane.kind: lane for lane in (QUICK, FULL)}
