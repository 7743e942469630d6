"""The pictures of a card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from functions.learners.evaluation import plots
from functions.learners.evaluation.reliability import reliability_bins

LABELS = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")
HISTORY = [{"step": 10 * i, "loss": 2 / (i + 1), "accuracy": 1 - 0.5 / (i + 1), "holdout": 1 - 0.6 / (i + 1)} for i in range(50)]


def confused(size: int) -> np.ndarray:
    return np.eye(size, dtype=np.int64) * 990 + np.random.default_rng(0).integers(0, 2, (size, size))


def stroke(rng: np.random.Generator) -> np.ndarray:
    """A soft slanted line, as rich in greys as a digit."""
    x, y = np.meshgrid(np.arange(28), np.arange(28))
    away = np.abs((x - 14) + rng.uniform(-1, 1) * (y - 14))
    return (255 * np.clip(2.2 - away, 0, 1) * (np.abs(y - 14) < 10)).astype(np.uint8)


def draw(name: str, path: Path) -> None:
    """Draw a picture of each kind."""
    rng = np.random.default_rng(1)
    if name == "curves":
        plots.training_curves(path, HISTORY)
    elif name == "confusion of 10":
        plots.confusion_picture(path, confused(10), LABELS[:10])
    elif name == "confusion of 47 and none":
        plots.confusion_picture(path, confused(48), LABELS)
    elif name == "reliability":
        plots.reliability_diagram(path, reliability_bins(rng.dirichlet(np.ones(10) * 0.1, 3000), rng.integers(0, 10, 3000)))
    else:
        plots.worst_mistakes(path, np.stack([stroke(rng) for _ in range(60)]), ["7"] * 60, ["1"] * 60, rng.uniform(0.5, 1, 60))


KINDS = ("curves", "confusion of 10", "confusion of 47 and none", "reliability", "worst")


@pytest.mark.long_run
@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_small_and_the_same_each_time(tmp_path: Path, kind: str) -> None:
    draw(kind, tmp_path / "a.png")
    draw(kind, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.png").stat().st_size < 60_000
    with Image.open(tmp_path / "a.png") as picture:
        assert (picture.mode, dict(picture.info)) == ("P", {})
        assert picture.width > 300


def test_a_confusion_is_drawn_in_its_cell(tmp_path: Path) -> None:
    """The one cell off the diagonal is red, the others there are white."""
    confusion = np.diag(np.full(4, 100))
    confusion[0, 3], confusion[0, 0] = 60, 40
    plots.confusion_picture(tmp_path / "a.png", confusion, "abcd")
    with Image.open(tmp_path / "a.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    red = (pixels[:, :, 0] - pixels[:, :, 2] > 100) & (pixels[:, :, 0] > 150)
    rows, columns = np.nonzero(red)
    assert len(rows) > 1000
    assert rows.max() < pixels.shape[0] / 2
    assert columns.min() > pixels.shape[1] / 2


def test_the_owners_matplotlibrc_changes_nothing(tmp_path: Path) -> None:
    import matplotlib

    draw("reliability", tmp_path / "a.png")
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "black"}):
        draw("reliability", tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_nothing_to_show_is_a_picture_too(tmp_path: Path) -> None:
    plots.worst_mistakes(tmp_path / "w.png", np.zeros((0, 28, 28), np.uint8), [], [], [])
    plots.training_curves(tmp_path / "c.png", [])
    plots.reliability_diagram(tmp_path / "r.png", reliability_bins(np.zeros((0, 2)), np.zeros(0, np.int64)))
    plots.confusion_picture(tmp_path / "f.png", np.zeros((3, 3), np.int64), "abc")
    assert all((tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG") for name in "wcrf")
