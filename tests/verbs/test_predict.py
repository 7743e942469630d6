from __future__ import annotations

from dataclasses import replace

import pytest

from functions.domain.answer import EMPTY, Answer, Guess
from functions.domain.drawing import Ink
from functions.errors import UnknownSet
from functions.records.database import Database, open_database
from functions.records.tables import Contributor, DrawingRow, Prediction
from functions.verbs.predict import predict
from tests.support.platform_fakes import FakeNetworks, fill_platform, promised
from tests.support.sample_drawings import drawing

ANN = "a" * 32
NOWHERE = open_database("sqlite:////nowhere/at/all.sqlite")


def test_without_consent_no_database_is_needed() -> None:
    predicted = predict(NOWHERE, FakeNetworks(), set_name="digits", drawing=drawing())
    assert predicted.id is None
    assert (predicted.answer.status, predicted.answer.label, predicted.answer.p) == ("sure", "7", 0.9)
    assert len(predicted.model_predictions) == 4


def test_without_consent_no_ink_is_drawn() -> None:
    def draw_ink() -> Ink:
        raise AssertionError("nobody keeps the ink")

    predict(NOWHERE, FakeNetworks(), set_name="digits", drawing=replace(drawing(), draw_ink=draw_ink))


def test_a_blank_drawing_has_no_opinions_and_is_not_kept_even_with_consent() -> None:
    predicted = predict(NOWHERE, FakeNetworks(), set_name="digits", drawing=None, contributor=ANN)
    assert (predicted.id, predicted.answer) == (None, EMPTY)
    assert [(prediction.version, prediction.top) for prediction in predicted.model_predictions] == [
        ("digits-fnn", ()),
        ("digits-fnn", ()),
        ("digits-cnn", ()),
        ("digits-cnn", ()),
    ]
    assert predicted.square.shape == (28, 28)


def test_an_unknown_set_is_told() -> None:
    for drawn in (drawing(), None):
        with pytest.raises(UnknownSet):
            predict(NOWHERE, FakeNetworks(), set_name="letters", drawing=drawn)


def test_with_consent_everything_a_correction_needs_is_kept(database: Database) -> None:
    fill_platform(database)
    predicted = predict(database, FakeNetworks(), set_name="digits", drawing=drawing(), contributor=ANN)
    assert predicted.id is not None
    with database.reading() as session:
        row = session.get_one(Prediction, predicted.id)
        assert row.answer == {"status": "sure", "label": "7", "p": 0.9, "alternatives": []}
        assert row.opinions["models"][0] == {
            "learner": "fnn",
            "role": "original",
            "version": "digits-fnn",
            "top": [{"label": "7", "p": 0.9}, {"label": "1", "p": 0.1}],
            "reject": 0.0,
        }
        assert session.get_one(DrawingRow, row.drawing_id).strokes is not None
        assert session.get_one(Contributor, ANN).id == row.contributor_id
        drawing_id = row.drawing_id
    assert promised(database) == {f"drawings/digits/{drawing_id}.png": True, f"drawings/digits/{drawing_id}.json": True}


def test_a_look_alike_that_the_set_declares_is_kept_with_the_answer(database: Database) -> None:
    fill_platform(database)
    networks = FakeNetworks(confusable=(("1", "7"),))
    predicted = predict(database, networks, set_name="digits", drawing=drawing(), contributor=ANN)
    assert (predicted.answer.status, predicted.answer.alternatives) == ("unsure", (Guess("1", 0.1),))
    with database.reading() as session:
        row = session.get_one(Prediction, predicted.id)
        assert row.answer == {"status": "unsure", "label": "7", "p": 0.9, "alternatives": [{"label": "1", "p": 0.1}]}


def test_what_is_not_a_symbol_is_kept_so_that_it_can_be_corrected(database: Database) -> None:
    fill_platform(database)
    networks = FakeNetworks(reject=0.8)
    predicted = predict(database, networks, set_name="digits", drawing=drawing(), contributor=ANN)
    with database.reading() as session:
        row = session.get_one(Prediction, predicted.id)
        assert row.answer == {"status": "not_a_symbol", "label": None, "p": 0.8, "alternatives": []}


class Always:
    """A hand in which everything is a 1, and which counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def adapt(self, set_name, model_predictions, confusable=()):
        """Say 1."""
        self.asked += 1
        return tuple(replace(one, top=(Guess("1", 0.8),), probabilities={"1": 0.8, "7": 0.2}) for one in model_predictions)


def test_a_hand_adapts_the_answer_and_leaves_what_the_networks_say(database: Database) -> None:
    fill_platform(database)
    networks, hand = FakeNetworks(), Always()
    predicted = predict(database, networks, set_name="digits", drawing=drawing(), contributor=ANN, examples=hand)
    assert (predicted.answer, predicted.adapted) == (Answer("sure", "1", 0.8), True)
    assert predicted.unadapted == Answer("sure", "7", 0.9)
    assert {one.top[0].label for one in predicted.model_predictions} == {"7"}
    with database.reading() as session:
        row = session.get_one(Prediction, predicted.id)
        assert (row.answer["label"], row.opinions["adapted"]["label"]) == ("7", "1")
        assert {one["top"][0]["label"] for one in row.opinions["models"]} == {"7"}


def test_a_hand_is_not_asked_about_a_blank_drawing() -> None:
    hand = Always()
    predicted = predict(NOWHERE, FakeNetworks(), set_name="digits", drawing=None, examples=hand)
    assert (predicted.answer, predicted.adapted, hand.asked) == (EMPTY, False, 0)


def test_a_blank_drawing_is_empty_even_for_networks_that_would_reject_it() -> None:
    predicted = predict(NOWHERE, FakeNetworks(reject=0.8), set_name="digits", drawing=None)
    assert predicted.answer == EMPTY
    assert {prediction.reject for prediction in predicted.model_predictions} == {0.0}
