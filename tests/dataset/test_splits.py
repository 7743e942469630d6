"""People whose drawings never teach: who they are, what their drawings are for, and that nobody is on both sides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from functions import jobs
from functions.dataset.splits import FIRST, OWN, SHIPPED, assign_splits, expected_split, hashed_split, splits_of
from functions.records.tables import Contributor, Sample, SplitRow, Token, now
from functions.records.training_samples import ByContributor, anything_unseen
from functions.training import lanes, training_set
from functions.training.training_set import ENOUGH_HELD_OUT, OF_A_PERSON, spread
from functions.verbs import define
from tests.support.factories import add_sample, seeded, somebody

pytestmark = pytest.mark.above_sql


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


@pytest.fixture
def run(database, do_run):
    """Do a run of a kind and return its row."""

    def do(kind="learn", set_name="digits"):
        claim, _ = do_run(kind, set_name)
        with database.reading() as session:
            return jobs.run(session, claim.run_id)

    return do


def give(database, label, by, source="contribution", set_name="digits", count=1, digit="f"):
    with database.writing() as session:
        return [add_sample(session, label, by=by, source=source, set_name=set_name, digit=digit).id for _ in range(count)]


def crowd(database, count=FIRST, set_name="digits"):
    """Let the first people of a set each draw a 3."""
    return [give(database, "3", somebody("train"), set_name=set_name)[0] for _ in range(count)]


def splits(database, *samples):
    with database.reading() as session:
        return [session.get_one(Sample, one).split for one in samples]


def labels(squares):
    return sorted(squares.y.tolist())


def test_the_hash_divides_people_by_the_shares_and_always_alike():
    people = [f"{number:032x}" for number in range(4000)]
    found = [hashed_split(one, SHIPPED) for one in people]
    assert found == [hashed_split(one, SHIPPED) for one in people]
    assert found.count("test") / 4000 == pytest.approx(SHIPPED.test, abs=0.02)
    assert found.count("validation") / 4000 == pytest.approx(SHIPPED.validation, abs=0.02)
    # Whoever does not teach in a shipped set has the same side in one of the owner's.
    assert all(hashed_split(one, OWN) == split for one, split in zip(people, found, strict=True) if split != "train")


def test_the_first_people_of_a_set_all_teach(database, run, trainers):
    for split in ("test", "validation"):
        give(database, "7", somebody(split))
    run()
    assert labels(trainers["cnn"].calls[0]["new"]) == [7, 7]
    assert len(trainers["cnn"].calls[0]["held_out"].holdout) == 0


def test_later_on_some_people_only_judge_and_some_only_choose(database, run, trainers):
    crowd(database)
    run()
    judge, choose = somebody("test"), somebody("validation")
    ids = [*give(database, "7", judge), *give(database, "8", choose), *give(database, "9", somebody("train"))]
    run()
    call = trainers["cnn"].calls[1]
    assert (labels(call["new"]), labels(call["held_out"].holdout), labels(call["held_out"].select)) == ([9], [7], [8])
    assert splits(database, *ids) == ["test", "validation", "train"]


def test_what_comes_with_an_owners_token_always_teaches(database, run, trainers):
    crowd(database)
    run()
    owner = somebody("test")
    give(database, "7", owner)
    with database.writing() as session:
        session.add(Token(name="import", sha256="0" * 64, contributor_id=owner))
        assert expected_split(session, "digits", owner) == "train"
        assert expected_split(session, "digits", somebody("test")) == "test"
    run()
    assert labels(trainers["cnn"].calls[1]["new"]) == [7]


def test_nobody_changes_sides(database, run, trainers):
    early = somebody("test")
    give(database, "7", early)
    crowd(database)
    run()
    give(database, "7", early)
    run()
    assert labels(trainers["cnn"].calls[1]["new"]) == [7]
    with database.reading() as session:
        kept = session.execute(select(SplitRow.contributor_id, SplitRow.split)).all()
    assert len(kept) == FIRST + 1
    assert {split for _, split in kept} == {"train"}


def test_a_slow_run_leaves_them_out_too(database, run, trainers):
    crowd(database)
    run()
    give(database, "7", somebody("test"), count=3)
    run("train")
    call = trainers["cnn"].calls[-1]
    assert set(labels(call["new"])) == {3}
    assert labels(call["held_out"].holdout) == [7, 7, 7]


def test_what_they_say_of_answers_neither_teaches_nor_judges(database, run, trainers):
    crowd(database)
    run()
    (one,) = give(database, "7", somebody("test"), source="correction")
    run()
    assert splits(database, one) == ["unused"]
    assert len(trainers["cnn"].calls) == 1


def test_what_is_kept_apart_asks_for_one_run_at_most(database, run):
    crowd(database)
    run()
    give(database, "7", somebody("test"))
    assert jobs.reconcile(database, 0) == ["digits"]
    assert run().state == "cancelled"
    assert jobs.reconcile(database, 0) == []


def test_withdrawn_drawings_judge_no_more(database, run, trainers):
    crowd(database)
    run()
    one, other = give(database, "7", somebody("test")) + give(database, "8", somebody("test"))
    give(database, "9", somebody("train"))
    run()
    with database.writing() as session:
        session.get_one(Sample, one).status = "withdrawn"
    give(database, "9", somebody("train"))
    run()
    held = [labels(call["held_out"].holdout) for call in trainers["cnn"].calls]
    assert held == [[], [7, 8], [8]]
    assert splits(database, other) == ["test"]


def test_of_one_person_few_count_and_of_a_label_no_more_than_wanted():
    many = [ByContributor(f"a{number:03}", "7", "ann") for number in range(50)]
    others = [ByContributor(f"b{number:03}", "7", f"bob{number}") for number in range(50)]
    assert spread(many, {"7": 100}) == [f"a{number:03}" for number in range(OF_A_PERSON)]
    assert len(spread(many + others, {"7": 100})) == OF_A_PERSON + 50
    assert spread(many + others, {"7": 12})[-2:] == ["b000", "b001"]
    assert spread(many, {"7": 0}) == []
    people = iter(many + others)
    assert spread(people, {"7": 12, None: 0}) == [one.sample for one in (many[:OF_A_PERSON] + others[:2])]
    assert next(people) == others[2], "no more is read than is wanted"


def test_a_label_of_ones_own_is_divided_by_samples_until_enough_people_judge(database, run, trainers):
    define.add_label(database, "digits", "A")
    crowd(database)
    author = somebody("train")
    divided = [give(database, "A", author, digit=f"{number % 16:x}")[0] for number in range(32)]
    run()
    first = trainers["cnn"].calls[0]
    assert (len(first["held_out"].holdout), len(first["held_out"].select)) == (6, 6)
    for split in ("test", "validation"):
        for _ in range(ENOUGH_HELD_OUT // 5):
            give(database, "A", somebody(split), count=5)
    give(database, "A", author)
    run()
    second = trainers["cnn"].calls[1]
    assert (len(second["held_out"].holdout), len(second["held_out"].select)) == (ENOUGH_HELD_OUT, ENOUGH_HELD_OUT)
    assert len(second["new"]) == 12 + 1  # those that were divided before teach now
    with database.reading() as session:
        assert all(session.get_one(Sample, one).taught_to for one in divided)


def test_a_label_waits_until_enough_of_it_may_teach(database, run, trainers):
    define.add_label(database, "digits", "A")
    crowd(database)
    run()
    give(database, "A", somebody("test"), count=40)
    assert str(run().step) == "A needs 10 more drawings"
    give(database, "A", somebody("train"), count=10)
    run()
    assert (trainers["cnn"].calls[-1]["kind"], len(trainers["cnn"].calls[-1]["new"])) == ("add_labels", 10)


def test_so_many_are_divided_the_newest_first(database):
    ids = crowd(database, 7)
    with database.writing() as session:
        jobs.request(session, "digits", "learn")
    claim = jobs.lease(database, now() + timedelta(seconds=1))
    assign_splits(database, claim, 5, at_once=2)
    assert splits(database, *ids) == [None, None, *["train"] * 5]
    assign_splits(database, claim, 5, at_once=2)
    assert splits(database, *ids) == ["train"] * 7


def test_finding_what_is_apart_goes_down_an_index(tmp_path):
    from tests.support.factories import add_sample, sqlite

    house = sqlite(tmp_path)
    asked = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT") and "samples" in statement:
            asked.append((statement, parameters))

    with house.writing() as session:
        session.add(Contributor(id="a" * 32))
        add_sample(session, "7")
        event.listen(house.engine, "before_cursor_execute", note)
        splits_of(session, "digits", ["a" * 32])
        anything_unseen(session, "digits")
        training_set.gather(
            session, training_set.registry.symbol_set(session, "digits"), tuple("0123456789"), lanes.QUICK, seed=1
        )
        event.remove(house.engine, "before_cursor_execute", note)
    used = set()
    with house.engine.connect() as connection:
        for statement, parameters in asked:
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert not [step for step in plan if step.startswith("SCAN samples")], statement
            used |= {word for step in plan for word in step.split() if word.startswith("ix_samples")}
    assert used >= {"ix_samples_unseen", "ix_samples_untaught", "ix_samples_apart", "ix_samples_taught"}
