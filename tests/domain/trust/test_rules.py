from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from functions.domain.answer import Guess, ModelPrediction
from functions.domain.trust import (
    DailyCounts,
    Evidence,
    GoldRecord,
    NearDuplicates,
    PairCounts,
    RoundCounts,
    decide,
    hash_distance,
    perceptual_hash,
    plausibility,
    reconsider,
)
from functions.domain.trust.reason_codes import in_words
from functions.domain.trust.rules import (
    BLOCK_AN_HOUR,
    BLOCK_CAP,
    CAP_AN_HOUR,
    CONTRIBUTOR_CAP,
    EARNED,
    HOSTILE,
    HOSTILE_BLOCK,
    KNOWN,
    PAIR_CAP,
    PAIR_CAP_A_DAY,
    PAIR_OF_BLOCK,
    REPEATS,
    ROUND_CAP,
    RULES,
    VOUCHED_FACTOR,
)
from tests.support.sample_drawings import ONE, SEVEN, drawing

AGREES = Evidence("correction", label="4", answered="4", asked=True, belief=0.99)
MISTAKE = Evidence("correction", label="9", answered="4", asked=True, belief=0.2)  # the networks can imagine it
DOUBTFUL = replace(MISTAKE, belief=0.005)  # surprising, and still conceivable
CLEAN = replace(MISTAKE, belief=0.0001)  # a clean 4 called 9
GOOD, BAD = GoldRecord(right=5), GoldRecord(right=4, wrong=3)


def status(evidence: Evidence, mode: str = "review") -> str:
    decision = decide(mode, evidence)
    assert in_words(decision.code, decision.figures) not in ("", decision.code), "the figures are those of a sentence"
    return decision.status


@pytest.mark.parametrize(
    ("mode", "evidence", "expected"),
    [
        ("open", CLEAN, "accepted"),
        ("open", replace(CLEAN, accepted_this_hour=10 * CAP_AN_HOUR, record=BAD), "accepted"),
        ("moderated", AGREES, "pending"),
        ("moderated", replace(AGREES, from_owner=True), "accepted"),
        ("review", AGREES, "accepted"),
        ("review", MISTAKE, "accepted"),
        ("review", CLEAN, "accepted"),
        ("review", replace(CLEAN, from_owner=True, record=BAD, accepted_this_hour=CAP_AN_HOUR), "accepted"),
        ("review", Evidence("contribution", label="А"), "accepted"),
        ("review", replace(CLEAN, belief=None), "accepted"),
        ("review", replace(CLEAN, alike=True, contributor=DailyCounts(100, 100, 100)), "accepted"),
    ],
)
def test_a_sample_starts_as_the_mode_says(mode: str, evidence: Evidence, expected: str) -> None:
    assert status(evidence, mode) == expected


@pytest.mark.parametrize(
    ("evidence", "facts", "below", "reached"),
    [
        (AGREES, {"accepted_this_hour": CAP_AN_HOUR - 1}, {"accepted_this_hour": CAP_AN_HOUR}, "pending"),
        (AGREES, {"block_this_hour": BLOCK_AN_HOUR - 1}, {"block_this_hour": BLOCK_AN_HOUR}, "pending"),
        (AGREES, {"record": GoldRecord(KNOWN, KNOWN - 1)}, {"record": GoldRecord(KNOWN, KNOWN)}, "quarantined"),
        (AGREES, {"near": NearDuplicates(repeats=REPEATS - 1)}, {"near": NearDuplicates(repeats=REPEATS)}, "pending"),
        (MISTAKE, {"pair": PairCounts(from_block=PAIR_OF_BLOCK - 1)}, {"pair": PairCounts(from_block=PAIR_OF_BLOCK)}, "pending"),
        (
            CLEAN,
            {"contributor": DailyCounts(CONTRIBUTOR_CAP, CONTRIBUTOR_CAP, CONTRIBUTOR_CAP - 1)},
            {"contributor": DailyCounts(CONTRIBUTOR_CAP, CONTRIBUTOR_CAP, CONTRIBUTOR_CAP)},
            "pending",
        ),
        (
            CLEAN,
            {"block": DailyCounts(BLOCK_CAP, BLOCK_CAP, BLOCK_CAP - 1)},
            {"block": DailyCounts(BLOCK_CAP, BLOCK_CAP, BLOCK_CAP)},
            "pending",
        ),
        (
            CLEAN,
            {"pair": PairCounts(accepted_surprising=PAIR_CAP - 1)},
            {"pair": PairCounts(accepted_surprising=PAIR_CAP)},
            "pending",
        ),
        (
            CLEAN,
            {"pair": PairCounts(accepted_surprising_today=PAIR_CAP_A_DAY - 1)},
            {"pair": PairCounts(accepted_surprising_today=PAIR_CAP_A_DAY)},
            "pending",
        ),
        (CLEAN, {"round": RoundCounts(50, ROUND_CAP - 1)}, {"round": RoundCounts(50, ROUND_CAP)}, "pending"),
        (CLEAN, {"round": RoundCounts(200, 9)}, {"round": RoundCounts(200, 10)}, "pending"),
        (CLEAN, {"near": NearDuplicates(differ=1, agree=1)}, {"near": NearDuplicates(differ=1)}, "pending"),
        (
            CLEAN,
            {"contributor": DailyCounts(99, HOSTILE - 1, 0)},
            {"contributor": DailyCounts(HOSTILE, HOSTILE, 0)},
            "quarantined",
        ),
        (CLEAN, {"contributor": DailyCounts(100, 60, 0)}, {"contributor": DailyCounts(100, 61, 0)}, "quarantined"),
        (CLEAN, {"block": DailyCounts(40, HOSTILE_BLOCK, 0)}, {"block": DailyCounts(20, HOSTILE_BLOCK, 0)}, "quarantined"),
        (MISTAKE, {"contributor": DailyCounts(100, 60, 0)}, {"contributor": DailyCounts(100, 61, 0)}, "pending"),
    ],
)
def test_each_rule_begins_where_it_says(evidence: Evidence, facts: dict, below: dict, reached: str) -> None:
    assert status(replace(evidence, **facts)) == "accepted"
    assert status(replace(evidence, **below)) == reached


def test_an_honest_correction_of_a_real_mistake_is_accepted_whatever_others_did_to_the_pair() -> None:
    pair, rest = PairCounts(accepted_surprising=100, accepted_surprising_today=100, agreeing_blocks=0), RoundCounts(10, 10)
    assert (
        status(replace(MISTAKE, pair=pair, round=rest, near=NearDuplicates(differ=3), block=DailyCounts(50, 20, 20)))
        == "accepted"
    )


def test_what_agrees_with_the_networks_is_accepted_from_a_hostile_hand_too() -> None:
    assert status(replace(AGREES, contributor=DailyCounts(100, 100, 3))) == "accepted"


def test_who_gives_much_that_fits_may_surprise_more_often() -> None:
    assert status(replace(CLEAN, contributor=DailyCounts(103, 3, 3))) == "accepted"
    assert status(replace(CLEAN, contributor=DailyCounts(108, 8, 8))) == "pending"


def test_who_knows_known_drawings_may_surprise_more_often() -> None:
    full = DailyCounts(CONTRIBUTOR_CAP, CONTRIBUTOR_CAP, CONTRIBUTOR_CAP)
    assert status(replace(CLEAN, contributor=full, record=GOOD)) == "accepted"
    assert status(replace(CLEAN, contributor=full, record=GoldRecord(EARNED, 1))) == "pending"
    assert status(replace(CLEAN, contributor=DailyCounts(7, 7, CONTRIBUTOR_CAP * EARNED), record=GOOD)) == "pending"


def test_two_other_places_lift_a_surprising_label_over_the_caps() -> None:
    full = replace(CLEAN, contributor=DailyCounts(CONTRIBUTOR_CAP, CONTRIBUTOR_CAP, CONTRIBUTOR_CAP))
    assert status(replace(full, near=NearDuplicates(agree=1))) == "pending"
    assert status(replace(full, near=NearDuplicates(agree=2))) == "accepted"


def test_the_word_of_others_lifts_a_surprising_label_only_so_often_in_a_round() -> None:
    backed = replace(
        CLEAN, contributor=DailyCounts(CONTRIBUTOR_CAP, CONTRIBUTOR_CAP, CONTRIBUTOR_CAP), near=NearDuplicates(agree=9)
    )
    for full in (
        {"pair": PairCounts(accepted_surprising=VOUCHED_FACTOR * PAIR_CAP)},
        {"round": RoundCounts(50, VOUCHED_FACTOR * ROUND_CAP)},
    ):
        assert status(replace(backed, **full)) == "pending"
        assert reconsider(replace(backed, **full)) is None


def test_not_a_symbol_has_a_threshold_of_its_own() -> None:
    evidence = replace(MISTAKE, label=None, contributor=DailyCounts(CONTRIBUTOR_CAP, CONTRIBUTOR_CAP, CONTRIBUTOR_CAP))
    assert status(replace(evidence, belief=0.1)) == "accepted"
    assert status(replace(evidence, belief=0.09)) == "pending"


def test_the_last_rule_always_decides() -> None:
    assert all(RULES[-1](evidence) is not None for evidence in (AGREES, MISTAKE, CLEAN))


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (DOUBTFUL, None),
        (replace(DOUBTFUL, near=NearDuplicates(agree=1)), "accepted"),
        (replace(CLEAN, near=NearDuplicates(agree=1)), "accepted"),
        (replace(CLEAN, near=NearDuplicates(agree=1, differ=2)), None),
        (replace(CLEAN, near=NearDuplicates(agree=1, repeats=REPEATS)), None),
        (replace(CLEAN, near=NearDuplicates(agree=1), accepted_this_hour=CAP_AN_HOUR), None),
        (
            replace(CLEAN, near=NearDuplicates(agree=1), pair=PairCounts(accepted_surprising=VOUCHED_FACTOR * PAIR_CAP - 1)),
            "accepted",
        ),
        (
            replace(
                CLEAN, near=NearDuplicates(agree=1), pair=PairCounts(accepted_surprising_today=VOUCHED_FACTOR * PAIR_CAP_A_DAY)
            ),
            None,
        ),
        (
            replace(MISTAKE, near=NearDuplicates(agree=1), pair=PairCounts(accepted_surprising=VOUCHED_FACTOR * PAIR_CAP)),
            "accepted",
        ),  # waited for another reason
        (replace(CLEAN, record=GOOD, round=RoundCounts(200, VOUCHED_FACTOR * 10)), None),
        (replace(DOUBTFUL, pair=PairCounts(agreeing_blocks=1)), None),
        (replace(DOUBTFUL, pair=PairCounts(agreeing_blocks=2)), "accepted"),
        (replace(CLEAN, pair=PairCounts(agreeing_blocks=20)), None),  # any number of strangers may be one
        (replace(CLEAN, record=GOOD), "accepted"),
        (replace(CLEAN, record=GOOD, contributor=DailyCounts(15, 7, 20)), None),
        (replace(CLEAN, record=BAD), "quarantined"),
        (replace(CLEAN, contributor=DailyCounts(HOSTILE, HOSTILE, 3)), "quarantined"),
        (replace(MISTAKE, contributor=DailyCounts(HOSTILE, HOSTILE, 3), record=GOOD), None),
    ],
)
def test_a_second_look_accepts_quarantines_or_waits(evidence: Evidence, expected: str | None) -> None:
    decision = reconsider(evidence)
    assert (decision.status if decision else None) == expected
    assert decision is None or in_words(decision.code, decision.figures) != decision.code


# --- what the networks make of a label --------------------------------------------------------------------------------

KNOWING = {"f0": "49", "f1": "49", "c0": "49", "c1": "49"}


def predictions(**p: tuple[float, float]) -> tuple[ModelPrediction, ...]:
    """Return opinions; ``f0=(p of 9, reject)`` is the FNN as shipped, ``c1`` the CNN as it is now."""
    learners, roles = {"f": "fnn", "c": "cnn"}, {"0": "original", "1": "learned"}
    return tuple(
        ModelPrediction(learners[name[0]], roles[name[1]], name, (Guess("4", 1 - nine), Guess("9", nine)), reject)
        for name, (nine, reject) in p.items()
    )


def test_one_network_that_can_imagine_the_label_is_enough() -> None:
    assert plausibility(predictions(f0=(0.001, 0), f1=(0.001, 0), c0=(0.3, 0), c1=(0.3, 0)), KNOWING, "9") == 0.3


def test_a_network_that_drifted_convinces_nobody_alone() -> None:
    assert plausibility(predictions(f0=(0.001, 0), f1=(0.6, 0), c0=(0.002, 0), c1=(0.7, 0)), KNOWING, "9") == 0.002


def test_what_is_rejected_can_hardly_be_a_symbol_and_is_believably_none() -> None:
    rejected = predictions(c0=(0.4, 0.99), c1=(0.4, 0.99))
    assert plausibility(rejected, KNOWING, "9") == pytest.approx(0.008)
    assert plausibility(rejected, KNOWING, None) == 0.99
    assert plausibility(predictions(c0=(0.4, 0.5), c1=(0.4, 0.1)), KNOWING, "9") == 0.4


def test_a_label_that_was_added_later_is_judged_by_those_that_know_it() -> None:
    asked = predictions(c0=(0.0, 0), c1=(0.2, 0))
    assert plausibility(asked, {"c0": "4", "c1": "49"}, "9") == 0.2
    assert plausibility(asked, {"c0": "4", "c1": "4"}, "9") is None
    assert plausibility((), KNOWING, "9") is None


def test_a_label_beyond_the_best_three_is_taken_for_impossible() -> None:
    assert plausibility(predictions(c0=(0.1, 0), c1=(0.1, 0)), {"c0": "495", "c1": "495"}, "5") == 0


# --- how drawings look ------------------------------------------------------------------------------------------------


def test_the_same_drawing_with_noise_looks_the_same_and_another_one_does_not() -> None:
    square = drawing(SEVEN).square
    noisy = np.clip(square + np.random.default_rng(1).normal(0, 0.02, (28, 28)), 0, 1).astype(np.float32)
    assert hash_distance(perceptual_hash(square), perceptual_hash(square)) == 0
    assert hash_distance(perceptual_hash(square), perceptual_hash(noisy)) <= 2
    assert hash_distance(perceptual_hash(square), perceptual_hash(drawing(ONE).square)) > 8


def test_a_look_fits_a_signed_column() -> None:
    for square in (drawing(SEVEN).square, drawing(ONE).square, np.zeros((28, 28), np.float32)):
        assert -(2**63) <= perceptual_hash(square) < 2**63
    assert hash_distance(-1, 0) == 64
