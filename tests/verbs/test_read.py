from __future__ import annotations

import pytest
from sqlalchemy import select

from functions.domain.reading import Written
from functions.errors import KeyReused, TooLarge, UnknownSet
from functions.records.database import Database
from functions.records.facts import read_facts
from functions.records.idempotency import GivenKey
from functions.records.tables import DrawingRow, OutboxRow, Prediction
from functions.verbs.read import read
from tests.support.platform_fakes import FakeNetworks, fill_platform
from tests.support.sample_lines import line, strokes_of

ANN = "a" * 32


@pytest.fixture
def house(database: Database) -> Database:
    fill_platform(database)
    return database


def written(text: str = "111") -> Written:
    return Written.of(strokes_of(line(text)))


def rows(house: Database, table: type) -> list:
    with house.reading() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_without_consent_nothing_is_kept(house: Database) -> None:
    reading = read(house, FakeNetworks(), set_name="digits", writing=written())
    assert reading.text == "777"
    assert [glyph.prediction.id for glyph in reading.glyphs] == [None] * 3
    assert rows(house, DrawingRow) == rows(house, Prediction) == rows(house, OutboxRow) == []


def test_with_consent_each_glyph_is_kept_with_its_strokes_and_its_own_prediction(house: Database) -> None:
    reading = read(house, FakeNetworks(), set_name="digits", writing=written(), contributor=ANN)
    predictions = rows(house, Prediction)
    assert {glyph.prediction.id for glyph in reading.glyphs} == {row.id for row in predictions}
    assert len({row.drawing_id for row in predictions}) == 3
    assert all(row.strokes is not None and row.contributor_id == ANN for row in rows(house, DrawingRow))
    facts = [read_facts(row.body) for row in rows(house, OutboxRow) if row.key.endswith(".json")]
    assert {one.prediction.id for one in facts if one.prediction} == {row.id for row in predictions}


def test_a_glyph_that_the_networks_reject_still_has_a_label_in_the_text(house: Database) -> None:
    reading = read(house, FakeNetworks(reject=0.9), set_name="digits", writing=written("1"))
    assert reading.text == "7"
    assert reading.glyphs[0].prediction.answer.status == "not_a_symbol"


def test_a_failure_keeps_no_glyph_at_all(house: Database) -> None:
    with pytest.raises(TooLarge):
        read(house, FakeNetworks(), set_name="digits", writing=written("1" * 31), contributor=ANN)
    with pytest.raises(UnknownSet):
        read(house, FakeNetworks(), set_name="letters", writing=written(), contributor=ANN)
    assert rows(house, DrawingRow) == []


def test_a_key_finds_its_glyphs_again_and_is_not_used_for_others(house: Database) -> None:
    key = GivenKey("k", ANN, True)
    ask = {"set_name": "digits", "contributor": ANN}
    first = read(house, FakeNetworks(), writing=written(), key=key.with_request("a"), **ask)
    read(house, FakeNetworks(), writing=written(), **ask)  # of the same moment and author
    again = read(house, FakeNetworks(), writing=written(), key=key.with_request("a"), **ask)
    assert not again.new
    assert [(one.label, one.box, one.strokes, one.prediction.id) for one in again.glyphs] == [
        (one.label, one.box, one.strokes, one.prediction.id) for one in first.glyphs
    ]
    with pytest.raises(KeyReused):
        read(house, FakeNetworks(), writing=written(), key=key.with_request("b"), **ask)
