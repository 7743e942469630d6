"""From a labelled drawing to a judgement: what the networks make of the label, the evidence, the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from functions.domain.answer import Guess, ModelPrediction
from functions.domain.drawing import Square
from functions.domain.symbols import SymbolSet
from functions.domain.trust import Decision, Mode, Source, decide, perceptual_hash, plausibility
from functions.errors import Situation
from functions.records.evidence import Claim, gather
from functions.records.evidence_log import log_evidence, look_alikes
from functions.records.tables import Sample, Version


class Networks(Protocol):
    """What weighing needs of ``runtime.Runtime``."""

    def ask(self, set_name: str, square: Square) -> tuple[ModelPrediction, ...]:
        """Return the opinions of each learner's original and learned version; raise a Situation where there are none."""


@dataclass(frozen=True)
class Assessment:
    """What was decided about a labelled drawing, and on what ground."""

    judgement: Decision
    claim: Claim
    surprising: bool
    waiting: bool


def assess(
    session: Session,
    mode: Mode,
    symbols: SymbolSet,
    *,
    source: Source,
    label: str | None,
    square: Square,
    contributor: str,
    block: str | None,
    opinions: tuple[ModelPrediction, ...],
    answered: str | None,
    from_owner: bool,
) -> Assessment:
    """Judge a label that somebody gave a drawing; ``opinions`` are empty where there was no network to ask."""
    claim = Claim(
        set_name=symbols.name,
        source=source,
        label=label,
        contributor=contributor,
        block=block,
        look=perceptual_hash(square),
        like=look_alikes(symbols, label),
        asked=bool(opinions),
        answered=answered,
        belief=plausibility(opinions, _knowing(session, opinions), label),
        from_owner=from_owner,
    )
    evidence = gather(session, claim)
    judgement = decide(mode, evidence)
    # What the owner is asked about in a moderated house is not looked at a second time.
    return Assessment(judgement, claim, evidence.surprising, judgement.status == "pending" and mode == "review")


def record_evidence(session: Session, weighed: Assessment, sample: Sample) -> None:
    """Leave the sample's trace, for what comes after it."""
    log_evidence(session, weighed.claim, sample, surprising=weighed.surprising, waiting=weighed.waiting)


def predictions_of(networks: Networks | None, set_name: str, square: Square) -> tuple[ModelPrediction, ...]:
    """Return what the networks see; nothing where there are none yet, or not just now: a contribution does not need them."""
    try:
        return networks.ask(set_name, square) if networks is not None else ()
    except Situation:
        return ()


def recorded_predictions(models: Iterable[dict[str, Any]]) -> tuple[ModelPrediction, ...]:
    """Return the opinions that a prediction's row keeps."""
    return tuple(
        ModelPrediction(
            one["learner"], one["role"], one["version"], tuple(Guess(**guess) for guess in one["top"]), one.get("reject", 0.0)
        )
        for one in models
    )


def _knowing(session: Session, opinions: tuple[ModelPrediction, ...]) -> dict[str, list[str]]:
    ids = {opinion.version for opinion in opinions}
    found = (session.get(Version, one) for one in ids)
    return {version.id: version.labels for version in found if version is not None}
