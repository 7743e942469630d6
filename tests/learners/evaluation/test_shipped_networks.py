"""The shipped networks as a server runs them: one square at a time, with LiteRT."""

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from functions.domain.answer import LEARNERS
from functions.learners.evaluation.reliability import calibration_error
from functions.learners.litert import infer
from functions.learners.squares.shipped import ShippedSet, load_shipped
from functions.learners.weights_file import unpack

MODELS = Path(__file__).resolve().parents[3] / "models"
SETS = ("digits", "characters")


@pytest.fixture(params=SETS)
def seeds(request: pytest.FixtureRequest) -> ShippedSet:
    return load_shipped(MODELS, request.param)


@pytest.mark.parametrize("learner", ["fnn", pytest.param("cnn", marks=pytest.mark.long_run)])
def test_a_shipped_network_reaches_the_figure_on_its_card(seeds: ShippedSet, learner: str) -> None:
    holdout, card = seeds.holdout(), seeds.entry["versions"][learner]["metrics"]
    given = infer(seeds.artefact(learner, "tflite"), holdout.x)
    symbols = holdout.y < len(seeds.labels)
    p, y = given[symbols, :-1].astype(np.float64), holdout.y[symbols]
    assert (p.argmax(1) == y).mean() == pytest.approx(card["holdout"]["accuracy"], abs=0.0005)
    assert np.allclose(p.sum(1), 1, atol=1e-4)
    assert calibration_error(p, y) < 0.03
    rejected = given[:, -1] >= 0.5
    assert rejected[symbols].mean() < 0.02
    assert rejected[~symbols].mean() == pytest.approx(card["holdout"]["rejected"], abs=0.005)


def test_a_tenth_of_the_hold_out_shows_that_the_shipped_cnn_is_the_one_on_its_card(seeds: ShippedSet) -> None:
    holdout, card = seeds.holdout(), seeds.entry["versions"]["cnn"]["metrics"]
    some = holdout.take(np.flatnonzero(holdout.y < len(seeds.labels))[::10])
    right = (infer(seeds.artefact("cnn", "tflite"), some.x)[:, :-1].argmax(1) == some.y).mean()
    assert right == pytest.approx(card["holdout"]["accuracy"], abs=0.03)


@pytest.mark.parametrize(
    ("set_name", "test", "cnn", "fnn"),
    [
        ("digits", "mnist_test", 0.995, 0.99),
        ("digits", "screen_writers_13_30", 0.975, 0.96),
        ("characters", "emnist_test", 0.9, 0.86),
    ],
)
def test_the_cards_have_the_required_figures(set_name: str, test: str, cnn: float, fnn: float) -> None:
    versions = load_shipped(MODELS, set_name).entry["versions"]
    assert versions["cnn"]["metrics"][test]["accuracy"] >= cnn
    assert versions["fnn"]["metrics"][test]["accuracy"] >= fnn
    assert all(versions[learner]["metrics"]["parity"] < 1e-4 for learner in LEARNERS)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_shipped_network_takes_one_square_and_gives_one_row(seeds: ShippedSet, learner: str) -> None:
    interpreter = Interpreter(model_content=seeds.artefact(learner, "tflite"))
    entry, exit_ = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    assert entry["shape"].tolist() == [1, 28, 28, 1]
    assert exit_["shape"].tolist() == [1, len(seeds.labels) + 1]
    assert entry["dtype"] == exit_["dtype"] == np.float32


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_weights_have_a_header_with_the_start_of_their_line(seeds: ShippedSet, learner: str) -> None:
    _, about = unpack(seeds.artefact(learner, "weights"))
    assert (about.learner, about.labels) == (learner, seeds.labels)
    assert about.anchor == pytest.approx(seeds.entry["versions"][learner]["metrics"]["holdout"]["accuracy"], abs=1e-4)
