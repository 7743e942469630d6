from __future__ import annotations

from functions.domain.answer import LEARNERS
from functions.learners.layer_table import LAYERS, Flatten


def test_every_learner_has_layers_with_names_of_their_own_and_ends_flat() -> None:
    assert set(LAYERS) == set(LEARNERS)
    for layers in LAYERS.values():
        names = [layer.name for layer in layers]
        assert len(set(names)) == len(names)
        assert sum(isinstance(layer, Flatten) for layer in layers) == 1
