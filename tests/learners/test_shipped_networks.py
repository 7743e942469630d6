"""The shipped networks as a server asks them: one square at a time, through LiteRT."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from functions.answer import LEARNERS
from functions.learners.artefact import ask_export, unpack
from functions.learners.calibration import calibration_error
from functions.learners.seeds import Seeds


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_shipped_network_reaches_the_figure_on_its_card(seeds: Seeds, learner: str) -> None:
    holdout, card = seeds.holdout(), seeds.entry["versions"][learner]["metrics"]
    p = ask_export(seeds.artefact(learner, "tflite"), holdout.x)
    assert (p.argmax(1) == holdout.y).mean() == pytest.approx(card["holdout"]["accuracy"], abs=0.0005)
    assert np.allclose(p.sum(1), 1, atol=1e-4)
    assert calibration_error(p.astype(np.float64), holdout.y) < 0.01


def test_the_cards_figures_are_what_was_asked_of_the_networks(seeds: Seeds) -> None:
    versions = seeds.entry["versions"]
    assert versions["cnn"]["metrics"]["mnist_test"]["accuracy"] >= 0.994
    assert versions["fnn"]["metrics"]["mnist_test"]["accuracy"] >= 0.988
    assert all(versions[learner]["metrics"]["parity"] < 1e-4 for learner in LEARNERS)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_shipped_network_takes_one_square_and_gives_one_row(seeds: Seeds, learner: str) -> None:
    interpreter = Interpreter(model_content=seeds.artefact(learner, "tflite"))
    entry, exit_ = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    assert entry["shape"].tolist() == [1, 28, 28, 1]
    assert exit_["shape"].tolist() == [1, len(seeds.labels)]
    assert entry["dtype"] == exit_["dtype"] == np.float32


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_weights_know_what_they_are_and_where_their_line_starts(seeds: Seeds, learner: str) -> None:
    _, about = unpack(seeds.artefact(learner, "weights"))
    assert (about.learner, about.labels) == (learner, seeds.labels)
    assert about.anchor == pytest.approx(seeds.entry["versions"][learner]["metrics"]["holdout"]["accuracy"], abs=1e-4)
