from pathlib import Path

import numpy as np
import pytest

from functions.errors import BadSettings
from functions.learners.pretraining.mnist_download import _contents, fetch


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere.npz"
    np.savez(path, x_train=np.ones((2, 28, 28), np.uint8), y_train=[1, 2], x_test=np.ones((1, 28, 28), np.uint8), y_test=[3])
    return path


def test_what_was_asked_for_is_kept(source: Path, tmp_path: Path) -> None:
    path = fetch(source.as_uri(), tmp_path / "data", sha256=_contents(source))
    assert path == tmp_path / "data" / "mnist.npz"
    assert np.load(path)["y_train"].tolist() == [1, 2]


def test_anything_else_is_refused_and_nothing_is_kept(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="not MNIST"):
        fetch(source.as_uri(), tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


def test_an_address_that_does_not_answer_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="could not be downloaded"):
        fetch((tmp_path / "nothing").as_uri(), tmp_path / "data")


def test_what_is_there_already_is_not_fetched_again(source: Path, tmp_path: Path) -> None:
    fetch(source.as_uri(), tmp_path, sha256=_contents(source))
    assert fetch("file:///nowhere", tmp_path, sha256=_contents(source)).exists()


def test_packing_anew_leaves_the_contents_the_same(source: Path, tmp_path: Path) -> None:
    with np.load(source) as arrays:
        np.savez_compressed(tmp_path / "other.npz", **arrays)
    assert _contents(source) == _contents(tmp_path / "other.npz") != ""
