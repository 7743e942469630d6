from pathlib import Path

import numpy as np
import pytest

from functions.errors import BadSettings
from functions.learners.pretraining.sources import _contents, fetch_mnist


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere.npz"
    np.savez(path, x_train=np.ones((2, 28, 28), np.uint8), y_train=[1, 2], x_test=np.ones((1, 28, 28), np.uint8), y_test=[3])
    return path


def test_the_downloaded_file_is_kept(source: Path, tmp_path: Path) -> None:
    path = fetch_mnist(source.as_uri(), tmp_path / "data", sha256=_contents(source))
    assert path == tmp_path / "data" / "mnist.npz"
    assert np.load(path)["y_train"].tolist() == [1, 2]


def test_another_file_is_refused_and_not_kept(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="not MNIST"):
        fetch_mnist(source.as_uri(), tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


def test_an_address_that_does_not_answer_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="could not be downloaded"):
        fetch_mnist((tmp_path / "nothing").as_uri(), tmp_path / "data")


def test_a_file_that_is_there_is_not_downloaded_again(source: Path, tmp_path: Path) -> None:
    fetch_mnist(source.as_uri(), tmp_path, sha256=_contents(source))
    assert fetch_mnist("file:///nowhere", tmp_path, sha256=_contents(source)).exists()


def test_another_compression_has_the_same_contents(source: Path, tmp_path: Path) -> None:
    with np.load(source) as arrays:
        np.savez_compressed(tmp_path / "other.npz", **arrays)
    assert _contents(source) == _contents(tmp_path / "other.npz") != ""
