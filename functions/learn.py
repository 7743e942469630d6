"""The verb *learn*: what people gave since the last time becomes new versions, which answer if the gate lets them.

Whether a version goes on, learns labels that it did not know, or is the first of its set, is seen from what is there: the live
version, the set's labels and the samples. So nothing has to be asked for, and nothing is lost with a message.

A crash between any two lines leaves either nothing, or files in the store that no version names: each attempt calls its
versions anew, so that an attempt that was taken over cannot write over the files of the one that followed it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from functions import growth, jobs, registry
from functions.forgetting import clean_starts
from functions.keeping import FORGETS, Made, keep
from functions.lessons import MOST, PASSED_OVER, Lessons, in_words, named
from functions.records.alone import alone
from functions.records.database import Database
from functions.records.snapshots import keep_snapshot, mark_offered, mark_passed_over, mark_taught, withdrawn_since
from functions.records.tables import Version
from functions.sides import divide
from functions.slow import Read, conclude_task, meanwhile, train_task
from functions.store import Store, outbox
from functions.tasks import COST, OnProgress, Task, Teaches, in_all, seed, tasks, teach

NEVER_MIND = "Another version was made live while this one was learning."
LAST = 0.8  # of a slow run's progress: from there on quick runs of its set wait
PAUSE = 0.2  # seconds between two looks whether a quick run that is under way has ended

__all__ = ["FORGETS", "LAST", "learn"]


def learn(
    database: Database,
    store: Store,
    models: Path,
    claim: jobs.Lease,
    teachers: Mapping[str, Teaches],
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
    divide(database, claim, MOST["train"] if claim.kind == "train" else PASSED_OVER)
    with database.reading() as session:
        to_do, gathered = tasks(session, claim, teachers)
        accepted = growth.accepted(session, claim.set_name) if claim.kind == "train" else 0
    idle = in_all(lessons.idle for lessons in gathered)
    if not to_do and claim.forget and (result := _go_back(database, claim)):
        return result
    if not to_do:
        return _cancel(database, claim, gathered, idle)
    read = partial(registry.artefact, store, models, kind="npz")
    if claim.kind == "learn":
        made = _side_by_side(store, claim, to_do, teachers, read, on_progress)
    else:
        made = _one_after_the_other(database, store, claim, to_do, teachers, read, on_progress)
    on_progress(0.98, "publishing")
    return _publish(database, claim, made, idle, accepted)


def _side_by_side(
    store: Store,
    claim: jobs.Lease,
    to_do: Sequence[Task],
    teachers: Mapping[str, Teaches],
    read: Read,
    on_progress: OnProgress,
) -> list[Made]:
    """Teach the learners at the same time, each in a thread of its own: somebody waits, and one lesson leaves cores idle."""
    tells = _together(on_progress, {f"{_doing(claim, task)} the {task.learner.upper()}": _cost(task) for task in to_do})
    with ThreadPoolExecutor(len(to_do)) as threads:
        lessons = [
            threads.submit(teach, teachers[task.learner], task.lessons, read(task.start), seed(claim, task.learner), tell)
            for task, tell in zip(to_do, tells, strict=True)
        ]
    return [keep(store, claim, task, lesson.result()) for task, lesson in zip(to_do, lessons, strict=True)]


def _one_after_the_other(
    database: Database,
    store: Store,
    claim: jobs.Lease,
    to_do: Sequence[Task],
    teachers: Mapping[str, Teaches],
    read: Read,
    on_progress: OnProgress,
) -> list[Made]:
    """Train the learners in turn, for minutes: quick runs go on meanwhile."""
    made, trained = [], []
    done, whole = 0.0, sum(map(_cost, to_do))
    for task in to_do:
        share = LAST * _cost(task) / whole
        telling = _part(on_progress, done, share, f"training the {task.learner.upper()}")
        telling(0.0, "")
        teacher, drawn = teachers[task.learner], seed(claim, task.learner)
        if task.adds:
            candidate = teach(teacher, task.lessons, read(task.start), drawn, telling)
            made.append(keep(store, claim, task, candidate))
        else:
            trained.append((task, train_task(teacher, task, read, drawn, telling)))
        done += share
    if trained:
        _close(database, claim, on_progress)
    for place, (task, one) in enumerate(trained):
        telling = _part(
            on_progress, LAST + 0.15 * place / len(trained), 0.15 / len(trained), f"training the {task.learner.upper()}"
        )
        with database.reading() as session:
            now = meanwhile(session, claim, task)
        candidate, course = conclude_task(teachers[task.learner], now, one, read, seed(claim, task.learner), telling)
        made.append(keep(store, claim, now.task, candidate, course))
    return made


def _close(database: Database, claim: jobs.Lease, on_progress: OnProgress) -> None:
    """Wait until no quick run of the set is under way, and let none begin."""
    while not jobs.close(database, claim):
        on_progress(LAST, "waiting for what is learned just now")
        time.sleep(PAUSE)


def _publish(database: Database, claim: jobs.Lease, made: list[Made], idle: list[str], accepted: int) -> dict[str, Any]:
    """Write everything down in one transaction, and only while the lease is held."""
    activated: list[str] = []
    rejected: list[dict[str, str]] = []
    with database.writing() as session:
        jobs.hold(session, claim)
        alone(session, "activations")  # the owner may be rolling back just now
        answering = {learner: row.id for learner, row in registry.live(session, claim.set_name).items()}
        for one in made:
            version, snapshot = one.version, named(one.samples)
            keep_snapshot(session, claim.set_name, snapshot, one.samples)
            version.card = {**version.card, "withdrawn_meanwhile": withdrawn_since(session, snapshot)}
            # While a run forgets, the owner may let the version answer that it began from.
            if version.gate["accepted"] and answering.get(version.learner) not in (one.replaces, version.parent_id):
                version.gate = {**version.gate, "accepted": False, "reason": NEVER_MIND, "why": [{"kind": "overtaken"}]}
            session.add(version)
            session.flush()
            if version.gate["accepted"]:
                registry.activate(session, version.id, f"run {claim.run_id}")
                activated.append(version.id)
                mark_taught(session, claim.run_id, snapshot)
            else:
                rejected.append({"version": version.id, "reason": version.gate["reason"]})
            outbox.send(session, f"versions/{version.set_name}/{version.id}.json", _facts(version), "application/json")
        if activated or not any(one.version.gate["reason"] == NEVER_MIND for one in made):
            # Otherwise nobody has looked at them yet: the next run learns them on top of what the owner chose.
            for one in made:
                mark_offered(session, claim.run_id, named(one.samples))
            mark_passed_over(session, claim.run_id, idle)
        result: dict[str, Any] = {"activated": activated, "rejected": rejected}
        if claim.kind == "train":
            result["accepted"] = accepted
        jobs.finish(session, claim, "done", result, f"{len(activated)} of {len(made)} new versions answer")
    return result


def _go_back(database: Database, claim: jobs.Lease) -> dict[str, Any] | None:
    """Let the newest versions answer that never saw what is to be forgotten; None where they do already."""
    with database.writing() as session:
        jobs.hold(session, claim)
        alone(session, "activations")
        answering = registry.live(session, claim.set_name)
        starts = clean_starts(session, claim.set_name, claim.forget)
        changed = [version.id for learner, version in starts.items() if answering[learner].id != version.id]
        if not changed:
            return None
        for version_id in changed:
            registry.activate(session, version_id, f"run {claim.run_id}")
        result: dict[str, Any] = {"activated": changed, "rejected": []}
        jobs.finish(session, claim, "done", result, "nothing else was collected, so versions answer that never saw it")
    return result


def _cancel(database: Database, claim: jobs.Lease, gathered: list[Lessons], idle: list[str]) -> dict[str, Any]:
    """End a run that has nothing to teach, with the reason in words; its samples wait without asking for it again and again."""
    lacking = next((lessons.lacking for lessons in gathered if lessons.lacking), {})
    with database.writing() as session:
        jobs.hold(session, claim)
        mark_passed_over(session, claim.run_id, idle)
        jobs.finish(session, claim, "cancelled", {}, in_words(lacking) if lacking else "there was nothing to learn")
    return {"activated": [], "rejected": []}


def _facts(version: Version) -> bytes:
    facts = {
        name: getattr(version, name) for name in ("id", "set_name", "learner", "labels", "sha256", "card", "metrics", "gate")
    }
    return json.dumps(facts, sort_keys=True, indent=1).encode()


def _doing(claim: jobs.Lease, task: Task) -> str:
    return "fine-tuning" if claim.kind == "learn" and task.lessons.knew else "training"


def _cost(task: Task) -> float:
    return COST.get(task.learner, 1.0)


def _together(on_progress: OnProgress, costs: Mapping[str, float]) -> list[OnProgress]:
    """Return what each of several lessons tells its progress; ``costs`` are theirs, by what they do.

    Told is how far all of them are, and the last one's step: it takes longest.
    """
    *_, last = costs
    lock, whole, far, said = threading.Lock(), sum(costs.values()), dict.fromkeys(costs, 0.0), last

    def telling(doing: str, progress: float, step: str) -> None:
        nonlocal said
        with lock:
            far[doing] = progress
            if doing == last and step:
                said = f"{doing}: {step}"
            on_progress(0.95 * sum(cost * far[one] for one, cost in costs.items()) / whole, said)

    on_progress(0.0, last)
    return [partial(telling, doing) for doing in costs]


def _part(on_progress: OnProgress, start: float, share: float, doing: str) -> OnProgress:
    def telling(progress: float, step: str) -> None:
        on_progress(start + share * progress, f"{doing}: {step}" if step else doing)

    return telling
