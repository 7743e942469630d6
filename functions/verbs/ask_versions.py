"""The verb *ask versions*: what the versions that were ever live say of a kept drawing. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions import registry
from functions.domain.answer import LEARNERS, REJECTION_THRESHOLD, Learner
from functions.domain.drawing import Square
from functions.errors import BrokenArtefact, UnknownSample
from functions.learners.litert import infer_square, open_network
from functions.records.database import Database
from functions.records.drawings import is_wiped, square_of
from functions.records.samples import find_sample
from functions.records.tables import DrawingRow, Version
from functions.records.withdrawals import learned_from

SHOWN = 8  # versions of each learner; each is read and opened, some ten milliseconds


@dataclass(frozen=True)
class VersionAnswer:
    """The best guess of a version: its label (None: not a symbol) with its probability 0..1. ``since`` it was first live.

    ``live`` says that it answers now, ``learned`` that it learned from this drawing.
    """

    version: str
    learner: Learner
    since: datetime
    live: bool
    learned: bool
    label: str | None
    p: float


def ask_versions(database: Database, artefacts: registry.Artefacts, sample_id: str) -> tuple[VersionAnswer, ...]:
    """Return the answers to a sample's drawing, by the time at which the versions were first live.

    Of many versions, the first, the live one and some evenly between them are asked. A version whose file is missing is left out.

    Raises:
        UnknownSample: there is none with that id, or it was withdrawn.
        StoreUnavailable: the store cannot be asked.
    """
    with database.reading() as session:
        sample = find_sample(session, sample_id)
        row = session.get_one(DrawingRow, sample.drawing_id)
        if is_wiped(row):
            raise UnknownSample("This drawing was withdrawn.")
        square, learned = square_of(row), {one.id for one in learned_from(session, sample_id)}
        live = {one.id for one in registry.live(session, sample.set_name).values()}
        chosen = [
            (learner, since, registry.version(session, version))
            for learner in LEARNERS
            for version, since in _some(registry.ever_live(session, sample.set_name, learner, SHOWN), live)
        ]
    answers = [
        VersionAnswer(version.id, learner, since, version.id in live, version.id in learned, *guess)
        for learner, since, version in chosen
        for guess in _guess(artefacts, version, square)
    ]
    return tuple(sorted(answers, key=lambda one: one.since))


def _some(found: list[tuple[str, datetime]], live: set[str]) -> list[tuple[str, datetime]]:
    """Return at most ``SHOWN`` of the versions, evenly spread; the first, the last and the live one among them."""
    step = max(1.0, (len(found) - 1) / (SHOWN - 2))
    places = {round(number * step) for number in range(min(len(found), SHOWN - 1))}
    return [one for place, one in enumerate(found) if place in places or one[0] in live]


def _guess(artefacts: registry.Artefacts, version: Version, square: Square) -> Iterator[tuple[str | None, float]]:
    if registry.is_of_older_form(version):
        return
    try:
        outputs = infer_square(open_network(artefacts.read(version, "tflite")), square)
    except (BrokenArtefact, ValueError, RuntimeError):
        return
    *known, rejection = (float(p) for p in outputs)
    best = max(range(len(known)), key=known.__getitem__)
    yield (None, rejection) if rejection >= REJECTION_THRESHOLD else (version.labels[best], known[best])
