"""Trust: whether a labelled drawing is accepted. Pure: evidence in, a decision with its reason out; see docs/trust.md."""

from functions.domain.trust.evidence import (
    DailyCounts,
    Decision,
    Evidence,
    GoldRecord,
    Mode,
    NearDuplicates,
    PairCounts,
    RoundCounts,
    SampleStatus,
    Source,
    conceivable,
)
from functions.domain.trust.perceptual_hash import ALIKE, SAME, hash_distance, perceptual_hash
from functions.domain.trust.plausibility import plausibility
from functions.domain.trust.recheck import reconsider
from functions.domain.trust.rules import CAP_AN_HOUR, decide

__all__ = [
    "ALIKE",
    "CAP_AN_HOUR",
    "SAME",
    "DailyCounts",
    "Decision",
    "Evidence",
    "GoldRecord",
    "Mode",
    "NearDuplicates",
    "PairCounts",
    "RoundCounts",
    "SampleStatus",
    "Source",
    "conceivable",
    "decide",
    "hash_distance",
    "perceptual_hash",
    "plausibility",
    "reconsider",
]
