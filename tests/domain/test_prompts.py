from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from benchmarks.prompt_policy import HARD, LABELS, play
from functions.domain.prompts import LARGEST_SHARE, LabelStatistics, Prompt, next_labels, shares


def statistics(**changes: dict[str, object]) -> list[LabelStatistics]:
    """Ten labels that all stand alike, but for the changes: ``d4={"accepted": 3}``."""
    like = {"accepted": 100, "seen": 50, "doubt": 0.1, "people": 10}
    return [LabelStatistics(label, **{**like, **changes.get(f"d{label}", {})}) for label in LABELS]


def asked(known: list[LabelStatistics], count: int, seed: int = 0, **how: object) -> list[str]:
    return [prompt.label for prompt in next_labels(known, Random(seed), count, **how)]


@pytest.mark.parametrize("seed", range(5))
def test_where_nothing_speaks_for_any_label_each_is_asked_for_once_before_one_is_twice(seed: int) -> None:
    assert Counter(asked(statistics(), 10, seed)) == Counter(LABELS)
    assert Counter(asked([LabelStatistics(label) for label in LABELS], 20, seed)) == Counter(LABELS * 2)


@pytest.mark.parametrize("ask", ["mixed", "balance", "random"])
def test_no_label_is_asked_for_twice_in_a_row(ask: str) -> None:
    known = statistics(d4={"accepted": 0, "doubt": 1.0, "people": 0})
    order = ["4", *asked(known, 100, ask=ask, after="4")]
    assert all(one != other for one, other in pairwise(order))
    assert asked([LabelStatistics("a")], 2, ask=ask, after="a") == ["a", "a"], "unless there is only one"
    assert asked([LabelStatistics("a"), LabelStatistics("b", accepted=9)], 4, ask=ask, after="a") == ["b", "a", "b", "a"]


@pytest.mark.parametrize(
    "change",
    [{"accepted": 20}, {"doubt": 0.5}, {"people": 0}],
    ids=["of which there are few", "that the networks are in doubt about", "that few people drew"],
)
def test_a_label_is_asked_for_more_often(change: dict[str, object]) -> None:
    even = shares(statistics())["4"]
    assert even == pytest.approx(0.1)
    assert shares(statistics(d4=change))["4"] > 1.25 * even


def test_a_label_of_which_there_is_enough_is_not_forgotten_while_it_is_doubted() -> None:
    parts = shares(statistics(d4={"accepted": 10_000}))
    assert 0.02 < parts["4"] < 0.06
    assert sum(parts.values()) == pytest.approx(1)


def test_a_label_that_has_everything_against_it_gets_a_quarter_at_most() -> None:
    parts = shares(statistics(d4={"accepted": 0, "doubt": 1.0, "people": 0}, d5={"accepted": 0, "doubt": 1.0, "people": 0}))
    assert parts["4"] == parts["5"] == LARGEST_SHARE
    assert sum(parts.values()) == pytest.approx(1)
    few = shares([LabelStatistics("a"), LabelStatistics("b", accepted=9)])
    assert few["a"] > 0.6, "of two labels one may have more"


def test_a_sitting_of_two_hundred_is_a_good_spread() -> None:
    known = statistics(d4={"accepted": 0}, d7={"doubt": 1.0}, d9={"people": 0})
    counted = Counter(asked(known, 200))
    assert set(counted) == set(LABELS)
    assert counted == {label: pytest.approx(200 * part, abs=6) for label, part in shares(known).items()}


def test_what_a_contributor_has_drawn_already_counts() -> None:
    known = statistics(**{f"d{label}": {"own": 0 if label == "3" else 10} for label in LABELS})
    assert Counter(asked(known, 8, after="0"))["3"] >= 3


def test_of_labels_that_look_alike_a_hand_draws_both_soon() -> None:
    many = [*(LabelStatistics(chr(ord("A") + number)) for number in range(26)), LabelStatistics("0")]

    def share_with_both(alike: list[tuple[str, str]]) -> float:
        orders = [asked(many, 20, seed, confusable=alike) for seed in range(60)]
        begun = [order for order in orders if {"O", "0"} & set(order[:12])]
        return sum({"O", "0"} <= set(order) for order in begun) / len(begun)

    assert share_with_both([("O", "0")]) > 0.9 > share_with_both([])
    drawn = [LabelStatistics("O", own=4), LabelStatistics("0", own=1), *(LabelStatistics(label, own=2) for label in "ABCDE")]
    assert Prompt("0", "pair", "O") in next_labels(drawn, Random(1), 2, confusable=[("O", "0")])
    assert all(prompt.reason is None for prompt in next_labels(drawn, Random(1), 2, confusable=[("A", "B")]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"accepted": 20}, Prompt("4", "lacking")),
        ({"doubt": 0.5}, Prompt("4", "doubt")),
        ({"doubt": 0.5, "taken_for": "9"}, Prompt("4", "doubt", "9")),
        ({"people": 1}, Prompt("4", "hands")),
        ({"people": 5}, Prompt("4")),
        ({"taken_for": "9"}, Prompt("4")),
        ({"accepted": 20, "people": 1}, Prompt("4", "lacking")),
    ],
)
def test_the_reason_is_told_where_there_is_one_and_it_is_true(change: dict[str, object], told: Prompt) -> None:
    found = {prompt for prompt in next_labels(statistics(d4=change), Random(3), 10) if prompt.label == "4"}
    assert found == {told}


def test_nobody_is_told_that_networks_doubt_what_they_have_not_seen() -> None:
    known = [
        LabelStatistics("a", accepted=9),
        LabelStatistics("b", accepted=9, seen=90),
        LabelStatistics("c", accepted=9, seen=90),
    ]
    assert all(prompt.reason != "doubt" for prompt in next_labels(known, Random(0), 20))


def test_balance_asks_for_the_fewest_and_counts_what_it_asked_for() -> None:
    known = [LabelStatistics("a", accepted=3), LabelStatistics("b"), LabelStatistics("c", accepted=9)]
    assert [asked(known, 8, seed, ask="balance") for seed in (0, 1)] == [["b", "a", "b", "a", "b", "a", "b", "a"]] * 2
    assert next_labels(known, Random(0), 1, ask="balance") == [Prompt("b", "lacking")]
    assert next_labels([LabelStatistics("a"), LabelStatistics("b")], Random(0), 1, ask="balance")[0].reason is None
    assert {asked([LabelStatistics(label) for label in LABELS], 1, seed, ask="balance")[0] for seed in range(60)} == set(LABELS)


def test_random_asks_for_every_label_alike() -> None:
    counted = Counter(asked(statistics(d4={"accepted": 0}), 2_000, ask="random"))
    assert all(140 < counted[label] < 260 for label in LABELS)


def test_the_mix_makes_the_dataset_even_and_gives_weak_labels_more() -> None:
    mixed, balance, chance = play("mixed", 600), play("balance", 600), play("random", 600)
    assert mixed.evenness > 0.985 > 0.975 > chance.evenness
    assert mixed.weak > 0.4 > 3 / len(HARD) + 0.05 > chance.weak
    assert mixed.worst < chance.worst
    assert mixed.people > balance.people
    assert (mixed.longest, mixed.most < 0.3) == (1, True)
