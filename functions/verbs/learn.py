"""The verb *learn*: train new versions on the collected samples; the gate decides which of them are activated.

The plan follows from the live version, the set's labels and the samples: continue the version, add labels, or make a first
version. No request has to say which, so a lost message loses nothing.

A crash between any two lines leaves at most files in the store that no version names. Each attempt gives its versions new ids,
so an attempt that was taken over cannot overwrite the files of the next attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from functions import jobs
from functions.dataset.splits import assign_splits
from functions.domain.run_step import Step
from functions.learners.continual.protocol import LearnerTrainer, OnProgress
from functions.learners.squares.augmented_copies import AugmentedCopies
from functions.records.database import Database
from functions.registry import Artefacts
from functions.training.full_lane import train_in_turn
from functions.training.lanes import FULL, LANES, QUICK, Lane
from functions.training.plan import Task, plan_run
from functions.training.publish import cancel, go_back, publish
from functions.training.quick_lane import train_side_by_side
from functions.training.run_context import RunContext
from functions.training.save import NewVersion
from functions.training.trials import Cluster

TRAIN: dict[Lane, Callable[[RunContext, Sequence[Task]], list[NewVersion]]] = {QUICK: train_side_by_side, FULL: train_in_turn}


def learn(
    database: Database,
    artefacts: Artefacts,
    claim: jobs.Lease,
    trainers: Mapping[str, LearnerTrainer],
    on_progress: OnProgress,
    copies: AugmentedCopies | None = None,
    cluster: Cluster | None = None,
) -> dict[str, Any]:
    """Do the leased run, from its plan to its publication, and return its result.

    A quick run fine-tunes on the samples that no live version has learned. A full run learns all collected samples, and catches
    up at its end with quick runs. A run that forgets starts from the newest versions that never saw the withdrawn samples; if
    there is nothing else to learn, these versions are activated. A ``cluster`` computes the trials of a full run.

    Raises:
        LeaseLost: another worker has taken the run over; nothing was published.
        StoreUnavailable, BrokenArtefact: the starting weights cannot be read, or the new ones cannot be stored.
        Unavailable: no other set has a network that a first version could start from.
    """
    lane = LANES[claim.kind]
    assign_splits(database, claim, lane.splits)
    with database.reading() as session:
        plan = plan_run(session, claim, trainers, copies)
    if not plan.tasks and claim.forget and (result := go_back(database, claim, plan)):
        return result
    if not plan.tasks:
        return cancel(database, claim, plan)
    context = RunContext(database, artefacts, claim, trainers, on_progress, cluster)
    made = TRAIN[lane](context, plan.tasks)
    on_progress(0.98, Step("publishing"))
    return publish(database, claim, made, plan)
