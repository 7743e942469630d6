"""The whole making of base networks, in small: a folder of pictures in, a ``models/`` folder out."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from functions.errors import BadSettings
from functions.learners.commands import add_commands
from functions.learners.seeds import Seeds, load_seeds
from functions.learners.sources import collect_digits


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    arguments = parser.parse_args(words)
    return int(arguments.run(arguments))


@pytest.fixture
def folder(seeds: Seeds, tmp_path: Path) -> Path:
    """Few MNIST digits, and an "EMNIST" in which some of its test digits lie again."""
    rehearsal, holdout = seeds.rehearsal(), seeds.holdout()
    data = tmp_path / "data"
    data.mkdir()
    test = holdout.take(np.flatnonzero(holdout.y != 1)[:50])
    arrays = {"x_train": rehearsal.x[:1500], "y_train": rehearsal.y[:1500], "x_test": test.x, "y_test": test.y}
    np.savez(data / "mnist.npz", **arrays)
    images, labels = np.concatenate([rehearsal.x[1500:3000], test.x]), np.concatenate([rehearsal.y[1500:3000], test.y])
    np.savez(data / "emnist_train_digits.npz", images=images, labels_47=labels)
    return data


def test_nothing_of_the_test_is_left_in_what_is_trained_on(folder: Path) -> None:
    made = collect_digits(folder, 0, lambda words: None, kept=100)
    test = {square.tobytes() for square in made.test.x}
    assert test.isdisjoint(square.tobytes() for part in (made.train, made.rehearsal, made.holdout) for square in part.x)
    assert made.removed["EMNIST, copies of MNIST test"] >= 50
    kept = {square.tobytes() for square in made.holdout.x}
    assert kept.isdisjoint(square.tobytes() for part in (made.train, made.rehearsal) for square in part.x)
    assert (len(made.holdout), len(made.rehearsal)) == (100, 100)


def test_the_seed_decides_what_is_held_out(folder: Path) -> None:
    first, again, other = (collect_digits(folder, seed, lambda words: None, kept=100).holdout for seed in (0, 0, 1))
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)


def test_without_mnist_the_owner_is_told_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="fetch-mnist"):
        collect_digits(tmp_path, 0, print)


def test_the_command_writes_everything_that_ships(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = tmp_path / "models"
    where = ("--data", str(folder), "--models", str(models))
    assert run("train-base", "digits", *where, "--effort", "0.001", "--seed", "5", "--kept", "100") == 0
    seeds = load_seeds(models, "digits")
    assert seeds.labels == tuple("0123456789")
    assert len(seeds.holdout()) == 100
    assert set(seeds.entry["versions"]) == {"fnn", "cnn"}
    assert seeds.entry["versions"]["cnn"]["id"].startswith("digits-cnn-")
    card = json.loads((models / "digits" / "card.json").read_text())
    assert card["command"] == "python -m functions.cli train-base digits --seed 5 --effort 0.001 --kept 100"
    words = (models / "digits" / "card.md").read_text()
    assert "CC BY-SA 3.0" in words
    assert words in capsys.readouterr().out


def test_the_copies_can_be_looked_at(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "pairs.png"
    assert run("near-duplicates", "--data", str(folder), "--picture", str(picture)) == 0
    assert "50 test digits have a near duplicate" in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")
