"""Fill a platform's database with synthetic samples: as many rows of every kind as after years of visitors.

The drawings of real people are repeated, so that rows have a realistic size. The other rows exist too: contributors, runs,
snapshots, versions, activations, predictions of corrections, evidence of the last two weeks, acts of the owner, and reports. Some
samples are withdrawn, and some wait for the owner.
There are no pictures, because no measured request reads the object store.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from functions import registry
from functions.dataset.splits import SHIPPED, hashed_split, split_of_sample
from functions.domain.answer import LEARNERS
from functions.domain.drawing import from_strokes, parse_strokes
from functions.domain.run_step import Step
from functions.domain.trust import perceptual_hash
from functions.records.database import Database
from functions.records.drawings import drawing_row
from functions.records.evidence_log import KEEP_EVIDENCE
from functions.records.growth import fold_days
from functions.records.label_counts import fold_counts
from functions.records.tables import (
    Activation,
    AuditRow,
    Base,
    Contributor,
    DrawingRow,
    EvidenceRow,
    Prediction,
    Report,
    Run,
    Sample,
    Snapshot,
    SnapshotSample,
    SplitRow,
    Version,
)
from functions.web.platform import Platform

SET = "digits"
YEARS = timedelta(days=2 * 365)  # in which the samples came evenly; the last one an hour ago
OF_A_CONTRIBUTOR = 40  # samples
OF_A_RUN = 50  # samples; each run activated two versions
CORRECTED = 10  # one sample in so many is a correction, with its prediction
WITHDRAWN = 97  # one sample in so many is withdrawn
HELD = 89  # one sample in so many waits for the owner
REPORTED = 50  # one sample in so many of the newest thousand was reported; the owner decided about earlier ones
REASONS = {"withdrawn": "taken_back", "pending": "many_by_hand", "accepted": "agreed"}
AT_ONCE = 20_000  # samples in one transaction


@dataclass(frozen=True)
class Pattern:
    """The columns of a real drawing's row."""

    label: str
    strokes: bytes
    square: bytes
    sha256: str
    look: int


def patterns(drawings: Sequence[Mapping[str, Any]]) -> list[Pattern]:
    """Return the row columns of drawings from the file of tablet digits."""
    found = []
    for one in drawings:
        drawing = from_strokes(parse_strokes(one["strokes"], *one["box"], "pen"))
        row = drawing_row(SET, "", drawing, one["label"].encode())
        found.append(Pattern(one["label"], row.strokes or b"", row.square, row.png_sha256, perceptual_hash(drawing.square)))
    return found


def fill(platform: Platform, samples: int, some: Sequence[Pattern]) -> float:
    """Add ``samples`` samples of the digits to a platform and return the seconds."""
    began = time.monotonic()
    filling = _Filling(platform.database, samples, some)
    with platform.database.reading() as session:
        filling.live = registry.live(session, SET)
        filling.template = registry.original(session, SET)
    for start in range(0, samples, AT_ONCE):
        with platform.database.writing() as session:
            filling.add(session, range(start, min(start + AT_ONCE, samples)))
    while fold_counts(platform.database) + fold_days(platform.database):  # as workers do regularly
        pass
    _let_answer(platform, filling)
    return time.monotonic() - began


class _Filling:
    """The rows, in the order in which they refer to each other."""

    def __init__(self, database: Database, samples: int, some: Sequence[Pattern]) -> None:
        self._patterns, self._random = some, random.Random(5)
        self._begin = datetime.now(UTC) - YEARS - timedelta(hours=1)
        self._step = YEARS / max(samples, 1)
        self._samples = samples
        self.live: dict[str, Version] = {}
        self.template: dict[str, Version] = {}
        self.newest: dict[str, str] = {}
        self._shared = lru_cache(maxsize=64)(self._id)  # ids that many rows refer to
        self._snapshot = lru_cache(maxsize=64)(_snapshot)
        self._split = lru_cache(maxsize=64)(lambda contributor: hashed_split(contributor, SHIPPED))

    def add(self, session: Session, numbers: range) -> None:
        """Add the samples of some numbers with their other rows."""
        tables: dict[type[Base], list[dict[str, Any]]] = {}

        def put(table: type[Base], row: dict[str, Any]) -> None:
            tables.setdefault(table, []).append(row)

        for number in numbers:
            if number % OF_A_RUN == 0:
                self._put_run(put, number)
            self._put_sample(put, number)
        # Parents before children, as the metadata sorts them.
        order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
        for table in sorted(tables, key=lambda one: order[one.__tablename__]):
            session.execute(insert(table), tables[table])

    def _put_sample(self, put: Any, number: int) -> None:
        at, pattern = self._at(number), self._patterns[self._random.randrange(len(self._patterns))]
        author, run = self._shared("hand", number // OF_A_CONTRIBUTOR), self._shared("run", number // OF_A_RUN)
        if number % OF_A_CONTRIBUTOR == 0:
            put(Contributor, {"id": author, "created": at})
            put(SplitRow, {"set_name": SET, "contributor_id": author, "split": self._split(author), "created": at})
        source = "correction" if number % CORRECTED == 0 else "contribution"
        split = split_of_sample(self._split(author), source)
        gone, held = number % WITHDRAWN == 0, number % HELD == 1
        status = "withdrawn" if gone else "pending" if held else "accepted"
        drawing, sample = self._id("drawing", number), self._id("sample", number)
        common = {"set_name": SET, "contributor_id": author, "created": at}
        kept = {"strokes": None, "square": b""} if gone else {"strokes": pattern.strokes, "square": pattern.square}
        put(DrawingRow, {"id": drawing, **common, **kept, "png_sha256": pattern.sha256})
        prediction = None
        if source == "correction":
            prediction = self._id("prediction", number)
            put(Prediction, {"id": prediction, "drawing_id": drawing, **common, **self._answer(number, pattern.label)})
        taught = run if split == "train" and not held else None
        put(
            Sample,
            {
                "id": sample,
                **common,
                "label": pattern.label,
                "status": status,
                "reason": REASONS[status],
                "source": source,
                "drawing_id": drawing,
                "prediction_id": prediction,
                "offered_to": taught,
                "taught_to": taught,
                "split": split,
            },
        )
        if taught:
            put(SnapshotSample, {"snapshot_id": self._snapshot(number // OF_A_RUN), "sample_id": sample})
        if at > datetime.now(UTC) - KEEP_EVIDENCE and not gone:
            put(EvidenceRow, self._evidence(sample, author, pattern))
        if number >= self._samples - 1_000 and number % REPORTED == 2 and status == "accepted":
            put(Report, {"sample_id": sample, "reporter": author, "set_name": SET, "created": at})

    def _put_run(self, put: Any, number: int) -> None:
        at, run = self._at(number), self._shared("run", number // OF_A_RUN)
        times = {"created": at, "started": at, "finished": at, "not_before": at, "deadline": at}
        put(
            Run,
            {
                "id": run,
                "set_name": SET,
                "kind": "learn",
                "state": "done",
                "progress": 1.0,
                "step": Step.of("published", activated=2, versions=2),
                **times,
            },
        )
        put(Snapshot, {"id": self._snapshot(number // OF_A_RUN), "set_name": SET, "count": OF_A_RUN, "created": at})
        for learner in LEARNERS:
            made, like = self._id(learner, number // OF_A_RUN), self.template[learner]
            put(
                Version,
                {
                    "id": made,
                    "set_name": SET,
                    "learner": learner,
                    "parent_id": self.newest.get(learner, self.live[learner].id),
                    "snapshot_id": self._snapshot(number // OF_A_RUN),
                    "run_id": run,
                    "sha256": like.sha256,
                    "labels": like.labels,
                    "card": {"weights_sha256": like.card["weights_sha256"], "samples": OF_A_RUN, "taught": number + OF_A_RUN},
                    "metrics": like.metrics,
                    "gate": {"accepted": True, "reason": "It is no worse."},
                    "created": at,
                },
            )
            put(Activation, {"set_name": SET, "learner": learner, "version_id": made, "by": f"run {run}", "created": at})
            self.newest[learner] = made
        act = {"act": "version_activated", "actor_kind": "session", "object": made, "set_name": SET, "created": at}
        put(AuditRow, {"id": self._id("act", number), **act})

    def _answer(self, number: int, label: str) -> dict[str, Any]:
        answered = label if number % (3 * CORRECTED) else str((int(label) + 1) % 10)
        others = (str((int(answered) + 3) % 10), 0.06), (str((int(answered) + 5) % 10), 0.04)
        top = [{"label": guess, "p": p} for guess, p in ((answered, 0.9), *others)]
        models = [
            {"learner": learner, "role": role, "version": version, "top": top, "reject": 0.01}
            for learner in LEARNERS
            for role, version in (("original", self.live[learner].id), ("learned", self.newest[learner]))
        ]
        return {"answer": {"status": "sure", "label": answered, "p": 0.9, "alternatives": []}, "opinions": {"models": models}}

    def _evidence(self, sample: str, author: str, pattern: Pattern) -> dict[str, Any]:
        return {
            "sample_id": sample,
            "set_name": SET,
            "contributor_id": author,
            "block": hashlib.md5(author.encode(), usedforsecurity=False).hexdigest(),
            "look": pattern.look,
            "label": pattern.label,
            "asked": True,
            "answered": pattern.label,
            "belief": 0.95,
            "surprising": False,
        }

    def _at(self, number: int) -> datetime:
        return self._begin + number * self._step

    def _id(self, kind: str, number: int) -> str:
        """Return the id of a row, which begins with its time, as all ids do."""
        every = {"hand": OF_A_CONTRIBUTOR, "run": OF_A_RUN, **dict.fromkeys(LEARNERS, OF_A_RUN)}.get(kind, 1)
        at = int(self._at(number * every).timestamp() * 1000)
        return f"{at:012x}{hashlib.sha256(f'{kind} {number}'.encode()).hexdigest()[:20]}"


def _snapshot(run: int) -> str:
    return hashlib.sha256(f"snapshot {run}".encode()).hexdigest()


def _let_answer(platform: Platform, filling: _Filling) -> None:
    """Put the files of the newest versions into the store, as copies of the originals, so that these versions can answer."""
    with platform.database.reading() as session:
        for learner, version_id in filling.newest.items():
            made, like = registry.version(session, version_id), filling.template[learner]
            for kind in registry.CONTENT_TYPES:
                body = registry.Artefacts(platform.store, platform.settings.models).read(like, kind)
                platform.store.put(registry.artefact_key(made, kind), body, registry.CONTENT_TYPES[kind])
