"""The personal head: own drawings have a say where a new one is like them, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from functions.domain.answer import combine, model_prediction
from functions.domain.personalisation import LEAST, REACH, STRENGTH, Example, adapt, adapted, nearness

HERE, THERE = np.array([1.0, 0, 0], np.float32), np.array([0, 1.0, 0], np.float32)
CLOSE = np.array([1.0, 0.2, 0], np.float32)  # cosine 0.98
LABELS = ("1", "7", "9")
ONE = np.array([0.9, 0.09, 0.01, 0.0], np.float32)  # surely a 1
NEITHER = ("a", "b")


def classes(*places: int) -> np.ndarray:
    return np.eye(4)[list(places)]


def near(key: np.ndarray) -> float:
    """Return how near ``CLOSE`` is to a drawing."""
    return float(nearness(CLOSE, key[None])[0])


def said(outputs: np.ndarray = ONE, embedding: np.ndarray | None = CLOSE, role: str = "learned", version: str = "v"):
    return model_prediction("cnn", role, version, outputs, LABELS, embedding)


def test_nearness_is_one_for_the_same_direction_and_nothing_beyond_the_reach():
    beyond, between = (np.array([cos, np.sqrt(1 - cos**2), 0], np.float32) for cos in (REACH - 0.01, (1 + REACH) / 2))
    near = nearness(HERE, np.stack([HERE * 3, between, beyond, THERE, -HERE, HERE * 0]))
    assert near == pytest.approx([1, 0.5, 0, 0, 0, 0], abs=1e-6)


def test_what_nobody_drew_is_answered_to_the_bit_as_without():
    outputs = np.random.default_rng(0).dirichlet(np.ones(4)).astype(np.float32)
    given = adapted(outputs, HERE, np.stack([THERE, THERE]), classes(1, 3))
    assert given.tolist() == outputs.astype(float).tolist()
    assert adapted(outputs, HERE, np.zeros((0, 3)), np.zeros((0, 4))).tolist() == outputs.astype(float).tolist()


def test_a_second_drawing_like_the_corrected_one_is_answered_as_it_was_corrected():
    given = adapted(ONE, CLOSE, HERE[None], classes(1))
    assert given[:3].argmax() == 1
    assert given[:3].sum() == pytest.approx(1)


def test_the_log_odds_grow_by_the_strength_for_a_drawing_just_like_it():
    given = adapted(ONE, HERE, HERE[None], classes(1))
    grown = np.log(given[1] / given[0]) - np.log(ONE[1] / ONE[0])
    assert grown == pytest.approx(STRENGTH, abs=1e-5)
    assert given[0] / given[2] == pytest.approx(90, rel=1e-5)  # the others stand to each other as before
    weaker = adapted(ONE, HERE, HERE[None], classes(1), strength=1.0)
    assert weaker[:3].argmax() == 0


def test_own_drawings_of_both_kinds_hold_each_other():
    given = adapted(ONE, HERE, np.stack([HERE, HERE]), classes(0, 1))
    assert given[0] / given[1] == pytest.approx(10, rel=1e-5)  # as without them
    assert adapted(ONE, HERE, np.stack([HERE, HERE, HERE]), classes(0, 1, 1))[:3].argmax() == 1


def test_one_slip_does_not_outweigh_a_network_that_is_sure_and_two_drawings_do():
    sure = np.array([0.999, 0.0009, 0.0001, 0.0], np.float32)
    assert adapted(sure, HERE, HERE[None], classes(1))[:3].argmax() == 0
    assert adapted(sure, CLOSE, np.stack([HERE, CLOSE]), classes(1, 1))[:3].argmax() == 1


def test_said_to_be_no_symbol_its_like_is_rejected_and_named_it_is_not():
    doubtful, rejected = (np.array([0.9, 0.09, 0.01, reject], np.float32) for reject in (0.1, 0.8))
    assert adapted(doubtful, CLOSE, HERE[None], classes(3))[-1] > 0.5
    given = adapted(rejected, CLOSE, HERE[None], classes(0))
    assert given[-1] < 0.5
    assert given[0] > 0.99


def test_many_drawings_at_once_are_answered_as_one_by_one():
    rng = np.random.default_rng(1)
    outputs, keys = rng.dirichlet(np.ones(4), 6), rng.random((5, 3))
    seen, speaks_for = rng.random((6, 3)), classes(0, 1, 1, 2, 3)
    together = adapted(outputs, seen, keys, speaks_for)
    alone = [adapted(*one, keys, speaks_for) for one in zip(outputs, seen, strict=True)]
    assert together == pytest.approx(np.stack(alone))


def test_hundreds_of_own_drawings_give_numbers_that_are_finite():
    given = adapted(np.array([1.0, 0, 0, 1.0]), HERE, np.repeat(HERE[None], 300, 0), np.repeat(classes(2), 300, 0))
    assert np.isfinite(given).all()
    assert given == pytest.approx([0, 0, 1, 0])


def test_only_the_learned_versions_whose_drawings_are_known_are_adapted():
    opinions = (said(role="original"), said(), said(version="w"), said(embedding=None))
    given = adapt(opinions, {"v": Example(HERE[None], ("7",))}, ())
    assert [one.top[0].label for one in given] == ["1", "7", "1", "1"]
    assert given[0] is opinions[0]
    assert (given[1].learner, given[1].role, given[1].version) == ("cnn", "learned", "v")


def test_an_opinion_that_nothing_speaks_to_is_the_same_opinion():
    opinions = (said(embedding=THERE),)
    assert adapt(opinions, {"v": Example(HERE[None], ("7",))}, ()) == opinions


def test_a_label_that_the_network_does_not_know_yet_can_be_named():
    (given,) = adapt((said(),), {"v": Example(np.stack([HERE, CLOSE]), ("ten", "ten"))}, ())
    assert (given.top[0].label, set(given.probabilities)) == ("ten", {*LABELS, "ten"})
    assert LEAST < given.top[0].p < 1


def test_a_look_alike_counts_for_the_whole_group_against_other_labels():
    outputs = np.array([0.05, 0.05, 0.9, 0.0], np.float32)
    (given,) = adapt((said(outputs),), {"v": Example(np.stack([HERE, CLOSE]), ("7", "1"))}, (("1", "7"), NEITHER))
    assert given.probabilities["9"] < 0.005
    assert given.probabilities["1"] / given.probabilities["7"] == pytest.approx(np.exp(STRENGTH * (1 - near(HERE))), rel=1e-3)


def test_own_drawings_decide_between_look_alikes_where_they_differ():
    outputs = np.array([0.6, 0.3, 0.1, 0.0], np.float32)
    own = Example(np.stack([HERE, THERE]), ("7", "1"))
    groups = (("1", "7"), NEITHER)
    (one,), (other,) = (adapt((said(outputs, where),), {"v": own}, groups) for where in (HERE, THERE))
    assert combine((one,), groups).label == "7"
    assert combine((other,), groups).label == "1"


def test_look_alikes_that_one_draws_alike_stay_undecided():
    outputs = np.array([0.6, 0.3, 0.1, 0.0], np.float32)
    (given,) = adapt((said(outputs),), {"v": Example(np.stack([HERE, HERE]), ("7", "1"))}, (("1", "7"),))
    assert given.probabilities["1"] / given.probabilities["7"] == pytest.approx(2, rel=1e-5)
    answer = combine((given,), (("1", "7"),))
    assert (answer.status, answer.label, [one.label for one in answer.alternatives]) == ("unsure", "1", ["7"])


def test_not_a_symbol_is_a_voice_too():
    (given,) = adapt((said(),), {"v": Example(np.stack([HERE, CLOSE]), (None, None))}, ())
    assert combine((given,)).status == "not_a_symbol"
