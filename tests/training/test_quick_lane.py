"""Trainings side by side, as a run's progress shows them."""

from __future__ import annotations

import pytest

from functions.training.quick_lane import TRAINING_SHARE, shared_progress


def test_the_progress_of_a_run_is_the_weighted_sum_and_its_step_is_the_slowest_trainings():
    told = []
    fnn, cnn = shared_progress(lambda progress, step: told.append((progress, step)), {"the FNN": 1.0, "the CNN": 4.0})
    fnn(1.0, "done")
    cnn(0.5, "half")
    assert [step for _, step in told] == ["the CNN", "the CNN", "the CNN: half"]
    assert [progress for progress, _ in told] == pytest.approx([0.0, 0.2 * TRAINING_SHARE, 0.6 * TRAINING_SHARE])
