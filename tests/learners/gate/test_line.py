import numpy as np
import pytest

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.gate.line import ConfusableFigures

LABELS, ROUND = ("0", "O", "E"), (("0", "O"),)


def answered(*given: int, truth: tuple[int, ...]) -> Evaluation:
    answers = np.column_stack([np.eye(3)[list(given)], np.zeros(len(given))]).astype(np.float32)
    return Evaluation(LABELS, answers, np.array(truth))


def test_a_first_version_keeps_its_figures_on_the_shipped_symbols() -> None:
    one = ConfusableFigures.of(answered(0, 1, 1, 2, 2, truth=(0, 0, 1, 2, 1)), 4, 0.9, ROUND)
    assert (one.as_one, one.credit, one.known) == (1.0, 0.875, 0.9)
    assert one.credits == {"0": 0.75, "O": 1.0, "E": 1.0}
    assert one.recalls_as_one == {"0": 1.0, "O": 1.0, "E": 1.0}
    assert one.first_version(4).credit == pytest.approx(0.875)


def test_figures_are_read_back_and_those_of_other_groups_are_not() -> None:
    one = ConfusableFigures.of(answered(0, 1, 2, truth=(0, 1, 2)), 3, 0.9, ROUND)
    assert ConfusableFigures.read(one.as_dict(), ROUND) == one
    assert ConfusableFigures.read(one.as_dict(), (("0", "E"),)) is None
    assert ConfusableFigures.read(None, ROUND) is None
