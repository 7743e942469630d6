"""The embedding comes from the very file that answers, which answers as before."""

from __future__ import annotations

import json

import numpy as np
import pytest

from functions.learners.litert import infer_square, infer_square_and_embedding, open_network
from functions.serving.embedding_output import with_embedding
from functions.settings import ROOT
from tests.support.tiny_models import tiny_network

SHIPPED = [
    ROOT / "models" / entry["tflite"]["file"]
    for one in json.loads((ROOT / "models" / "manifest.json").read_text())["sets"].values()
    for entry in one["versions"].values()
]
SQUARES = np.random.default_rng(3).random((20, 28, 28), np.float32)
WIDTH = {"fnn": 256, "cnn": 128}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_shipped_networks_answer_to_the_bit_as_before_and_show_their_embedding(path):
    plain, seeing = open_network(path.read_bytes()), open_network(with_embedding(path.read_bytes()))
    for square in SQUARES:
        assert infer_square(seeing, square).tolist() == infer_square(plain, square).tolist()
    _, shown = infer_square_and_embedding(seeing, SQUARES[0])
    assert shown is not None
    assert shown.shape == (WIDTH[path.stem],)
    assert (shown >= 0).all()  # after the last ReLU
    assert shown.any()
    assert infer_square_and_embedding(plain, SQUARES[0])[1] is None


def test_a_tiny_networks_embedding_is_its_last_dense_layers_input():
    network = open_network(with_embedding(tiny_network(3, embeds=True)))
    outputs, embedding = infer_square_and_embedding(network, SQUARES[0])
    assert outputs.argmax() == 3
    blocks = SQUARES[0].reshape(7, 4, 7, 4).sum((1, 3)).ravel()
    assert embedding == pytest.approx(blocks, rel=1e-5)


def test_a_network_without_a_hidden_layer_is_returned_unchanged():
    for tflite in (tiny_network(3), b"not a network at all", b""):
        assert with_embedding(tflite) == tflite


def test_an_embedding_output_is_added_only_once():
    once = with_embedding(tiny_network(3, embeds=True))
    assert with_embedding(once) == once
