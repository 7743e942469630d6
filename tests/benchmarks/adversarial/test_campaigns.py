"""The plans and the counts of the hostile campaigns; to play a campaign takes too long for a test."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.adversarial.attack_plans import (
    AGREEING,
    FLOOD,
    FORMS,
    HONEST,
    KINDS,
    Campaign,
    DrawingPool,
    Statement,
    campaigns,
)
from benchmarks.adversarial.platform import Submission, TrainedVersion
from benchmarks.adversarial.results import CampaignResult, Count, VersionResult, check_targets, read_results, summarise, table
from benchmarks.adversarial.scenes import TEST_WRITERS, VISITING_WRITERS
from benchmarks.adversarial.scores import Decline, require_unseen, score
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.pretraining.digits import DIGITS, TRAINING_WRITERS
from functions.learners.squares import Squares


def pool() -> DrawingPool:
    """Return twelve writers with 25 drawings of each digit, and forms; nine in ten are clean."""
    y = np.concatenate([np.tile(np.arange(10), 300), np.tile(np.arange(10), 60), np.full(240, 4)])
    writer = np.concatenate([np.repeat(np.arange(13, 25), 250), np.full(840, FORMS)])
    return DrawingPool(y, writer, np.arange(len(y)) % 11 != 0)


@pytest.fixture(scope="module")
def planned() -> list[Campaign]:
    return list(campaigns(pool(), 24, 3, 3, seed=0))


def test_campaigns_have_as_many_of_each_kind_and_the_controls_besides(planned: list[Campaign]) -> None:
    kinds = [one.kind for one in planned]
    assert {kind: kinds.count(kind) for kind in (*KINDS, "control")} == dict.fromkeys(KINDS, 4) | {"control": 3}


def test_the_same_seed_gives_the_same_plan_and_another_seed_another_plan(planned: list[Campaign]) -> None:
    assert list(campaigns(pool(), 3, 0, 3, seed=0)) == planned[:3]
    assert list(campaigns(pool(), 3, 0, 3, seed=1)) != planned[:3]


def test_a_harmless_round_has_no_hostile_visit_and_no_lie(planned: list[Campaign]) -> None:
    for campaign in planned:
        assert len(campaign.harmless) == (3 if campaign.kind == "control" else 1)
        for place, visits in enumerate(campaign.rounds):
            lies = sum(statement.lie for visit in visits for statement in visit.statements)
            assert (lies == 0) == (place in campaign.harmless)
            assert any(visit.hostile for visit in visits) == (place not in campaign.harmless)


def test_only_hostile_visitors_lie(planned: list[Campaign]) -> None:
    statements = [
        (visit.hostile, statement)
        for one in planned
        for visits in one.rounds
        for visit in visits
        for statement in visit.statements
    ]
    assert all(hostile for hostile, statement in statements if statement.lie)
    mistakes = [statement for hostile, statement in statements if not hostile and not statement.honest]
    assert mistakes
    assert not any(statement.lie for statement in mistakes)


@pytest.mark.parametrize(("kind", "accounts"), [("5 % hostile", 1), ("20 % hostile", 4)])
def test_a_share_of_the_accounts_is_hostile(planned: list[Campaign], kind: str, accounts: int) -> None:
    (campaign, *_) = [one for one in planned if one.kind == kind]
    for place, visits in enumerate(campaign.rounds):
        assert len({visit.account for visit in visits}) == HONEST
        assert sum(visit.hostile for visit in visits) == (0 if place in campaign.harmless else accounts)


def test_one_account_or_many_accounts_call_a_hundred_clear_4s_9(planned: list[Campaign]) -> None:
    for campaign in planned:
        if "a pair" not in campaign.kind:
            continue
        for place, visits in enumerate(campaign.rounds):
            theirs = [visit for visit in visits if visit.hostile]
            statements = [statement for visit in theirs for statement in visit.statements]
            if place in campaign.harmless:
                continue
            assert len(statements) == 100
            assert {(statement.truth, statement.label) for statement in statements} == {(4, 9)}
            assert pool().clean[[statement.drawing for statement in statements]].all()
            assert (len(theirs) == 1) == (campaign.kind == "a pair, one account")
    variants = {one.variant: one for one in planned if one.kind == "a pair, many accounts"}
    hostile = [visit for visits in variants["10 accounts, 5 places"].rounds for visit in visits if visit.hostile]
    assert (len({visit.account for visit in hostile}), len({visit.block for visit in hostile})) == (10, 5)


def test_a_flood_comes_from_one_account_and_one_address_block(planned: list[Campaign]) -> None:
    for campaign in [one for one in planned if one.kind == "flood"]:
        hostile = [visit for visits in campaign.rounds for visit in visits if visit.hostile]
        assert len({(visit.account, visit.block) for visit in hostile}) == 1
        assert max(len(visit.statements) for visit in hostile) <= FLOOD


def test_a_campaign_uses_each_drawing_once_unless_the_repetition_is_the_attack(planned: list[Campaign]) -> None:
    for campaign in planned:
        drawings = [statement.drawing for visits in campaign.rounds for visit in visits for statement in visit.statements]
        assert (len(drawings) == len(set(drawings))) == (campaign.variant not in ("one drawing", AGREEING))


def test_agreeing_attackers_have_two_address_blocks_for_each_drawing(planned: list[Campaign]) -> None:
    (campaign,) = [one for one in planned if one.variant == AGREEING]
    where: dict[int, set[str]] = {}
    for visit in [visit for visit in campaign.rounds[min({0, 1, 2} - campaign.harmless)] if visit.hostile]:
        for one in visit.statements:
            where.setdefault(one.drawing, set()).add(visit.block)
    assert {len(places) for places in where.values()} == {2}


def test_each_variant_is_replayed_without_defences_and_trains_both_networks() -> None:
    many = list(campaigns(pool(), 120, 0, 1, seed=0))
    every = {(kind, variant) for kind, variants in KINDS.items() for variant in variants}
    assert {(one.kind, one.variant) for one in many if one.replayed} == every
    assert {(one.kind, one.variant) for one in many if "cnn" in one.learners} == every
    assert sum(one.replayed for one in many) <= 0.4 * len(many)
    assert sum("cnn" in one.learners for one in many) == len(many) / 5


def test_no_visiting_or_test_writer_was_trained_on_and_none_is_both() -> None:
    writers = np.arange(30)
    assert not set(writers[VISITING_WRITERS]) & set(writers[TEST_WRITERS])
    assert min(writers[VISITING_WRITERS]) >= TRAINING_WRITERS + 2  # two more writers are in the replay and the hold-out set


def test_a_hidden_test_with_a_known_square_raises_an_error() -> None:
    squares = Squares(np.arange(3 * 784).reshape(3, 28, 28).astype(np.uint8), np.arange(3))
    assert require_unseen(squares, np.zeros((2, 28, 28), np.uint8)) is squares
    with pytest.raises(ValueError, match="1 of 3"):
        require_unseen(squares, squares.x[1:2])


def test_a_decline_is_in_points_and_names_the_worst_label() -> None:
    y = np.repeat(np.arange(10), 10)
    good = np.eye(11, dtype=np.float32)[y]
    bad = good.copy()
    bad[40:45] = np.eye(11)[9]  # half of the 4s are 9s
    bad[99, 10] = 0.6  # rejected, but most probably a 9
    decline = score(Evaluation(DIGITS, bad, y), 50).decline_from(score(Evaluation(DIGITS, good, y), 50))
    assert (decline.right, decline.recall, decline.label, decline.tablet, decline.rejected) == pytest.approx((5, 50, "4", 0, 1))


def test_an_answer_with_a_confusable_label_costs_half_a_credit_and_no_recall() -> None:
    y = np.repeat(np.arange(3), 10)
    good = np.eye(4, dtype=np.float32)[y]
    bad = good.copy()
    bad[:5] = np.eye(4)[1]  # half of the 0s are Os
    before, after = (score(Evaluation(("0", "O", "E"), some, y), 0, [("0", "O")]) for some in (good, bad))
    decline = after.decline_from(before)
    assert (decline.right, decline.recall, decline.credit) == pytest.approx((0, 0, 25))


def test_attacks_on_one_label_use_a_scenes_pairs_in_turn() -> None:
    letters = replace(pool(), pairs=((4, 9), (3, 8)))
    attacks = [one for one in campaigns(letters, 12, 0, 1, seed=0) if one.kind == "a pair, one account"]
    stated = [
        {(s.truth, s.label) for visits in one.rounds for visit in visits if visit.hostile for s in visit.statements}
        for one in attacks
    ]
    assert stated == [{(4, 9)}, {(3, 8)}]


# --- counting -----------------------------------------------------------------------------------------------------------------


def statement(truth: int = 4, label: int = 4, deliberate: bool = True) -> Statement:
    return Statement(0, truth, label, deliberate, "correct", True)


def count(
    submissions: list[list[Submission]], ended: dict[str, str], versions: list, harmless: set[int] = frozenset()
) -> CampaignResult:
    campaign = Campaign("flood", "at random", 0, 0, ("fnn",), False, ((),) * len(submissions), frozenset(harmless))
    return summarise(campaign, "both", submissions, {sample: (status, "why") for sample, status in ended.items()}, versions)


def test_an_honest_correction_states_the_true_label_of_a_wrong_answer() -> None:
    submissions = [
        Submission(statement(), "corrected", 9, "pending"),
        Submission(statement(), "rejected", 10, "pending"),
        Submission(statement(), "confirmed", 4, "accepted"),
        Submission(statement(label=9), "lie", 4, "accepted"),
        Submission(statement(label=7, deliberate=False), "mistake", 4, "pending"),
    ]
    ended = {"corrected": "accepted", "rejected": "quarantined", "confirmed": "accepted", "lie": "accepted", "mistake": "pending"}
    one = count([submissions], ended, [[]])
    assert (one.corrections, one.at_once, one.confirmations) == (Count(1, 2), Count(0, 2), Count(1, 1))
    assert (one.lies, one.mistakes) == (Count(1, 1), Count(0, 1))
    assert one.held == {"quarantined: why": 1}


def test_a_harmless_round_without_an_activated_version_counts_as_blocked() -> None:
    submitted = [Submission(statement(), "s", 4, "accepted")]

    def version(activated: bool) -> tuple[TrainedVersion, None]:
        return TrainedVersion("fnn", "v", activated, "why", b"", frozenset({"s"})), None

    rounds = [submitted, submitted, submitted, [], submitted]
    versions = [[version(False)], [version(True)], [version(False)], [], []]
    assert count(rounds, {"s": "accepted"}, versions, {0, 1, 3, 4}).blocked == Count(2, 3)


def test_only_activated_versions_count_for_the_worst_decline() -> None:
    small, large = Decline(0.1, 0.4, "3", 0, 0), Decline(5, 40, "4", 0, 0)
    submissions = [[Submission(statement(label=9), "lie", 4, "accepted")]]
    versions = [
        [
            (TrainedVersion("fnn", "a", True, "", b"", frozenset({"lie", "other"})), small),
            (TrainedVersion("cnn", "b", False, "", b"", frozenset()), large),
        ]
    ]
    one = count(submissions, {"lie": "accepted"}, versions)
    assert one.worst == (0.1, 0.4, 0, 0)
    assert (one.versions[0].samples, one.versions[0].lies) == (2, 1)


def test_what_a_run_has_written_is_read_back(tmp_path: Path) -> None:
    versions = [[(TrainedVersion("fnn", "v", True, "why", b"", frozenset({"s"})), Decline(0.5, 4.0, "3", 0, 0, 1.0))], []]
    one = count([[Submission(statement(), "s", 9, "pending")], []], {"s": "quarantined"}, versions, {1})
    (tmp_path / "run.json").write_text(json.dumps([one.as_dict(), one.as_dict()]))
    assert read_results(tmp_path / "run.json") == [one, one]


def test_the_targets_use_only_campaigns_with_all_defences_and_the_table_shows_both() -> None:
    base = count([[]], {}, [[]])
    good = replace(base, corrections=Count(9, 10), blocked=Count(1, 10))
    bare = replace(base, defences="none", versions=(VersionResult(0, "fnn", True, "", 9, 9, Decline(9, 90, "4", 0, 0)),))
    assert [reached for reached, _words in check_targets([good, bare])] == [True] * 4
    assert "90.00" in table([good, bare])[1]
    assert "gate alone" not in table([good, bare])[0]
    assert "gate alone" in table([good, replace(bare, defences="gate")])[0]
    poor = replace(good, corrections=Count(8, 10), blocked=Count(3, 10), versions=bare.versions)
    assert [reached for reached, _words in check_targets([poor])] == [False] * 4
