"""What the benchmark of hostile campaigns plans and counts; the campaigns themselves take too long for a test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.adversarial.attack_plans import FLOOD, FORMS, HONEST, KINDS, NONE, VOUCHING, Campaign, Pool, Word, campaigns
from benchmarks.adversarial.platform import Taught, Told
from benchmarks.adversarial.results import Account, Count, Learned, account, table, verdicts
from benchmarks.adversarial.scores import JUDGES, VISITORS, Loss, Standing, hidden, standing
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.pretraining.digits import DIGITS, TAUGHT_BY
from functions.learners.squares import Squares


def pool() -> Pool:
    """Return twelve writers with 25 drawings of each digit, and forms; nine in ten are clean."""
    y = np.concatenate([np.tile(np.arange(10), 300), np.tile(np.arange(10), 60), np.full(240, 4)])
    writer = np.concatenate([np.repeat(np.arange(13, 25), 250), np.full(840, FORMS)])
    return Pool(y, writer, np.arange(len(y)) % 11 != 0)


@pytest.fixture(scope="module")
def planned() -> list[Campaign]:
    return list(campaigns(pool(), 24, 3, 3, seed=0))


def test_every_kind_comes_as_often_as_any_other_and_controls_come_beside_them(planned: list[Campaign]) -> None:
    kinds = [one.kind for one in planned]
    assert {kind: kinds.count(kind) for kind in (*KINDS, "control")} == dict.fromkeys(KINDS, 4) | {"control": 3}


def test_the_same_seed_plans_the_same_and_another_something_else(planned: list[Campaign]) -> None:
    assert list(campaigns(pool(), 3, 0, 3, seed=0)) == planned[:3]
    assert list(campaigns(pool(), 3, 0, 3, seed=1)) != planned[:3]


def test_in_a_harmless_round_nobody_is_hostile_and_nobody_lies(planned: list[Campaign]) -> None:
    for campaign in planned:
        assert len(campaign.harmless) == (3 if campaign.kind == "control" else 1)
        for place, visits in enumerate(campaign.rounds):
            lies = sum(word.lie for visit in visits for word in visit.words)
            assert (lies == 0) == (place in campaign.harmless)
            assert any(visit.hostile for visit in visits) == (place not in campaign.harmless)


def test_only_who_is_hostile_lies(planned: list[Campaign]) -> None:
    words = [(visit.hostile, word) for one in planned for visits in one.rounds for visit in visits for word in visit.words]
    assert all(hostile for hostile, word in words if word.lie)
    slips = [word for hostile, word in words if not hostile and not word.honest]
    assert slips
    assert not any(word.lie for word in slips)


@pytest.mark.parametrize(("kind", "accounts"), [("5 % hostile", 1), ("20 % hostile", 4)])
def test_a_share_of_the_accounts_is_hostile(planned: list[Campaign], kind: str, accounts: int) -> None:
    (campaign, *_) = [one for one in planned if one.kind == kind]
    for place, visits in enumerate(campaign.rounds):
        assert len({visit.account for visit in visits}) == HONEST
        assert sum(visit.hostile for visit in visits) == (0 if place in campaign.harmless else accounts)


def test_a_hundred_clean_4s_are_called_9_by_one_account_or_by_many(planned: list[Campaign]) -> None:
    for campaign in planned:
        if "4s" not in campaign.kind:
            continue
        for place, visits in enumerate(campaign.rounds):
            theirs = [visit for visit in visits if visit.hostile]
            words = [word for visit in theirs for word in visit.words]
            if place in campaign.harmless:
                continue
            assert len(words) == 100
            assert {(word.truth, word.said) for word in words} == {(4, 9)}
            assert pool().clean[[word.drawing for word in words]].all()
            assert (len(theirs) == 1) == (campaign.kind == "4s as 9, one account")
    manners = {one.manner: one for one in planned if one.kind == "4s as 9, many accounts"}
    hostile = [visit for visits in manners["10 accounts, 5 places"].rounds for visit in visits if visit.hostile]
    assert (len({visit.account for visit in hostile}), len({visit.block for visit in hostile})) == (10, 5)


def test_a_flood_comes_from_one_account_at_one_place(planned: list[Campaign]) -> None:
    for campaign in [one for one in planned if one.kind == "flood"]:
        hostile = [visit for visits in campaign.rounds for visit in visits if visit.hostile]
        assert len({(visit.account, visit.block) for visit in hostile}) == 1
        assert max(len(visit.words) for visit in hostile) <= FLOOD


def test_no_drawing_comes_twice_in_a_campaign_unless_that_is_the_attack(planned: list[Campaign]) -> None:
    for campaign in planned:
        drawings = [word.drawing for visits in campaign.rounds for visit in visits for word in visit.words]
        assert (len(drawings) == len(set(drawings))) == (campaign.manner not in ("one drawing", VOUCHING))


def test_who_vouches_does_so_from_another_place(planned: list[Campaign]) -> None:
    (campaign,) = [one for one in planned if one.manner == VOUCHING]
    where: dict[int, set[str]] = {}
    for visit in [visit for visit in campaign.rounds[min({0, 1, 2} - campaign.harmless)] if visit.hostile]:
        for one in visit.words:
            where.setdefault(one.drawing, set()).add(visit.block)
    assert {len(places) for places in where.values()} == {2}


def test_each_manner_is_replayed_without_trust_and_gate_and_taught_to_both_networks() -> None:
    many = list(campaigns(pool(), 120, 0, 1, seed=0))
    every = {(kind, manner) for kind, manners in KINDS.items() for manner in manners}
    assert {(one.kind, one.manner) for one in many if one.replayed} == every
    assert {(one.kind, one.manner) for one in many if "cnn" in one.learners} == every
    assert sum(one.replayed for one in many) <= 0.4 * len(many)
    assert sum("cnn" in one.learners for one in many) == len(many) / 5


def test_visitors_and_judges_are_strangers_to_the_networks_and_to_each_other() -> None:
    writers = np.arange(30)
    assert not set(writers[VISITORS]) & set(writers[JUDGES])
    assert min(writers[VISITORS]) >= TAUGHT_BY + 2  # one is rehearsed, one is held out


def test_the_hidden_test_is_refused_when_a_square_of_it_is_known() -> None:
    squares = Squares(np.arange(3 * 784).reshape(3, 28, 28).astype(np.uint8), np.arange(3))
    assert hidden(squares, np.zeros((2, 28, 28), np.uint8)) is squares
    with pytest.raises(ValueError, match="1 of 3"):
        hidden(squares, squares.x[1:2])


def test_a_loss_is_in_points_and_names_the_worst_label() -> None:
    y = np.repeat(np.arange(10), 10)
    good = np.eye(11, dtype=np.float32)[y]
    bad = good.copy()
    bad[40:45] = np.eye(11)[9]  # half of the 4s are 9s
    bad[99, 10] = 0.6  # rejected, but most probably a 9
    loss = standing(Evaluation(DIGITS, bad, y), 50).below(standing(Evaluation(DIGITS, good, y), 50))
    assert (loss.right, loss.recall, loss.label, loss.tablet, loss.refused) == pytest.approx((5, 50, "4", 0, 1))


# --- counting -----------------------------------------------------------------------------------------------------------------


def word(truth: int = 4, said: int = 4, meant: bool = True) -> Word:
    return Word(0, truth, said, meant, "correct", True)


def counted(told: list[list[Told]], ended: dict[str, str], lessons: list, harmless: set[int] = frozenset()) -> Account:
    campaign = Campaign("flood", "at random", 0, 0, ("fnn",), False, ((),) * len(told), frozenset(harmless))
    return account(campaign, "both", told, {sample: (status, "why") for sample, status in ended.items()}, lessons)


def test_an_honest_correction_is_the_truth_where_the_answer_was_another() -> None:
    told = [
        Told(word(), "corrected", 9, "pending"),
        Told(word(), "refused", NONE, "pending"),
        Told(word(), "confirmed", 4, "accepted"),
        Told(word(said=9), "lie", 4, "accepted"),
        Told(word(said=7, meant=False), "slip", 4, "pending"),
    ]
    ended = {"corrected": "accepted", "refused": "quarantined", "confirmed": "accepted", "lie": "accepted", "slip": "pending"}
    one = counted([told], ended, [[]])
    assert (one.corrections, one.at_once, one.confirmations) == (Count(1, 2), Count(0, 2), Count(1, 1))
    assert (one.lies, one.slips) == (Count(1, 1), Count(0, 1))
    assert one.held == {"quarantined: why": 1}


def test_a_harmless_round_is_blocked_when_nothing_that_was_said_is_learned() -> None:
    said = [Told(word(), "s", 4, "accepted")]

    def lesson(activated: bool) -> tuple[Taught, None]:
        return Taught("fnn", "v", activated, "why", b"", frozenset({"s"})), None

    rounds = [said, said, said, [], said]
    lessons = [[lesson(False)], [lesson(True)], [lesson(False)], [], []]
    assert counted(rounds, {"s": "accepted"}, lessons, {0, 1, 3, 4}).blocked == Count(2, 3)


def test_only_versions_that_answer_count_as_lost() -> None:
    small, large = Loss(0.1, 0.4, "3", 0, 0), Loss(5, 40, "4", 0, 0)
    told = [[Told(word(said=9), "lie", 4, "accepted")]]
    lessons = [
        [
            (Taught("fnn", "a", True, "", b"", frozenset({"lie", "other"})), small),
            (Taught("cnn", "b", False, "", b"", frozenset()), large),
        ]
    ]
    one = counted(told, {"lie": "accepted"}, lessons)
    assert one.worst == (0.1, 0.4, 0)
    assert (one.lessons[0].samples, one.lessons[0].lies) == (2, 1)


def test_the_verdicts_ask_the_guarded_alone_and_the_table_shows_both() -> None:
    base = counted([[]], {}, [[]])
    good = replace(base, corrections=Count(9, 10), blocked=Count(1, 10))
    bare = replace(base, walls="none", lessons=(Learned(0, "fnn", True, "", 9, 9, Loss(9, 90, "4", 0, 0)),))
    assert [reached for reached, _words in verdicts([good, bare])] == [True] * 4
    assert "90.00" in table([good, bare])[1]
    assert "gate alone" not in table([good, bare])[0]
    assert "gate alone" in table([good, replace(bare, walls="gate")])[0]
    poor = replace(good, corrections=Count(8, 10), blocked=Count(3, 10), lessons=bare.lessons)
    assert [reached for reached, _words in verdicts([poor])] == [False] * 4
    assert Standing(1, (1,) * 10, 1, 1).below(Standing(1, (1,) * 10, 1, 1)).recall == 0
