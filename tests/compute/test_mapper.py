"""The mapper that computes in this process."""

from __future__ import annotations

import pytest

from functions.compute import InProcess
from functions.domain.run_step import Step
from functions.errors import Unavailable
from tests.support.ray_tasks import refuse


def doubled(task, tell):
    tell(0.5, Step("fitting"))
    return 2 * task


def test_results_come_in_the_order_of_the_tasks_and_progress_names_its_task():
    told = []
    assert InProcess().map(doubled, [3, 1, 2], lambda *news: told.append(news)) == [6, 2, 4]
    assert told == [(place, 0.5, Step("fitting")) for place in range(3)]


def test_an_error_of_a_task_is_raised():
    with pytest.raises(Unavailable, match="task 1"):
        InProcess().map(refuse, [0, 1], lambda *_: None)


def test_what_progress_raises_ends_the_tasks():
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InProcess().map(doubled, [1], stop)
