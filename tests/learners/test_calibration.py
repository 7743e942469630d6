import numpy as np
import pytest

from functions.learners.calibration import calibration_error, fit_temperature, probabilities, surprise, targets


def overconfident(temperature: float, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are ``temperature`` times too large, and labels that follow the right ones."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (n, 10))
    p = probabilities(logits)
    y = np.array([rng.choice(10, p=row) for row in p])
    return (logits * temperature).astype(np.float32), y


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_that_spoiled_the_logits_is_found(true: float) -> None:
    assert fit_temperature(*overconfident(true)) == pytest.approx(true, rel=0.05)


def test_a_fitted_temperature_makes_labels_more_probable_and_confidence_honest() -> None:
    logits, y = overconfident(3.0)
    fitted = fit_temperature(logits, y)
    assert surprise(logits, y, fitted) < surprise(logits, y)
    assert calibration_error(probabilities(logits, fitted), y) < 0.03 < calibration_error(probabilities(logits), y)


def test_the_answers_stay_the_same_at_any_temperature() -> None:
    logits, _ = overconfident(1.0, 50)
    assert np.array_equal(probabilities(logits, 0.3).argmax(1), probabilities(logits, 3).argmax(1))


def test_without_labels_the_temperature_is_one() -> None:
    assert fit_temperature(np.zeros((0, 10), np.float32), np.zeros(0, np.int64)) == 1.0


def test_smoothed_targets_still_point_at_the_label() -> None:
    wanted = targets(np.array([2, 0]), 4, 0.2)
    assert wanted.argmax(1).tolist() == [2, 0]
    assert np.allclose(wanted.sum(1), 1)
    assert wanted[0, 1] == pytest.approx(0.05)
