"""Whether a labelled drawing may teach at once. Pure: evidence in, judgement with its reason out; docs/trust.md explains it."""

from functions.trust.belief import belief
from functions.trust.evidence import (
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
from functions.trust.looks import ALIKE, SAME, distance, look
from functions.trust.rules import CAP_AN_HOUR, judge
from functions.trust.second import reconsider

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
