import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from functions.learners.networks.training import Recipe, StepInfo, Trainer, Weights
from tests.support import subprocess_training


class Interrupted(Exception):
    pass


def trained(checkpoint: Path | None, steps: list[int], until: int = subprocess_training.LONG, **changes: object) -> Weights:
    """Train; note in ``steps`` which were done; be interrupted after ``until``."""

    def on_step(moment: StepInfo) -> None:
        steps.append(moment.step)
        if until < subprocess_training.LONG and moment.step == until:
            raise Interrupted

    recipe = replace(
        subprocess_training.long_recipe(), **{key: value for key, value in changes.items() if key in Recipe.__annotations__}
    )
    seed, about = int(str(changes.get("seed", 1))), str(changes.get("about", ""))
    trainer = Trainer(subprocess_training.network(), recipe)
    return trainer.fit(recipe, subprocess_training.few, seed=seed, on_step=on_step, checkpoint=checkpoint, about=about)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a killed training leaves."""
    folder = tmp_path_factory.mktemp("killed")
    assert subprocess_training.ends(subprocess_training.start("killed", str(folder))) == [9]
    return (folder / "state").read_bytes()


@pytest.mark.long_run
def test_a_killed_training_continues_to_the_same_weights(left: bytes, tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(left)
    later: list[int] = []
    resumed = trained(tmp_path / "state", later)
    assert later[0] == subprocess_training.WRITTEN + 1
    whole = trained(None, [])
    assert all(np.array_equal(a, b) for a, b in zip(resumed, whole, strict=True))
    assert list(tmp_path.iterdir()) == []  # a finished training leaves nothing


@pytest.mark.long_run
@pytest.mark.parametrize("change", [{"seed": 2}, {"about": "other squares"}, {"rate": 1e-3}])
def test_another_training_does_not_go_on_from_it(
    change: dict[str, object], left: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_bytes(left)
    steps: list[int] = []
    with caplog.at_level(logging.WARNING), pytest.raises(Interrupted):
        trained(tmp_path / "state", steps, until=1, **change)
    assert steps == [1]
    assert "another training" in caplog.text
