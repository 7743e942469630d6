"""Queries for the metrics of a set. Every query is bounded, however many samples there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from functions.domain.answer import LEARNERS
from functions.domain.monitoring import LabelledAnswer, Outcomes, VersionScores, labelled_answer, outcomes, version_scores
from functions.records.database import batches, strings
from functions.records.tables import Activation, Prediction, Sample, Version

NEWEST_CORRECTIONS = 2000  # they give accuracy to within 1.5 percentage points, and are compared in a few milliseconds
MOST_ACTIVATIONS = 60  # of each learner, the newest
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

    labelled: Sequence[LabelledAnswer] = ()
    scores: VersionScores = field(default_factory=dict)
    outcomes: Outcomes = field(default_factory=lambda: outcomes([]))


class CorrectionsCache:
    """The newest corrections of each set, cached: an answer never changes, and parsing thousands takes long."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}  # by set

    def newest(self, session: Session, set_name: str, latest: int = NEWEST_CORRECTIONS) -> Corrections:
        """Return the ``latest`` corrections; the same object as long as none is added and none changes its status."""
        question = select(Sample.id + " " + Sample.status + " " + Sample.reason).where(Sample.set_name == set_name, CORRECTIONS)
        rows = strings(session, question.order_by(Sample.id.desc()).limit(latest))
        window = self._windows.get(set_name, _Window())
        if rows != window.rows:
            window = self._windows[set_name] = window.moved(session, rows)
        return window.corrections


@dataclass(frozen=True)
class _Window:
    """The rows "id status reason" of the newest corrections, newest first, and everything that is counted about them."""

    rows: Sequence[str] = ()
    answers: Mapping[str, LabelledAnswer] = field(default_factory=dict)  # by sample, oldest first; only of accepted ones
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)  # (status, reason)
    corrections: Corrections = field(default_factory=Corrections)

    def moved(self, session: Session, rows: Sequence[str]) -> _Window:
        """Return the window of other rows; only rows that came, left or changed are read and counted."""
        here, before = set(rows), set(self.rows)
        gone, come = ([row.split(" ", 2) for row in some] for some in (before - here, here - before))
        answers, reasons = dict(self.answers), self.reasons.copy()
        lost = [answers.pop(id) for id, *_ in gone if id in answers]
        found = _read(session, [id for id, status, _ in come if status == "accepted"])
        newest = max(answers, default="")
        answers.update(found)
        if found and min(found) < newest:
            answers = dict(sorted(answers.items()))
        reasons.subtract(Counter((status, reason) for _, status, reason in gone))
        reasons.update((status, reason) for _, status, reason in come)
        reasons = +reasons  # without the zeros
        scores = version_scores(found.values(), self.corrections.scores, lost)
        counted = outcomes((*of, count) for of, count in reasons.items())  # type: ignore[misc]
        return _Window(rows, answers, reasons, Corrections(list(answers.values()), scores, counted))


def _read(session: Session, ids: list[str]) -> dict[str, LabelledAnswer]:
    """Read the labelled answers of some samples, oldest first."""
    found: dict[str, LabelledAnswer] = {}
    columns = (Sample.id, Sample.created, Sample.label, Prediction.answer, Prediction.opinions)
    question = select(*columns).join(Prediction, Prediction.id == Sample.prediction_id)
    for some in batches(sorted(ids)):
        for id, *row in session.execute(question.where(Sample.id.in_(some)).order_by(Sample.id)):
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
    # By the version alone: SQLite would walk all activations of a set and learner that are named, too.
    periods = select(Activation.created, taken_over, Activation.by).where(Activation.version_id == version.id)
    return [LivePeriod(*row) for row in session.execute(periods.order_by(Activation.id.desc()).limit(latest))]


def learned_counts(session: Session, versions: Iterable[str]) -> dict[str, int]:
    """Return how many samples each version and its ancestors learned; versions whose cards lack the count are left out."""
    question = select(Version.id, Version.original, Version.card["taught"].as_integer())
    found: dict[str, int] = {}
    for some in batches(sorted(set(versions))):
        for version, original, number in session.execute(question.where(Version.id.in_(some))):
            if original or number is not None:
                found[version] = 0 if original else number
    return found
