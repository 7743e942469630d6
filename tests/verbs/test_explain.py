from __future__ import annotations

import numpy as np
import pytest

from functions.errors import UnknownSet
from functions.serving.live_models import LentNetwork
from functions.verbs.explain import ExplanationCache, explain
from tests.support.platform_fakes import FakeNetworks
from tests.support.sample_drawings import drawing


class Top(FakeNetworks):
    """A CNN whose second label has the share of the ink that lies in the upper half."""

    def cnn(self, set_name):
        lend = super().cnn(set_name)
        whole = float(drawing().square[:14].sum())

        class Lent:
            def __enter__(self):
                lend.__enter__()
                return LentNetwork("cnn", "v1", ("0", "1"), lambda square: np.array([0.1, square[:14].sum() / whole, 0.0]))

            def __exit__(self, *about):
                return lend.__exit__(*about)

        return Lent()


def test_an_explanation_names_the_version_and_what_its_best_label_depends_on():
    found = explain(Top(), "digits", drawing().square)
    assert (found.learner, found.version, found.label) == ("cnn", "v1", "1")
    assert found.p == pytest.approx(1)
    assert found.lost[:12].max() > 0.05
    assert found.lost[20:].max() == 0


def test_a_set_that_is_not_there_is_not_explained():
    with pytest.raises(UnknownSet):
        explain(Top(), "nothing", drawing().square)


def test_an_example_is_explained_again_only_for_another_drawing_or_version():
    class Counted(Top):
        lent = 0

        def cnn(self, set_name):
            self.lent += 1
            return super().cnn(set_name)

    networks, kept = Counted(), ExplanationCache()
    first = kept.of(networks, "digits", drawing().square, ("seven", "v1"))
    assert kept.of(networks, "digits", drawing().square, ("seven", "v1")) is first
    assert networks.lent == 1
    assert kept.of(networks, "digits", drawing().square, ("seven", "v2")) is not first
    assert networks.lent == 2
