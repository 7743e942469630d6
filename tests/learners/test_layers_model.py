from __future__ import annotations

import json

import numpy as np
import pytest

from functions.domain.answer import LEARNERS
from functions.learners.layers_model import WEIGHTS_FILE, layers_model
from functions.learners.weights_file import unpack
from functions.settings import ROOT

MODELS = ROOT / "models" / "digits"


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_binary_file_holds_exactly_the_weights_that_the_document_names(learner: str) -> None:
    weights, about = unpack((MODELS / f"{learner}.npz").read_bytes())
    model = layers_model(weights, about)
    (group,) = json.loads(json.dumps(model.document))["weightsManifest"]
    assert group["paths"] == [WEIGHTS_FILE]
    assert sum(4 * int(np.prod(one["shape"])) for one in group["weights"]) == len(model.weights)
    first = group["weights"][0]
    stored = np.frombuffer(model.weights, "<f4", int(np.prod(first["shape"]))).reshape(first["shape"])
    assert np.array_equal(stored, weights[0])


def test_weights_of_other_layers_are_refused() -> None:
    weights, about = unpack((MODELS / "fnn.npz").read_bytes())
    for wrong in (weights[:-1], weights[2:], unpack((MODELS / "cnn.npz").read_bytes())[0]):
        with pytest.raises(ValueError):
            layers_model(wrong, about)
