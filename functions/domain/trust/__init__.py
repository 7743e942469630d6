"""Whether a labelled drawing may teach at once. Pure: evidence in, judgement with its reason out; docs/trust.md explains it."""

from functions.domain.trust.evidence import (
    Evidence,
    Given,
    Judgement,
    Mode,
    Near,
    Pair,
    Record,
    Round,
    SampleStatus,
    Source,
    conceivable,
)
from functions.domain.trust.perceptual_hash import ALIKE, SAME, distance, look
from functions.domain.trust.plausibility import belief
from functions.domain.trust.recheck import reconsider
from functions.domain.trust.rules import CAP_AN_HOUR, judge

__all__ = [
    "ALIKE",
    "CAP_AN_HOUR",
    "SAME",
    "Evidence",
    "Given",
    "Judgement",
    "Mode",
    "Near",
    "Pair",
    "Record",
    "Round",
    "SampleStatus",
    "Source",
    "belief",
    "conceivable",
    "distance",
    "judge",
    "look",
    "reconsider",
]
