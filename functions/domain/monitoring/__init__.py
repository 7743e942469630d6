"""What people's word on the answers says about the networks. Pure: judged answers in, figures out; docs/api.md explains them.

Every answer here was given before its drawing could be learned, so being right about it is a fair test (prequential
evaluation: Dawid 1984; Gama, Sebastiao and Rodrigues 2013) - of the drawings that people cared to judge.
"""

from functions.domain.monitoring.accuracy import Answering, Disagreement, Worth, by_version, worth
from functions.domain.monitoring.judged import Judged, Said, Voice, confusion, judged
from functions.domain.monitoring.learning_curve import Taught, learning_curve
from functions.domain.monitoring.outcomes import Outcome, Outcomes, outcomes
from functions.domain.monitoring.proportion import Share, interval, share_of
from functions.domain.monitoring.windows import Block, block_size, by_count, by_time

__all__ = [
    "Answering",
    "Block",
    "Disagreement",
    "Judged",
    "Outcome",
    "Outcomes",
    "Said",
    "Share",
    "Taught",
    "Voice",
    "Worth",
    "block_size",
    "by_count",
    "by_time",
    "by_version",
    "confusion",
    "interval",
    "judged",
    "learning_curve",
    "outcomes",
    "share_of",
    "worth",
]
