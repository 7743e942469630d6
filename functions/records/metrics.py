"""Queries for the metrics of a set. Every query is bounded, however many samples there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from functions.domain.answer import LEARNERS
from functions.domain.monitoring import LabelledAnswer, Outcomes, labelled_answer, outcomes
from functions.records.database import batches, strings
from functions.records.tables import Activation, Prediction, Sample, Version

NEWEST_CORRECTIONS = 5000  # corrections: they give accuracy to about one percent, and are read in well under a second
MOST_ACTIVATIONS = 200  # of each learner, the newest
MOST_PERIODS = 20  # live periods of one version, the newest; a second one means that the owner went back to the version
# Literal SQL, not a bound value: otherwise the partial index ix_samples_corrections is not used.
CORRECTIONS = text("samples.prediction_id IS NOT NULL")


class LivePeriod(NamedTuple):
    """A time in which a version was live: who or what activated it, and when another replaced it (None if it is live)."""

    begin: datetime
    end: datetime | None
    by: str


@dataclass(frozen=True)
class Corrections:
    """The newest corrections of a set: the answers that accepted ones label, oldest first, and what became of all of them.

    Each answer was given before its drawing could be learned, so the accuracy on these answers is not inflated by learning.
    It covers only the drawings that people chose to label.
    """

    labelled: Sequence[LabelledAnswer]
    outcomes: Outcomes


class CorrectionsCache:
    """The newest corrections of each set, cached: an answer never changes, and parsing thousands takes long."""

    def __init__(self) -> None:
        self._remembered: dict[str, tuple[list[str], dict[str, LabelledAnswer], Corrections]] = {}  # by set

    def newest(self, session: Session, set_name: str, latest: int = NEWEST_CORRECTIONS) -> Corrections:
        """Return the ``latest`` corrections; the same object as long as none is added and none changes its status."""
        question = select(Sample.id + " " + Sample.status + " " + Sample.reason).where(Sample.set_name == set_name, CORRECTIONS)
        rows = strings(session, question.order_by(Sample.id.desc()).limit(latest))
        before, answers, corrections = self._remembered.get(set_name, ([], {}, Corrections([], outcomes([]))))
        if rows == before:
            return corrections
        split = [row.split(" ", 2) for row in reversed(rows)]
        ids = [id for id, status, _ in split if status == "accepted"]
        read = _read(session, [id for id in ids if id not in answers])
        # Only these: an answer whose sample was withdrawn is not kept.
        answers = {id: found for id in ids if (found := answers.get(id) or read.get(id))}
        counted = Counter((status, reason) for _, status, reason in split)
        corrections = Corrections(list(answers.values()), outcomes((*of, count) for of, count in counted.items()))  # type: ignore[misc]
        self._remembered[set_name] = rows, answers, corrections
        return corrections


def _read(session: Session, ids: list[str]) -> dict[str, LabelledAnswer]:
    found: dict[str, LabelledAnswer] = {}
    columns = (Sample.id, Sample.created, Sample.label, Prediction.answer, Prediction.opinions)
    question = select(*columns).join(Prediction, Prediction.id == Sample.prediction_id)
    for some in batches(ids):
        for id, *row in session.execute(question.where(Sample.id.in_(some))):
            found[id] = labelled_answer(*row)
    return found


def activations(session: Session, set_name: str, latest: int = MOST_ACTIVATIONS) -> list[Activation]:
    """Return the ``latest`` activations of each learner of a set, newest first."""
    found: list[Activation] = []
    for learner in LEARNERS:  # one index scan each
        of_learner = select(Activation).where(Activation.set_name == set_name, Activation.learner == learner)
        found += session.scalars(of_learner.order_by(Activation.id.desc()).limit(latest))
    return sorted(found, key=lambda row: -row.id)


def live_periods(session: Session, version: Version, latest: int = MOST_PERIODS) -> list[LivePeriod]:
    """Return the ``latest`` live periods of a version, newest first."""
    after = aliased(Activation)
    taken_over = (
        select(after.created)
        .where(after.set_name == Activation.set_name, after.learner == Activation.learner, after.id > Activation.id)
        .order_by(after.id)
        .limit(1)
        .scalar_subquery()
    )
    of_set = select(Activation.created, taken_over, Activation.by).where(
        Activation.set_name == version.set_name, Activation.learner == version.learner, Activation.version_id == version.id
    )
    return [LivePeriod(*row) for row in session.execute(of_set.order_by(Activation.id.desc()).limit(latest))]


def learned_counts(session: Session, versions: Iterable[str]) -> dict[str, int]:
    """Return how many samples each version and its ancestors learned; versions whose cards lack the count are left out."""
    question = select(Version.id, Version.original, Version.card["taught"].as_integer())
    found: dict[str, int] = {}
    for some in batches(sorted(set(versions))):
        for version, original, number in session.execute(question.where(Version.id.in_(some))):
            if original or number is not None:
                found[version] = 0 if original else number
    return found
