"""The progress of a run with several trainings at the same time."""

from __future__ import annotations

import pytest

from functions.domain.run_step import Step
from functions.training.quick_lane import TRAINING_SHARE, shared_progress


def test_a_runs_progress_is_the_weighted_sum_and_its_step_is_that_of_the_slowest_training():
    reported = []
    parts = [({"learner": "fnn"}, 1.0), ({"learner": "cnn"}, 4.0)]
    fnn, cnn = shared_progress(lambda progress, step: reported.append((progress, step)), parts)
    fnn(1.0, Step("testing"))
    cnn(0.5, Step("selecting"))
    started = Step.of("initialising", learner="cnn")
    assert [step for _, step in reported] == [started, started, Step.of("selecting", learner="cnn")]
    assert [progress for progress, _ in reported] == pytest.approx([0.0, 0.2 * TRAINING_SHARE, 0.6 * TRAINING_SHARE])
