"""What is collected for a symbol set, and what is missing."""

from __future__ import annotations

import pytest

from functions import registry
from functions.domain.symbols import SymbolSet
from functions.training.readiness import lacking_step
from functions.verbs import define
from functions.verbs.collected import Collected, collected, missing
from tests.support.factories import add_sample, seeded

pytestmark = pytest.mark.above_sql


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


def give(database, label, count, **more):
    with database.writing() as session:
        for number in range(count):
            add_sample(session, label, set_name="cyrillic", source="contribution", digit=f"{number % 16:x}", **more)


def lacking(database, name="cyrillic"):
    with database.reading() as session:
        return missing(session, registry.symbol_set(session, name))


def test_a_new_set_lacks_thirty_drawings_of_every_label(database):
    made = define.create_set(database, "cyrillic", define.read_labels(" А Б\nВ "))
    assert made.labels == ("А", "Б", "В")
    assert lacking(database) == {"А": 30, "Б": 30, "В": 30}


def test_only_accepted_drawings_count_and_never_more_than_are_needed(database):
    define.create_set(database, "cyrillic", ["А", "Б", "В"])
    give(database, "А", 18)
    give(database, "Б", 27)
    give(database, "Б", 9, status="pending")
    give(database, "В", 45)
    assert lacking(database) == {"А": 12, "Б": 3}
    assert str(lacking_step(lacking(database))) == "А needs 12 more drawings, Б 3 more"


def test_drawings_that_cannot_judge_are_not_enough(database):
    define.create_set(database, "cyrillic", ["А", "Б"])
    with database.writing() as session:
        for digit in "0f" * 20:
            add_sample(session, "А", set_name="cyrillic", source="correction", digit=digit)
    assert lacking(database)["А"] == 2
    assert str(lacking_step({"А": 1})) == "А needs 1 more drawing"


def test_with_many_labels_the_sentence_ends_somewhere():
    said = str(lacking_step({f"label{number}": 30 for number in range(100)}))
    assert said.endswith("label39 30 more, and 60 other labels need more")


def test_a_label_joins_a_shipped_set_and_waits_there(database):
    define.add_label(database, "digits", "A")
    with database.reading() as session:
        found = collected(session, "digits")
    assert found.symbols.labels[-1] == "A"
    assert (found.missing, found.unlearned, found.origin) == ({"A": 30}, ("A",), "shipped")


def test_missing_samples_are_added_up() -> None:
    symbols = SymbolSet("runes", ("a", "b", "c"))
    found = Collected(symbols, "owner", {"a": 0, "b": 15, "c": 40}, {"a": 30, "b": 15}, ("a", "b", "c"))
    assert (found.drawings, found.done, found.progress) == (45, 1, pytest.approx(0.5))
    assert Collected(symbols, "owner", {}, {}, ()).progress == 1


def test_drawings_above_the_goal_do_not_make_up_for_others() -> None:
    symbols = SymbolSet("runes", ("a", "b", "c"), goal=20)
    found = Collected(symbols, "owner", {"a": 0, "b": 15, "c": 40}, {}, ())
    assert (found.wanted, found.towards_goal, found.at_goal) == (60, 35, 1)
