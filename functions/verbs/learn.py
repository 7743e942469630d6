"""The verb *learn*: what people gave since the last time becomes new versions, which answer if the gate lets them.

Whether a version goes on, learns labels that it did not know, or is the first of its set, is seen from what is there: the live
version, the set's labels and the samples. So nothing has to be asked for, and nothing is lost with a message.

A crash between any two lines leaves either nothing, or files in the store that no version names: each attempt calls its
versions anew, so that an attempt that was taken over cannot write over the files of the one that followed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions import jobs
from functions.dataset.splits import assign_splits
from functions.learners.continual.protocol import LearnerTrainer, OnProgress
from functions.records import label_counts
from functions.records.database import Database
from functions.store import Store
from functions.training.plan import in_all, tasks
from functions.training.publish import cancel, go_back, publish
from functions.training.run_context import RunContext
from functions.training.training_set import MOST, PASSED_OVER


def learn(
    database: Database,
    store: Store,
    models: Path,
    claim: jobs.Lease,
    teachers: Mapping[str, LearnerTrainer],
    on_progress: OnProgress,
) -> dict[str, Any]:
    """Do the run that was leased, from gathering to publishing, and return its result.

    A ``learn`` run fine-tunes on the samples that no live version has learned; a ``train`` run learns all that was collected, and
    takes up at its end what quick runs taught meanwhile (``slow``).
    One that is to forget somebody does so from the newest versions that never saw what they gave, and where nothing else is
    there to learn, it lets these answer.

    Raises:
        LeaseLost: another worker has taken the run over; nothing was published.
        StoreUnavailable, BrokenArtefact: the weights to begin with cannot be read or the new ones not be kept.
        Unavailable: there is no network at all that a first one could begin from.
    """
    assign_splits(database, claim, MOST["train"] if claim.kind == "train" else PASSED_OVER)
    with database.reading() as session:
        to_do, gathered = tasks(session, claim, teachers)
        accepted = label_counts.accepted(session, claim.set_name) if claim.kind == "train" else 0
    idle = in_all(lessons.idle for lessons in gathered)
    if not to_do and claim.forget and (result := go_back(database, claim)):
        return result
    if not to_do:
        return cancel(database, claim, gathered, idle)
    room = RunContext(database, store, models, claim, teachers, on_progress)
    made = room.quick(to_do) if claim.kind == "learn" else room.slow(to_do)
    on_progress(0.98, "publishing")
    return publish(database, claim, made, idle, accepted)
