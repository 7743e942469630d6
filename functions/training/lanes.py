"""The two lanes of runs: quick runs learn what is new, because somebody waits; full runs learn everything anew."""

from __future__ import annotations

from dataclasses import dataclass

from functions import jobs


@dataclass(frozen=True)
class Lane:
    """How the runs of one ``kind`` choose their samples.

    A full run ``relearns`` everything that was collected; a quick run learns samples that no version has learned yet. ``samples``
    is the most that one run learns, the newest; ``splits`` is the most samples to which one run assigns a split.
    """

    kind: jobs.Kind
    relearns: bool
    samples: int
    splits: int

    def fine_tunes(self, knew: tuple[str, ...]) -> bool:
        """Tell whether a run replays earlier samples beside the new ones, from a version that ``knew`` these labels."""
        return not self.relearns and bool(knew)


QUICK = Lane(jobs.QUICK, relearns=False, samples=2_000, splits=10_000)  # 2,000: what 300 steps see once
FULL = Lane(jobs.FULL, relearns=True, samples=60_000, splits=60_000)  # 60,000: as many as MNIST has

_LANES = {lane.kind: lane for lane in (QUICK, FULL)}


def lane_of(kind: jobs.Kind) -> Lane:
    """Return the lane of the runs of a kind."""
    return _LANES[kind]
