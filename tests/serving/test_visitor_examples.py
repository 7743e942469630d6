"""Hands: what is in one follows the rows at each question, and the process forgets it soon."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from sqlalchemy import event

from functions.domain.answer import LEARNERS, model_prediction
from functions.domain.drawing import square_from_bytes
from functions.records.database import Database, open_database
from functions.records.tables import Contributor, DrawingRow, Sample, SymbolSetRow, new_id
from functions.records.visitor_examples import own_samples
from functions.serving.visitor_examples import NEWEST, VisitorExamplesCache
from tests.support.platform_fakes import fill_platform

pytestmark = pytest.mark.above_sql

ANN, BOB = "a" * 32, "b" * 32
DIGITS = tuple("0123456789")
SURE = np.array([*np.eye(10)[1] * 0.9 + 0.01, 0.0], np.float32)  # a 1


class Looking:
    """Networks whose embedding of a square is its pixels; they count what they looked at."""

    def __init__(self) -> None:
        self.looked = 0

    def embeddings(self, set_name, version, squares):
        """Return the pixels of squares; of a version called ``gone`` nothing."""
        if version == "gone":
            return None
        self.looked += len(squares)
        return np.stack([square.ravel() for square in squares])


@pytest.fixture
def networks() -> Looking:
    return Looking()


@pytest.fixture
def hands() -> VisitorExamplesCache:
    return VisitorExamplesCache()


@pytest.fixture
def house(database: Database) -> Database:
    fill_platform(database)
    with database.writing() as session:
        session.add_all(Contributor(id=one) for one in (ANN, BOB))
    return database


def pixels(place: int) -> bytes:
    drawn = np.zeros(784, np.uint8)
    drawn[place] = 255
    return drawn.tobytes()


def add(house: Database, place: int = 0, label: str | None = "7", by: str = ANN, **more) -> str:
    """Add a sample whose square has ink in one place."""
    with house.writing() as session:
        square = zlib.compress(pixels(place))
        row = DrawingRow(id=new_id(), set_name="digits", contributor_id=by, square=square, png_sha256="0" * 64)
        session.add(row)
        session.flush()
        fields = {"set_name": "digits", "status": "pending", "source": "correction", **more}
        sample = Sample(id=new_id(), label=label, drawing_id=row.id, contributor_id=by, **fields)
        session.add(sample)
        return sample.id


def withdraw(house: Database, sample_id: str) -> None:
    with house.writing() as session:
        sample = session.get_one(Sample, sample_id)
        sample.status = "withdrawn"
        session.get_one(DrawingRow, sample.drawing_id).square = b""


def opinions(place: int = 0, fnn: str = "f", cnn: str = "c"):
    seen = square_from_bytes(pixels(place)).ravel()
    return tuple(
        model_prediction(learner, role, version, SURE, DIGITS, seen)
        for learner, version in zip(LEARNERS, (fnn, cnn), strict=True)
        for role in ("original", "learned")
    )


def labels(given):
    return [one.top[0].label for one in given]


def test_a_drawing_like_a_corrected_one_is_answered_as_it_was_corrected(house, hands, networks):
    add(house)
    hand = hands.of(house, networks, ANN)
    assert labels(hand.adapt("digits", opinions())) == ["1", "7", "1", "7"]
    assert hand.adapt("digits", opinions(place=500)) == opinions(place=500)


def test_what_trust_refused_still_speaks_to_its_author(house, hands, networks):
    for place, status in enumerate(("accepted", "pending", "quarantined", "rejected")):
        add(house, place, status=status)
        assert labels(hands.of(house, networks, ANN).adapt("digits", opinions(place)))[1] == "7", status


def test_nobody_elses_drawings_speak_nor_those_of_another_set(house, hands, networks):
    with house.writing() as session:
        session.add(SymbolSetRow(name="letters", labels=["7"]))
    add(house, by=BOB)
    add(house, set_name="letters")
    assert hands.of(house, networks, ANN).adapt("digits", opinions()) == opinions()
    assert (networks.looked, len(hands)) == (0, 0)


def test_what_was_said_of_no_symbol_speaks(house, hands, networks):
    for _ in range(2):  # the networks are sure that it is one
        add(house, label=None)
    given = hands.of(house, networks, ANN).adapt("digits", opinions())
    assert [one.reject > 0.5 for one in given] == [False, True, False, True]


def test_a_hand_is_looked_at_once_and_only_what_is_new_later(house, hands, networks):
    add(house)
    hand = hands.of(house, networks, ANN)
    for _ in range(3):
        hand.adapt("digits", opinions())
    assert networks.looked == 2  # by both networks
    add(house, 5, "3")
    assert labels(hand.adapt("digits", opinions(5)))[1] == "3"
    assert networks.looked == 4


def test_a_new_version_looks_anew(house, hands, networks):
    add(house)
    hand = hands.of(house, networks, ANN)
    hand.adapt("digits", opinions())
    assert labels(hand.adapt("digits", opinions(cnn="newer"))) == ["1", "7", "1", "7"]
    assert networks.looked == 3


def test_a_version_that_went_meanwhile_answers_unadapted(house, hands, networks):
    add(house)
    assert labels(hands.of(house, networks, ANN).adapt("digits", opinions(cnn="gone"))) == ["1", "7", "1", "1"]


def test_a_drawing_taken_back_speaks_no_more_and_is_forgotten(house, hands, networks):
    first, second = add(house), add(house, 5, "3")
    hand = hands.of(house, networks, ANN)
    hand.adapt("digits", opinions())
    withdraw(house, first)
    assert hand.adapt("digits", opinions()) == opinions()
    assert labels(hand.adapt("digits", opinions(5)))[1] == "3"
    withdraw(house, second)
    assert hand.adapt("digits", opinions(5)) == opinions(5)
    assert len(hands) == 0


def test_a_process_knows_few_hands_and_none_for_long(house, networks):
    for by in (ANN, BOB):
        add(house, by=by)
    few, short = VisitorExamplesCache(most=1), VisitorExamplesCache(unused=-1)
    for hands in (few, short):
        for by in (ANN, BOB):
            assert labels(hands.of(house, networks, by).adapt("digits", opinions()))[1] == "7"
    assert (len(few), len(short)) == (1, 0)


def test_only_the_newest_drawings_are_in_a_hand(house, hands, networks):
    add(house, 0)
    for _ in range(NEWEST):
        add(house, 5, "3")
    hand = hands.of(house, networks, ANN)
    assert hand.adapt("digits", opinions()) == opinions()
    assert labels(hand.adapt("digits", opinions(5)))[1] == "3"


def test_networks_that_show_no_embedding_cost_no_question(hands, networks):
    nowhere = open_database("sqlite:////nowhere/at/all.sqlite")
    blind = tuple(model_prediction("cnn", "learned", "c", SURE, DIGITS) for _ in range(2))
    assert hands.of(nowhere, networks, ANN).adapt("digits", blind) == blind


def test_without_a_database_the_networks_still_answer(hands, networks):
    nowhere = open_database("sqlite:////nowhere/at/all.sqlite")
    assert hands.of(nowhere, networks, ANN).adapt("digits", opinions()) == opinions()


def test_a_visitor_without_drawings_costs_one_question_down_an_index(house, hands, networks):
    asked: list[str] = []
    event.listen(house.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    hands.of(house, networks, ANN).adapt("digits", opinions())
    assert len([one for one in asked if one.startswith("SELECT")]) == 1


def test_own_drawings_are_found_down_an_index(tmp_path, migrated_sqlite):
    database = open_database(f"sqlite:///{migrated_sqlite}")
    asked: list[tuple[str, object]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *about: asked.append((about[2], about[3])))
    with database.reading() as session:
        own_samples(session, "digits", ANN, 5)
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1]).all()
    steps = [row[-1] for row in plan]
    assert any("ix_samples_contributor_created" in step for step in steps), steps
    assert not any("SCAN samples" in step for step in steps), steps
