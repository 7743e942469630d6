"""Assess a labelled drawing: gather the evidence and apply the trust rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from functions.dataset.labelled_drawing import LabelledDrawing, Sender
from functions.domain.answer import Guess, ModelPrediction
from functions.domain.drawing import Square
from functions.domain.trust import Decision, Mode, decide, perceptual_hash, plausibility
from functions.errors import Situation
from functions.records.evidence import Claim, gather, newest
from functions.records.evidence_log import look_alikes
from functions.records.tables import Version

_LABELS = select(Version.id, Version.labels).where(Version.id.in_(bindparam("ids", expanding=True)))  # built once


class Predicts(Protocol):
    """The part of the live models that an assessment needs."""

    def ask(self, set_name: str, square: Square) -> tuple[ModelPrediction, ...]:
        """Return the predictions of each learner's original and learned version; raise a Situation where there are none."""


@dataclass(frozen=True)
class Assessment:
    """The decision about a labelled drawing, with the claim that it is about; a ``waiting`` sample is rechecked later."""

    decision: Decision
    claim: Claim
    surprising: bool
    waiting: bool
    newest: tuple[str | None, ...]  # what ``still_holds`` compares


def assess(session: Session, mode: Mode, labelled: LabelledDrawing, sender: Sender) -> Assessment:
    """Gather the evidence about a labelled drawing, and apply the trust rules to it."""
    predictions = labelled.predictions
    claim = Claim(
        set_name=labelled.symbols.name,
        source=labelled.source,
        label=labelled.label,
        contributor=labelled.contributor,
        block=sender.block,
        look=perceptual_hash(labelled.square),
        like=look_alikes(labelled.symbols, labelled.label),
        asked=bool(predictions),
        answered=labelled.answered,
        belief=plausibility(predictions, _labels_of_versions(session, predictions), labelled.label),
        from_owner=sender.from_owner,
    )
    seen = newest(session, claim)  # before the evidence: a sample that comes in between is noticed
    evidence = gather(session, claim)
    decision = decide(mode, evidence)
    # In the mode "moderated" the owner decides, so such a sample is not rechecked.
    return Assessment(decision, claim, evidence.surprising, decision.status == "pending" and mode == "review", seen)


def still_holds(session: Session, assessment: Assessment) -> bool:
    """Tell whether the caps of an earlier assessment still hold: their contributor, block and pair have no newer sample."""
    return newest(session, assessment.claim) == assessment.newest


def predictions_of(networks: Predicts | None, set_name: str, square: Square) -> tuple[ModelPrediction, ...]:
    """Return the networks' predictions; none where no network can answer now, because a contribution does not need them."""
    try:
        return networks.ask(set_name, square) if networks is not None else ()
    except Situation:
        return ()


def recorded_predictions(models: Iterable[dict[str, Any]]) -> tuple[ModelPrediction, ...]:
    """Return the model predictions in the row of a prediction."""
    return tuple(
        ModelPrediction(
            one["learner"], one["role"], one["version"], tuple(Guess(**guess) for guess in one["top"]), one.get("reject", 0.0)
        )
        for one in models
    )


def _labels_of_versions(session: Session, predictions: tuple[ModelPrediction, ...]) -> dict[str, list[str]]:
    ids = {prediction.version for prediction in predictions}
    return dict(session.connection().execute(_LABELS, {"ids": list(ids)}).all()) if ids else {}
