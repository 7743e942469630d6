import logging
from pathlib import Path

import numpy as np
import pytest

from functions.learners.networks.checkpoint import load, save

STATE = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(7, np.int64)]


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "state"
    save(path, "mine", 500, STATE)
    found = load(path, "mine")
    assert found is not None
    step, state = found
    assert step == 500
    assert [(a.dtype, a.tolist()) for a in state] == [(a.dtype, a.tolist()) for a in STATE]


def test_the_newest_state_replaces_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "state"
    save(path, "mine", 500, STATE)
    save(path, "mine", 1000, STATE)
    assert (load(path, "mine") or (0,))[0] == 1000
    assert list(tmp_path.iterdir()) == [path]


def test_the_state_of_another_training_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save(tmp_path / "state", "mine", 500, STATE)
    with caplog.at_level(logging.WARNING):
        assert load(tmp_path / "state", "yours") is None
    assert "another training" in caplog.text


@pytest.mark.parametrize("harm", [lambda body: b"", lambda body: body[:-9], lambda body: body[:90] + b"!" + body[91:]])
def test_a_broken_file_is_logged_and_not_used(harm, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "state"
    save(path, "mine", 500, STATE)
    path.write_bytes(harm(path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        assert load(path, "mine") is None
    assert "broken" in caplog.text
