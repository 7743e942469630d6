import numpy as np
import pytest

from functions.learners.calibration import (
    answers,
    fit_temperature,
    fit_threshold,
    label_probabilities,
    nll,
    probabilities,
    rejection_log_odds,
    targets,
    without_label_prior,
)
from functions.learners.evaluation.reliability import calibration_error


def overconfident(temperature: float, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are ``temperature`` times too large, and labels that follow the right ones; nothing is "not a symbol"."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (n, 10))
    p = probabilities(logits)
    y = np.array([rng.choice(10, p=row) for row in p])
    return np.column_stack([logits * temperature, np.full(n, -90.0)]).astype(np.float32), y


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_of_scaled_logits_is_recovered(true: float) -> None:
    assert fit_temperature(*overconfident(true)) == pytest.approx(true, rel=0.05)


def test_a_fitted_temperature_makes_labels_more_probable_and_confidence_honest() -> None:
    logits, y = overconfident(3.0)
    fitted = fit_temperature(logits, y)
    assert nll(logits, y, fitted) < nll(logits, y)
    assert calibration_error(label_probabilities(logits, fitted), y) < 0.03 < calibration_error(label_probabilities(logits), y)


def test_the_answers_stay_the_same_at_any_temperature() -> None:
    logits, _ = overconfident(1.0, 50)
    assert np.array_equal(label_probabilities(logits, 0.3).argmax(1), label_probabilities(logits, 3).argmax(1))


def test_without_labels_the_temperature_is_one() -> None:
    assert fit_temperature(np.zeros((0, 10), np.float32), np.zeros(0, np.int64)) == 1.0


def test_smoothed_targets_still_point_at_the_label() -> None:
    wanted = targets(np.array([2, 0]), 4, 0.2)
    assert wanted.argmax(1).tolist() == [2, 0]
    assert np.allclose(wanted.sum(1), 1)
    assert wanted[0, 1] == pytest.approx(0.05)


def test_the_temperature_depends_on_symbols_only() -> None:
    logits, y = overconfident(2.0)
    nonsense = np.random.default_rng(1).normal(0, 9, (500, 11)).astype(np.float32)
    both = fit_temperature(np.concatenate([logits, nonsense]), np.concatenate([y, np.full(500, 10)]))
    assert both == pytest.approx(fit_temperature(logits, y))


def test_the_threshold_gives_up_no_more_symbols_than_allowed() -> None:
    rng = np.random.default_rng(0)
    logits, y = rng.normal(0, 3, (2000, 6)).astype(np.float32), rng.integers(0, 5, 2000)
    y[:500] = 5
    threshold = fit_threshold(logits, y, 0.02)
    rejected = answers(logits, 1.0, threshold)[:, -1] >= 0.5
    assert rejected[500:].mean() == pytest.approx(0.02, abs=0.001)


def test_without_symbols_the_threshold_is_even_odds() -> None:
    assert fit_threshold(np.ones((3, 4), np.float32), np.full(3, 3)) == 0.0


def test_an_answer_is_the_labels_probabilities_and_then_the_rejection() -> None:
    given = answers(np.array([[2.0, 1.0, 4.0]], np.float32), 2.0, 0.0)
    assert given[0, :2] == pytest.approx([1 / (1 + np.exp(-0.5)), 1 / (1 + np.exp(0.5))])
    assert given[0, 2] == pytest.approx(probabilities(np.array([[2.0, 1.0, 4.0]]))[0, 2])
    assert rejection_log_odds(np.array([[2.0, 1.0, 4.0]], np.float32))[0] == pytest.approx(
        np.log(given[0, 2] / (1 - given[0, 2]))
    )


def test_nonsense_taken_for_a_symbol_surprises() -> None:
    logits = np.array([[9.0, 0, -9]], np.float32)
    assert nll(logits, np.array([2])) > 9 > 1 > nll(logits, np.array([0]))


def test_a_label_that_came_more_often_is_not_expected_more_often() -> None:
    frequency = np.array([0.6, 0.2, 0.2])
    learned = np.append(np.log(frequency[:2]), 0.5).astype(np.float32)  # what a network makes of labels that look alike
    bias = without_label_prior(learned, frequency)
    assert bias[0] == pytest.approx(bias[1], abs=1e-6)
    assert bias[2] == np.float32(0.5)


def test_a_label_that_never_came_keeps_its_bias() -> None:
    assert without_label_prior(np.array([1.0, -5.0, 0.0], np.float32), np.array([0.5, 0.0, 0.5])).tolist() == [1.0, -5.0, 0.0]
