"""Compare what was acknowledged with the database, and the database with the store."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import registry
from functions.errors import MissingObject
from functions.records import facts, objects
from functions.records.database import Database
from functions.records.drawings import is_wiped
from functions.records.kept_counts import differing
from functions.records.tables import Activation, DrawingRow, OutboxRow, Prediction, Sample, Version
from functions.store import Store
from tests.torture.clients import Remembered

READERS = 8  # threads that read objects


@dataclass
class Findings:
    """What is wrong, one sentence for each thing; all lists must be empty."""

    lost: list[str] = field(default_factory=list)  # acknowledged, and not in the database
    altered: list[str] = field(default_factory=list)  # other contents than were sent
    duplicates: list[str] = field(default_factory=list)  # in the database, and never acknowledged
    missing: list[str] = field(default_factory=list)  # rows without their object
    orphans: list[str] = field(default_factory=list)  # objects without a row
    spoilt: list[str] = field(default_factory=list)  # objects that differ from their row
    miscounted: list[str] = field(default_factory=list)  # kept counts that differ from the samples
    published_twice: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def __str__(self) -> str:
        counts = ", ".join(f"{len(getattr(self, each.name))} {each.name.replace('_', ' ')}" for each in fields(self))
        examples = [example for each in fields(self) for example in getattr(self, each.name)[:3]]
        return "\n  ".join([counts, *examples])


def audit(remembered: Remembered, database: Database, store: Store) -> Findings:
    """Return what is wrong, after everything was delivered."""
    found = Findings()
    with database.reading() as session:
        samples = {row.id: row for row in session.scalars(select(Sample))}
        drawings = {row.id: row for row in session.scalars(select(DrawingRow))}
        predictions = {row.id: row for row in session.scalars(select(Prediction))}
        _compare_samples(found, remembered, samples, drawings)
        _compare_predictions(found, remembered, predictions, drawings)
        wanted = _wanted_objects(samples.values(), drawings, predictions)
        _compare_versions(found, session, store)
        found.miscounted += [f"{name} of {set_name} is miscounted" for set_name, name in differing(session)]
        left = session.scalars(select(OutboxRow.key)).all()
    found.missing += [f"{key} still waits in the outbox" for key in left]
    _compare_objects(found, wanted, store)
    return found


def _compare_samples(
    found: Findings, remembered: Remembered, samples: dict[str, Sample], drawings: dict[str, DrawingRow]
) -> None:
    gone = remembered.withdrawn | remembered.replaced
    for id, (sent, label) in remembered.samples.items():
        if id not in samples:
            found.lost.append(f"sample {id} is not in the database")
            continue
        sample, drawing = samples[id], drawings[samples[id].drawing_id]
        if (sample.status == "withdrawn") != (id in gone):
            found.lost.append(f"sample {id} is {sample.status} ({sample.reason})")
        if sample.label != label or drawing.png_sha256 != sent.png_sha256:
            found.altered.append(f"sample {id} has label {sample.label} for {label}, or another picture")
        if not is_wiped(drawing) and drawing.strokes != sent.strokes:
            found.altered.append(f"sample {id} has other strokes")
        if is_wiped(drawing) and id not in gone:
            found.lost.append(f"the drawing of sample {id} was deleted")
    found.duplicates += [f"sample {id} was never acknowledged" for id in samples.keys() - remembered.samples.keys()]


def _compare_predictions(
    found: Findings, remembered: Remembered, predictions: dict[str, Prediction], drawings: dict[str, DrawingRow]
) -> None:
    for id, sent in remembered.predictions.items():
        if id not in predictions:
            found.lost.append(f"prediction {id} is not in the database")
        elif drawings[predictions[id].drawing_id].png_sha256 != sent.png_sha256:
            found.altered.append(f"prediction {id} has another picture")
    unknown = predictions.keys() - remembered.predictions.keys()
    found.duplicates += [f"prediction {id} was never acknowledged" for id in unknown]


def _wanted_objects(
    samples: Iterable[Sample], drawings: dict[str, DrawingRow], predictions: dict[str, Prediction]
) -> dict[str, tuple[str, bytes | None]]:
    """Return the SHA-256 of each object that must be there, and its bytes where the row tells them, by key."""
    wanted: dict[str, tuple[str, bytes | None]] = {}
    labelled = set()

    def want(keys: tuple[str, str], drawing: DrawingRow, body: bytes) -> None:
        wanted[keys[0]] = drawing.png_sha256, None
        wanted[keys[1]] = hashlib.sha256(body).hexdigest(), body

    for sample in samples:
        if sample.status != "withdrawn":
            labelled.add(sample.drawing_id)
            drawing, prediction = drawings[sample.drawing_id], predictions.get(sample.prediction_id or "")
            want(objects.keys_of_sample(sample), drawing, facts.facts(sample, drawing, prediction))
    for prediction in predictions.values():
        drawing = drawings[prediction.drawing_id]
        if drawing.id not in labelled and not is_wiped(drawing):
            want(objects.keys_of_drawing(drawing), drawing, facts.drawing_facts(drawing, prediction))
    return wanted


def _compare_objects(found: Findings, wanted: dict[str, tuple[str, bytes | None]], store: Store) -> None:
    there = {*store.keys("samples/"), *store.keys("drawings/")}
    found.missing += [f"{key} is not in the store" for key in wanted.keys() - there]
    found.orphans += [f"{key} has no row" for key in there - wanted.keys()]
    keys = sorted(wanted.keys() & there)
    with ThreadPoolExecutor(READERS) as readers:
        for key, body in zip(keys, readers.map(store.get, keys), strict=True):
            if hashlib.sha256(body).hexdigest() != wanted[key][0]:
                found.spoilt.append(f"{key} is not what its row says")


def _compare_versions(found: Findings, session: Session, store: Store) -> None:
    """Look whether each published version has its artefact, and each run published once, all of it."""
    published: Counter[tuple[str | None, str]] = Counter()
    for version in session.scalars(select(Version).where(Version.original.is_(False))):
        published[version.run_id, version.learner] += 1
        key = registry.artefact_key(version, "tflite")
        try:
            if hashlib.sha256(store.get(key)).hexdigest() != version.sha256:
                found.spoilt.append(f"{key} is not what its row says")
        except MissingObject:
            found.missing.append(f"{key} is not in the store")
    twice = [place for place, times in published.items() if times > 1]
    found.published_twice += [f"run {run} published {published[run, learner]} versions of {learner}" for run, learner in twice]
    learned = select(Version.run_id).join(Activation).where(Version.original.is_(False))
    activated = Counter(session.scalars(learned))
    half = [run for run, count in activated.items() if count != 2]
    found.published_twice += [f"run {run} activated {activated[run]} versions" for run in half]
