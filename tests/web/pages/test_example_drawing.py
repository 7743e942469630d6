"""The drawing that a first visitor sees comes with an answer of the real networks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from functions.domain.drawing import from_strokes, parse_strokes
from functions.learners.litert import infer_square, open_network
from functions.settings import ROOT
from functions.web.pages.example_drawing import STROKES, example_drawing


@pytest.mark.parametrize("set_name", ["digits", "characters"])
@pytest.mark.parametrize("learner", ["fnn", "cnn"])
def test_the_networks_that_ship_know_the_example(set_name: str, learner: str) -> None:
    network = open_network((ROOT / "models" / set_name / f"{learner}.tflite").read_bytes())
    outputs = infer_square(network, from_strokes(parse_strokes(STROKES, 280, 280)).square)
    assert outputs.argmax() == 7
    assert outputs[7] > 0.9


def test_networks_that_do_not_know_it_show_no_example(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    with app.test_request_context():
        assert example_drawing("digits") is None  # the tiny networks answer 1 and 2
    page = app.test_client().get("/").text
    assert '"example": null' in page or '"example":null' in page
