"""Restore versions and activations from the store, with their runs and snapshots, into a database that lost them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.domain.run_step import Step
from functions.errors import MissingObject
from functions.records import outbox
from functions.records.database import Database, batches, locked
from functions.records.facts import BrokenFacts
from functions.records.snapshots import keep_snapshot, mark_offered, mark_taught, snapshot_id
from functions.records.split_assignments import keep_splits, mark, splits_of
from functions.records.tables import Activation, Run, Sample, SymbolSetRow, Version
from functions.registry.version_facts import (
    ActivationFacts,
    RunFacts,
    VersionFacts,
    activation_object,
    read_activation_facts,
    read_version_facts,
    snapshot_key,
)
from functions.registry.versions import is_of_older_form
from functions.store import Store

BY_START = "seed"  # an activation that the start of the platform makes, also with an empty database
BY_REINDEX = "reindex"


@dataclass
class RestoredVersions:
    """The numbers of added rows, and the objects that cannot be used, each with the reason in words."""

    versions: int = 0
    activations: int = 0
    broken: dict[str, str] = field(default_factory=dict)


def restore_versions(database: Database, store: Store) -> RestoredVersions:
    """Add the versions and activations of the store that the database does not have; samples must be restored before.

    A version whose network is missing or damaged is not restored. The activations of a learner are restored only if the database
    has none but those that the start of the platform made.

    Raises:
        StoreUnavailable: the store cannot be read now; the next call goes on.
    """
    restored = RestoredVersions()
    for facts in _versions(database, store, restored):
        samples = _samples(store, facts)
        with database.writing() as session:
            _restore_version(session, facts, samples)
        restored.versions += 1
    with database.reading() as session:
        sets = session.scalars(select(SymbolSetRow.name).order_by(SymbolSetRow.name)).all()
    for set_name in sets:
        history = _history(store, set_name, restored)
        with database.writing() as session:
            locked(session, "activations")
            for learner in sorted({facts.learner for facts in history}):
                of_learner = [facts for facts in history if facts.learner == learner]
                restored.activations += _restore_activations(session, set_name, learner, of_learner)
    return restored


def _versions(database: Database, store: Store, restored: RestoredVersions) -> list[VersionFacts]:
    """Return the facts of the versions that can be restored, parents first."""
    with database.reading() as session:
        known, sets = set(session.scalars(select(Version.id))), set(session.scalars(select(SymbolSetRow.name)))
    found = []
    for key in store.keys("versions/"):
        name = key.rpartition("/")[2]
        version, _, ending = name.partition(".")
        if ending != "json" or version in known:
            continue
        try:
            facts = read_version_facts(store.get(key))
        except BrokenFacts as error:
            restored.broken[key] = str(error)
            continue
        if key != f"versions/{facts.set}/{facts.id}.json":
            restored.broken[key] = "its facts belong to another key"
        elif facts.set not in sets:
            restored.broken[key] = f"there is no symbol set {facts.set!r}"
        elif store.sha256(f"versions/{facts.set}/{facts.id}.tflite") != facts.sha256:
            restored.broken[key] = "its network is missing or damaged"
        else:
            found.append(facts)
    return sorted(found, key=lambda facts: (facts.created, facts.id))


def _samples(store: Store, facts: VersionFacts) -> list[str] | None:
    """Return the ids of the samples that a version learned, None if the store does not tell."""
    try:
        samples: list[str] = json.loads(store.get(snapshot_key(facts.snapshot or "none")))
    except (MissingObject, ValueError):
        return None
    return samples if snapshot_id(samples) == facts.snapshot else None


def _restore_version(session: Session, facts: VersionFacts, samples: list[str] | None) -> None:
    if facts.run is not None and session.get(Run, facts.run.id) is None:
        session.add(_run(facts, facts.run))
    there: list[str] = []
    if samples is not None and facts.snapshot is not None:
        for some in batches(samples):
            there += session.scalars(select(Sample.id).where(Sample.id.in_(some)))
        keep_snapshot(session, facts.set, facts.snapshot, there)
        _restore_splits(session, facts.set, there)
    session.flush()
    names = ("id", "learner", "original", "sha256", "labels", "card", "metrics", "gate", "created")
    session.add(
        Version(
            **{name: getattr(facts, name) for name in names},
            set_name=facts.set,
            parent_id=facts.parent if facts.parent is not None and session.get(Version, facts.parent) is not None else None,
            snapshot_id=facts.snapshot if samples is not None else None,
            run_id=facts.run.id if facts.run is not None else None,
        )
    )
    session.flush()
    if facts.run is not None and samples is not None and facts.snapshot is not None:
        mark_offered(session, facts.run.id, facts.snapshot)


def _run(facts: VersionFacts, run: RunFacts) -> Run:
    return Run(
        id=run.id,
        set_name=facts.set,
        kind=run.kind,
        forget=run.forget,
        state="done",
        progress=1.0,
        step=Step("other", {"words": "restored from the object store"}),
        result={"activated": [], "rejected": []},
        created=run.created,
        started=run.started,
        finished=facts.created,
    )


def _restore_splits(session: Session, set_name: str, learned: Sequence[str]) -> None:
    """Keep in train what was learned, and the contributors of it; all other splits are decided anew, by the same hash."""
    mark(session, "train", list(learned))
    people: list[str] = []
    for some in batches(learned):
        people += session.scalars(select(Sample.contributor_id).where(Sample.id.in_(some)).order_by(Sample.id))
    known = splits_of(session, set_name, list(dict.fromkeys(people)))
    keep_splits(session, set_name, {one: "train" for one in people if one not in known})


def _history(store: Store, set_name: str, restored: RestoredVersions) -> list[ActivationFacts]:
    """Return the activations of a set, oldest first."""
    found = []
    for key in store.keys(f"activations/{set_name}/"):
        try:
            facts = read_activation_facts(store.get(key))
            if facts.set == set_name:
                found.append(facts)
        except BrokenFacts as error:
            restored.broken[key] = str(error)
    return found


def _restore_activations(session: Session, set_name: str, learner: str, history: Sequence[ActivationFacts]) -> int:
    of_learner = select(Activation).where(Activation.set_name == set_name, Activation.learner == learner)
    here = list(session.scalars(of_learner.order_by(Activation.id)))
    versions = {one.id: one for one in session.scalars(select(Version).where(Version.set_name == set_name))}
    have = {(one.version_id, one.created) for one in here}
    lost = [one for one in history if (one.version, one.created) not in have and one.version in versions]
    live = _live_at_the_end(lost, versions)
    if live is None or any(one.by != BY_START for one in here) or all(one.by == BY_START for one in lost):
        return 0
    for one in lost:
        _add(session, set_name, learner, one.version, one.by).created = one.created
        made = versions[one.version]
        if made.run_id is not None and made.snapshot_id is not None and one.by == f"run {made.run_id}":
            mark_taught(session, made.run_id, made.snapshot_id)
    if live.by != BY_START:  # otherwise what this release ships stays live, as at any start
        again = _add(session, set_name, learner, live.version, BY_REINDEX)
    elif here:
        again = _add(session, set_name, learner, here[-1].version_id, BY_START)
    else:
        return len(lost)
    outbox.send_new(session, activation_object(again))
    return len(lost)


def _add(session: Session, set_name: str, learner: str, version: str, by: str) -> Activation:
    row = Activation(set_name=set_name, learner=learner, version_id=version, by=by)
    session.add(row)
    session.flush()  # the order of ids is the order of activations
    return row


def _live_at_the_end(history: Sequence[ActivationFacts], versions: Mapping[str, Version]) -> ActivationFacts | None:
    """Return the activation that was valid last.

    A start makes an original live only once, and never instead of a learned version that can answer. Any other activation by a
    start is from a database that was empty, because an earlier one was lost.
    """
    live: ActivationFacts | None = None
    started: set[str] = set()
    for one in history:
        if one.by == BY_START:
            again = one.version in started
            started.add(one.version)
            answering = versions[live.version] if live is not None else None
            if again or not (answering is None or answering.original or is_of_older_form(answering)):
                continue
        live = one
    return live
