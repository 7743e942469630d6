"""The verb *reindex*: the database is rebuilt from the bucket alone."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from functions import registry
from functions.errors import MissingObject
from functions.records import objects, outbox
from functions.records.database import Database, batches
from functions.records.drawings import is_wiped, packed_strokes
from functions.records.facts import BrokenFacts, PictureFacts, SetFacts, read_facts, read_set_facts
from functions.records.tables import Contributor, DrawingRow, Prediction, Sample, SymbolSetRow
from functions.store import Store

OBJECTS_PER_TRANSACTION = 200  # few enough that other writers hardly wait
READERS = 8  # objects fetched at once; a bucket answers many as fast as one
WHERE = ("sets/", "samples/", "drawings/")  # sets first: samples and drawings refer to them


@dataclass
class Rebuilt:
    """The numbers of added rows, and the objects that cannot be used, each with the reason in words."""

    sets: int = 0
    samples: int = 0
    drawings: int = 0
    versions: int = 0
    activations: int = 0
    broken: dict[str, str] = field(default_factory=dict)

    def add(self, restored: registry.RestoredVersions) -> None:
        """Count the versions and activations too."""
        self.versions, self.activations = restored.versions, restored.activations
        self.broken |= restored.broken


def reindex(database: Database, store: Store, on_progress: Callable[[float, str], None] = lambda share, step: None) -> Rebuilt:
    """Add every set, drawing, prediction, sample, version and activation of the bucket that the database does not have.

    No other row is changed, but for the run and the split of samples that a restored version learned.

    A sample or drawing that is withdrawn in the database is not restored: its remaining objects leave the bucket.

    Raises:
        StoreUnavailable: the bucket cannot be read now. The rows added until then stay, and the next reindex continues.
    """
    keys = [key for prefix in WHERE for key in store.keys(prefix) if key.endswith(".json")]
    rebuilt = Rebuilt()
    with ThreadPoolExecutor(READERS, thread_name_prefix="reindex") as readers:
        seen = 0
        for batch in batches(keys, OBJECTS_PER_TRANSACTION):
            found = list(readers.map(partial(_read, store), batch))
            with database.writing() as session:
                for key, facts in zip(batch, found, strict=True):
                    _restore(session, key, facts, rebuilt)
            seen += len(batch)
            on_progress(seen / len(keys), f"{seen} of {len(keys)} objects")
    rebuilt.add(registry.restore_versions(database, store))
    return rebuilt


def _read(store: Store, key: str) -> SetFacts | PictureFacts | str:
    """Return the checked facts at ``key``, or the reason why the facts cannot be used."""
    try:
        body = store.get(key)
        if key.startswith("sets/"):
            return read_set_facts(body)
        facts = read_facts(body)
        if facts.key != key:
            return "its facts belong to another key"
        picture = store.get(key.removesuffix(".json") + ".png")
    except BrokenFacts as error:
        return str(error)
    except MissingObject:
        return "its picture is missing"
    if hashlib.sha256(picture).hexdigest() != facts.drawing.png_sha256:
        return "its picture is not the one that was drawn"
    return facts


def _restore(session: Session, key: str, facts: SetFacts | PictureFacts | str, rebuilt: Rebuilt) -> None:
    if isinstance(facts, str):
        rebuilt.broken[key] = facts
        return
    try:
        with session.begin_nested():  # one object that contradicts the database must not undo the others
            if isinstance(facts, SetFacts):
                _restore_set(session, facts, rebuilt)
            else:
                _restore_picture(session, key, facts, rebuilt)
    except IntegrityError:
        rebuilt.broken[key] = "it contradicts what the database has"


def _restore_set(session: Session, facts: SetFacts, rebuilt: Rebuilt) -> None:
    row = session.get(SymbolSetRow, facts.set)
    if row is None:
        row = SymbolSetRow(name=facts.set, labels=facts.labels, origin=facts.origin, created=facts.created)
        row.confusable = facts.confusable
        _restore_choices(row, facts)
        session.add(row)
        rebuilt.sets += 1
        return
    # The set as it is shipped, before the owner changed it.
    if len(row.labels) < len(facts.labels) and row.labels == facts.labels[: len(row.labels)]:
        row.labels = facts.labels
    if (row.title, row.hidden, row.position, row.goal) == ("", False, 0, 0):
        _restore_choices(row, facts)


def _restore_choices(row: SymbolSetRow, facts: SetFacts) -> None:
    row.title, row.hidden, row.position, row.goal = facts.title, facts.hidden, facts.position, facts.goal


def _restore_picture(session: Session, key: str, facts: PictureFacts, rebuilt: Rebuilt) -> None:
    symbol_set = session.get(SymbolSetRow, facts.set)
    if symbol_set is None:
        rebuilt.broken[key] = f"there is no symbol set {facts.set!r}"
        return
    if facts.sample is not None and facts.sample.label is not None and facts.sample.label not in symbol_set.labels:
        rebuilt.broken[key] = f"{facts.sample.label!r} is not a label of {facts.set!r}"
        return
    known = None if facts.sample is None else session.get(Sample, facts.sample.id)
    if known is not None:
        if known.status == "withdrawn":
            outbox.remove(session, *objects.keys_of_sample(known))
        return
    drawn = session.get(DrawingRow, facts.drawing.id)
    if drawn is not None and is_wiped(drawn):  # its author took it back
        outbox.remove(session, key.removesuffix(".json") + ".png", key)
        return
    new_drawing = _restore_drawing(session, facts)
    if facts.prediction is not None and session.get(Prediction, facts.prediction.id) is None:
        _restore_contributor(session, facts.prediction.contributor, facts)
        session.add(
            Prediction(
                id=facts.prediction.id,
                set_name=facts.set,
                drawing_id=facts.drawing.id,
                contributor_id=facts.prediction.contributor,
                answer=facts.prediction.answer,
                opinions=facts.prediction.opinions,
                created=facts.prediction.created,
            )
        )
        session.flush()
    if facts.sample is not None:
        _restore_contributor(session, facts.sample.contributor, facts)
        session.add(
            Sample(
                id=facts.sample.id,
                set_name=facts.set,
                label=facts.sample.label,
                status=facts.sample.status,
                reason=facts.sample.why.code,
                reason_figures=dict(facts.sample.why.figures),
                source=facts.sample.source,
                drawing_id=facts.drawing.id,
                prediction_id=None if facts.prediction is None else facts.prediction.id,
                contributor_id=facts.sample.contributor,
                idempotency=facts.sample.idempotency,
                created=facts.sample.created,
            )
        )
        session.flush()
    rebuilt.drawings += new_drawing
    rebuilt.samples += facts.sample is not None


def _restore_drawing(session: Session, facts: PictureFacts) -> bool:
    drawing = facts.drawing
    if session.get(DrawingRow, drawing.id) is not None:
        return False
    _restore_contributor(session, drawing.contributor, facts)
    session.add(
        DrawingRow(
            id=drawing.id,
            set_name=facts.set,
            contributor_id=drawing.contributor,
            strokes=None if drawing.strokes is None else packed_strokes(drawing.strokes),
            square=zlib.compress(base64.b64decode(drawing.square), 9),
            png_sha256=drawing.png_sha256,
            created=drawing.created,
        )
    )
    session.flush()
    return True


def _restore_contributor(session: Session, contributor: str, facts: PictureFacts) -> None:
    if session.get(Contributor, contributor) is None:
        session.add(Contributor(id=contributor, created=facts.drawing.created))
        session.flush()
