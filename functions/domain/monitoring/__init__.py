"""Accuracy measured on the answers that people labelled. Pure: labelled answers in, figures out; docs/api.md explains them.

Every answer was given before its drawing could be learned. Accuracy on these answers is therefore a fair test (prequential
evaluation: Dawid 1984; Gama, Sebastiao and Rodrigues 2013). It covers only the drawings that people chose to label.
"""

from functions.domain.monitoring.accuracy import (
    Accuracy,
    Disagreement,
    VersionAccuracy,
    VersionScores,
    accuracy,
    by_version,
    version_scores,
)
from functions.domain.monitoring.labelled_answers import (
    LabelledAnswer,
    ModelAnswer,
    ModelRole,
    confusion,
    labelled_answer,
)
from functions.domain.monitoring.learning_curve import CurvePoint, learning_curve
from functions.domain.monitoring.outcomes import Outcome, Outcomes, outcomes
from functions.domain.monitoring.proportion import Proportion, wilson_interval
from functions.domain.monitoring.windows import Window, by_count, by_time, window_size

__all__ = [
    "Accuracy",
    "CurvePoint",
    "Disagreement",
    "LabelledAnswer",
    "ModelAnswer",
    "ModelRole",
    "Outcome",
    "Outcomes",
    "Proportion",
    "VersionAccuracy",
    "VersionScores",
    "Window",
    "accuracy",
    "by_count",
    "by_time",
    "by_version",
    "confusion",
    "labelled_answer",
    "learning_curve",
    "outcomes",
    "version_scores",
    "wilson_interval",
    "window_size",
]
