"""The whole making of base networks, in small: a folder of pictures in, a ``models/`` folder out."""

import argparse
import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from functions.cli.__main__ import main
from functions.cli.base_models import add_commands
from functions.errors import BadSettings
from functions.learners.pretraining.characters import collect_characters
from functions.learners.pretraining.collection import Collection
from functions.learners.pretraining.digits import DIGITS, collect_digits
from functions.learners.squares import Squares
from functions.learners.squares.shipped import ShippedSet, load_shipped
from functions.learners.weights_file import unpack

pytestmark = pytest.mark.starts_early
NAMES = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")
STROKES = Path(__file__).resolve().parents[2] / "strokes.json.gz"
SMALL = ("--effort", "0.0005", "--kept", "60", "--scribbled", "20")


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    arguments = parser.parse_args(words)
    return int(arguments.run(arguments))


def emnist(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    cases = np.where(np.arange(len(labels)) % 3 == 0, -1, labels)
    np.savez(path, images=images, labels_47=labels, labels_62=cases.astype(np.int8), class_names_47=np.array(NAMES))


@pytest.fixture(scope="module")
def data(seeds: ShippedSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Few MNIST digits; an "EMNIST" in which some of its test digits lie again, and letters that are turned digits; strokes."""
    rehearsal, holdout = digits(seeds.rehearsal()), digits(seeds.holdout())
    data = tmp_path_factory.mktemp("data")
    test = holdout.take(np.flatnonzero(holdout.y != 1)[:50])
    np.savez(data / "mnist.npz", x_train=rehearsal.x[:900], y_train=rehearsal.y[:900], x_test=test.x, y_test=test.y)
    more = rehearsal.take(np.arange(900, 1800))
    emnist(data / "emnist_train_digits.npz", np.concatenate([more.x, test.x]), np.concatenate([more.y, test.y]))
    letters = holdout.take(np.arange(100, 1900))
    emnist(data / "emnist_train_letters.npz", np.rot90(letters.x, axes=(1, 2)), 10 + np.arange(1800) % 37)
    emnist(data / "emnist_test.npz", np.rot90(holdout.x[2000:2094], axes=(1, 2)), np.arange(94) % 47)
    with gzip.open(STROKES, "rt") as file:
        drawings = json.load(file)
    with gzip.open(data / "screen_strokes.jsonl.gz", "wt") as out:
        for i, one in enumerate(drawings):
            out.write(json.dumps({"label": one["label"], "writer": i % 15, "box": [500, 500], "strokes": one["strokes"]}) + "\n")
    for name, labels in (("digits", None), ("letters", "AgaBoO")):
        with gzip.open(data / f"pen_{name}_strokes.jsonl.gz", "wt") as out:
            for i, one in enumerate(drawings):
                # Half as large as on the tablet: unlike any drawing of its.
                strokes = [[[x / 2, y / 3] for x, y in stroke] for stroke in one["strokes"]]
                label = labels[i % len(labels)] if labels else one["label"]
                out.write(json.dumps({"label": label, "writer": f"w{i // 3:03}", "strokes": strokes}) + "\n")
    return data


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    """The same files, for a test that may remove some."""
    return shutil.copytree(data, tmp_path / "data")


@pytest.fixture(scope="module")
def made(data: Path) -> Collection:
    """What is collected for digits from all files."""
    return collect_digits(data, 0, lambda words: None, kept=100, scribbled=20)


def digits(squares: Squares) -> Squares:
    return squares.take(squares.y < len(DIGITS))


def bytes_of(*parts: Squares) -> set[bytes]:
    return {square.tobytes() for part in parts for square in part.x}


def trained_on(made: Collection) -> set[bytes]:
    return bytes_of(*(pool.squares for pool in made.pools))


@pytest.mark.long_run
def test_no_test_picture_is_left_in_the_pools(made: Collection) -> None:
    assert bytes_of(*made.tests.values()).isdisjoint(trained_on(made) | bytes_of(made.rehearsal, made.holdout))
    assert bytes_of(made.holdout).isdisjoint(trained_on(made) | bytes_of(made.rehearsal))
    assert made.removed["copies of MNIST's test digits"] >= 50
    assert np.bincount(made.holdout.y, minlength=11)[:10].min() >= 7


def test_letters_and_scribbles_are_negatives(made: Collection) -> None:
    classes = {pool.name: set(pool.squares.y.tolist()) for pool in made.pools}
    assert classes["letters"] == classes["scribbles"] == {10}
    assert classes["digits from a tablet, varied"] <= set(range(10))
    assert {10} < set(made.rehearsal.y.tolist())
    assert (made.tests["letters"].y == 10).all()


def test_test_writers_are_in_no_pool(made: Collection) -> None:
    assert len(made.tests["screen_writers_13_30"]) == 3 * 4  # writers 13 to 15 of 15, four drawings each
    assert len(next(pool for pool in made.pools if "tablet" in pool.name).squares) == 10 * 4 * 8


def test_pen_writers_kept_apart_are_only_tested_on(made: Collection) -> None:
    assert len(made.tests["pen_digits_apart"]) == 8 * 3  # eight of twenty writers, three drawings each
    assert set(made.tests["pen_letters_apart"].y.tolist()) == {10}
    assert len(made.tests["pen_letters_apart"]) == 11  # of 24: without g, O and o, which look like digits
    assert len(next(pool for pool in made.pools if pool.name == "digits from other tablets, varied").squares) == 10 * 3 * 8


@pytest.mark.long_run
def test_the_replay_set_and_the_hold_out_have_pen_strokes_instead_of_some_forms(folder: Path) -> None:
    with_pens = collect_digits(folder, 0, lambda words: None, kept=100, scribbled=20)
    for path in folder.glob("pen_*"):
        path.unlink()
    without = collect_digits(folder, 0, lambda words: None, kept=100, scribbled=20)
    for before, after in ((without.rehearsal, with_pens.rehearsal), (without.holdout, with_pens.holdout)):
        new = bytes_of(after) - bytes_of(before)
        assert len(new) >= 3 * 3  # three digits of one writer, each three times
        assert 0.6 < len(bytes_of(digits(before)) & bytes_of(after)) / len(digits(before)) < 0.8
    assert [pool.share for pool in without.pools] == [0.61, 0.2, 0.09, 0.09, 0.01]


@pytest.mark.long_run
def test_the_seed_determines_the_hold_out(data: Path, made: Collection) -> None:
    again, other = (collect_digits(data, seed, lambda words: None, kept=100, scribbled=20).holdout for seed in (0, 1))
    assert np.array_equal(made.holdout.x, again.x)
    assert not np.array_equal(made.holdout.x, other.x)


def test_mnist_alone_is_enough_for_digits(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != "mnist.npz":
            path.unlink()
    made = collect_digits(folder, 0, lambda words: None, kept=60, scribbled=10)
    assert [pool.name for pool in made.pools] == ["digits from forms", "scribbles"]


@pytest.mark.long_run
def test_characters_come_evenly_by_label_and_by_case(folder: Path) -> None:
    made = collect_characters(folder, 0, lambda words: None, kept=47, scribbled=10, redrawn=30)
    assert made.labels == NAMES
    for pool in (made.pools[0], made.pools[2]):
        assert pool.weights is not None
        by_label = np.bincount(pool.squares.y, pool.weights, minlength=47)
        present = by_label > 0
        assert by_label[present] == pytest.approx(by_label[present].mean())
    assert set("0AgaBO") <= {NAMES[y] for y in made.pools[2].squares.y}
    assert len(made.tests["pen_apart"]) == len(made.tests["pen_letters_apart"]) + len(made.tests["pen_digits_apart"]) == 48
    assert all(label in NAMES for group in made.confusable for label in group)
    assert bytes_of(*made.tests.values()).isdisjoint(trained_on(made) | bytes_of(made.rehearsal, made.holdout))


def test_without_mnist_the_error_names_the_command_that_downloads_it(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="fetch-mnist"):
        collect_digits(tmp_path, 0, print)


@pytest.mark.long_run
def test_the_command_writes_everything_that_ships(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = tmp_path / "models"
    where = ("--data", str(folder), "--models", str(models), "--work", str(tmp_path / "work"))
    assert run("train-base", "digits", *where, *SMALL, "--seed", "5") == 0
    seeds = load_shipped(models, "digits")
    assert seeds.labels == DIGITS
    assert len(digits(seeds.holdout())) >= 45
    assert set(seeds.entry["versions"]) == {"fnn", "cnn"}
    assert seeds.entry["versions"]["cnn"]["id"].startswith("digits-cnn-")
    card = json.loads((models / "digits" / "card.json").read_text())
    assert card["command"] == "python -m functions.cli train-base digits --seed 5 --effort 0.0005 --kept 60 --scribbled 20"
    metrics = card["versions"]["cnn"]["metrics"]
    assert {"temperature", "threshold", "reliability", "mnist_test", "letters", "scribbles"} <= set(metrics)
    words = (models / "digits" / "card.md").read_text()
    assert "CC BY-SA 3.0" in words
    assert words in capsys.readouterr().out
    for picture in ("curves", "confusion", "reliability", "worst"):
        assert (models / "digits" / f"{picture}-cnn.png").read_bytes().startswith(b"\x89PNG")
        assert f"{picture}-cnn.png" in words


@pytest.mark.long_run
def test_a_training_continues_from_networks_that_ship(folder: Path, tmp_path: Path, seeds: ShippedSet) -> None:
    models = tmp_path / "models"
    where = ("--data", str(folder), "--models", str(models), "--work", str(tmp_path / "work"))
    small = ("--effort", "0.0001", "--scribbled", "20", "--start", str(seeds.models))
    assert run("train-base", "digits", *where, *small) == 0
    card = json.loads((models / "digits" / "card.json").read_text())
    made, before = card["versions"]["cnn"], seeds.entry["versions"]["cnn"]
    assert made["continued_from"] == before["id"] != made["id"]
    assert made["metrics"]["steps"] < 5
    assert made["metrics"]["pen_digits_apart"]["accuracy"] > 0.9  # one step from nothing would answer one in ten rightly
    assert (
        f"| continued from | {seeds.entry['versions']['fnn']['id']} | {before['id']} |"
        in (models / "digits" / "card.md").read_text()
    )


def test_a_training_does_not_continue_with_another_division_of_the_data(folder: Path, tmp_path: Path, seeds: ShippedSet) -> None:
    with pytest.raises(BadSettings, match="--seed has to be the same"):
        run("train-base", "digits", "--data", str(folder), "--start", str(seeds.models), "--seed", "1")
    with pytest.raises(BadSettings, match="--kept has to be the same"):
        run("train-base", "digits", "--data", str(folder), "--start", str(seeds.models), "--kept", "60")


@pytest.mark.long_run
def test_learners_can_be_trained_one_by_one_and_finished_ones_are_not_trained_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models, work = tmp_path / "models", tmp_path / "work"
    where = ("--data", str(folder), "--models", str(models), "--work", str(work), *SMALL)
    assert run("train-base", "digits", *where, "--learner", "fnn") == 0
    assert not models.exists()
    assert "CNN not trained yet" in capsys.readouterr().out
    finished = next(work.glob("digits-fnn-*.npz"))
    before = finished.stat().st_mtime_ns
    assert run("train-base", "digits", *where) == 0
    assert finished.stat().st_mtime_ns == before
    assert load_shipped(models, "digits").labels == DIGITS


@pytest.mark.long_run
def test_mnist_alone_is_for_comparison_and_enters_no_manifest(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "mnist"
    where = ("--data", str(folder), "--models", str(out), "--work", str(tmp_path / "work"))
    assert run("train-base", "mnist", *where, "--effort", "0.0003") == 0
    assert unpack((out / "fnn.npz").read_bytes())[1].labels == DIGITS
    assert "MNIST's training digits: 900 squares, 100 % of each batch" in (out / "card.md").read_text()
    assert not (out / "manifest.json").exists()


def test_a_wrong_address_of_a_cluster_is_told_before_anything_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("train-base", "digits", "--data", str(tmp_path / "missing")), {"INKLOOP_RAY": "ray-head"}) == 2
    assert "INKLOOP_RAY must be" in capsys.readouterr().err


def test_near_duplicates_can_be_shown(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "pairs.png"
    assert run("near-duplicates", "--data", str(folder), "--picture", str(picture)) == 0
    assert "50 test digits have a near duplicate" in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")
