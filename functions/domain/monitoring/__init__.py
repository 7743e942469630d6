"""What people's word on the answers says about the networks. Pure: judged answers in, figures out; docs/api.md explains them.

Every answer here was given before its drawing could be learned, so being right about it is a fair test (prequential
evaluation: Dawid 1984; Gama, Sebastiao and Rodrigues 2013) - of the drawings that people cared to judge.
"""

from functions.domain.monitoring.accuracy import Accuracy, Disagreement, LiveVersion, accuracy, by_version
from functions.domain.monitoring.labelled_answers import LabelledAnswer, ModelAnswer, Voice, confusion, labelled_answer
from functions.domain.monitoring.learning_curve import CurvePoint, learning_curve
from functions.domain.monitoring.outcomes import Outcome, Outcomes, outcomes
from functions.domain.monitoring.proportion import Proportion, interval, proportion_of
from functions.domain.monitoring.windows import Window, by_count, by_time, window_size

__all__ = [
    "Accuracy",
    "CurvePoint",
    "Disagreement",
    "LabelledAnswer",
    "LiveVersion",
    "ModelAnswer",
    "Outcome",
    "Outcomes",
    "Proportion",
    "Voice",
    "Window",
    "accuracy",
    "by_count",
    "by_time",
    "by_version",
    "confusion",
    "interval",
    "labelled_answer",
    "learning_curve",
    "outcomes",
    "proportion_of",
    "window_size",
]
