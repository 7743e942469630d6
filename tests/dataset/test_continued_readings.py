from __future__ import annotations

import pytest

from functions.dataset.continued_readings import earlier_reading, found_again
from functions.dataset.readings import AnsweredGlyph, answer_glyph
from functions.domain.reading import Written
from functions.records.database import Database
from functions.verbs.read import read
from functions.verbs.withdraw import withdraw_all
from tests.support.platform_fakes import FakeNetworks, fill_platform
from tests.support.sample_lines import line, strokes_of

ANN, BOB = "a" * 32, "b" * 32


@pytest.fixture
def house(database: Database) -> Database:
    fill_platform(database)
    return database


def kept(house: Database, text: str) -> list[str]:
    reading = read(house, FakeNetworks(), set_name="digits", writing=Written.of(strokes_of(line(text))), contributor=ANN)
    return [str(glyph.prediction.id) for glyph in reading.glyphs]


def answered(text: str, *groups: tuple[int, ...]) -> list[AnsweredGlyph]:
    written = Written.of(strokes_of(line(text)))
    return [answer_glyph(FakeNetworks(), "digits", written.glyph(group), None) for group in groups]


def test_a_symbol_of_the_same_strokes_at_the_same_place_is_kept_already(house: Database) -> None:
    first, second = kept(house, "11")
    with house.reading() as session:
        earlier = earlier_reading(session, "digits", ANN, [first])
        assert earlier is not None
        found = found_again(answered("111", (0,), (1,), (2,)), earlier)
    assert [one.kept_as for one in found] == [first, second, None]
    assert [one.is_new for one in found] == [False, False, True]


def test_what_its_author_looked_at_is_not_cut_otherwise_but_grows(house: Database) -> None:
    first, _ = kept(house, "11")
    with house.reading() as session:
        earlier = earlier_reading(session, "digits", ANN, [first])
        assert earlier is not None
        whole, grown = found_again(answered("111", (0,), (0, 1)), earlier)
    assert (whole.is_new, grown.is_new) == (False, True)


def test_only_ones_own_reading_that_was_not_withdrawn_goes_on(house: Database) -> None:
    first, _ = kept(house, "11")
    with house.reading() as session:
        assert earlier_reading(session, "digits", BOB, [first]) is None
        assert earlier_reading(session, "letters", ANN, [first]) is None
        assert earlier_reading(session, "digits", ANN, ["nothing"]) is None
    withdraw_all(house, ANN)
    with house.reading() as session:
        earlier = earlier_reading(session, "digits", ANN, [first])
        assert earlier is None or not earlier.symbols
