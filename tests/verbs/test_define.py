"""Symbol sets that the owner defines: what may be one, what is missing, and what the store learns of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select

from functions import jobs, registry
from functions.errors import BadLabel, BadSet, Conflict, UnknownSet
from functions.records.audit_log import CLI
from functions.records.facts import read_set_facts
from functions.records.outbox import drain
from functions.records.tables import AuditRow
from functions.store import FolderStore
from functions.verbs import define
from functions.verbs.collected import collected
from functions.verbs.define import SetChange
from functions.verbs.reindex import reindex
from functions.verbs.withdraw import withdraw
from tests.support.factories import add_sample, seeded, sqlite

pytestmark = pytest.mark.above_sql


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


def test_a_set_reaches_the_store_and_comes_back_from_it(database, tmp_path):
    store = FolderStore(tmp_path / "objects")
    define.create_set(database, "cyrillic", ["0", "О", "А"], confusable=[["0", "О"]])
    define.add_label(database, "cyrillic", "Б")
    drain(database, store)
    facts = read_set_facts(store.get("sets/cyrillic.json"))
    assert (facts.labels, facts.confusable, facts.origin) == (["0", "О", "А", "Б"], [["0", "О"]], "owner")
    (tmp_path / "other").mkdir()
    other = sqlite(tmp_path / "other")
    reindex(other, store)
    with other.reading() as session:
        found = collected(session, "cyrillic")
    assert (found.symbols.labels, found.symbols.confusable, found.origin) == (("0", "О", "А", "Б"), (("0", "О"),), "owner")


def test_an_accented_letter_is_one_character_however_it_was_typed():
    assert define.read_labels("И\u0306 Й") == ("Й", "Й")


@pytest.mark.parametrize(
    ("name", "labels", "problem"),
    [
        ("Cyrillic", ["А", "Б"], BadSet),
        ("cyrillic", ["А"], BadSet),
        ("cyrillic", ["А", "А"], BadSet),
        ("cyrillic", ["А", "Б" * 65], BadLabel),
        ("digits", ["А", "Б"], Conflict),
    ],
)
def test_what_cannot_be_a_set_is_refused_and_nothing_is_kept(database, name, labels, problem):
    with pytest.raises(problem):
        define.create_set(database, name, labels)
    with database.reading() as session:
        assert [one.name for one in registry.symbol_sets(session)] == ["digits"]


@pytest.mark.parametrize(
    ("name", "label", "problem"),
    [("runes", "ᚠ", UnknownSet), ("digits", "7", Conflict), ("digits", "", BadLabel), ("digits", "a b", BadLabel)],
)
def test_what_cannot_be_a_new_label_is_refused(database, name, label, problem):
    with pytest.raises(problem):
        define.add_label(database, name, label)


def named(database, name):
    with database.reading() as session:
        return registry.symbol_set(session, name)


def menu(database):
    with database.reading() as session:
        return [one.name for one in registry.sets_in_order(session) if not one.hidden]


def test_a_title_replaces_the_name_where_people_read_it_and_survives_in_the_store(database, tmp_path):
    store = FolderStore(tmp_path / "objects")
    define.create_set(database, "cyrillic", ["А", "Б"], title="Кириллица")
    before = define.change_set(database, "cyrillic", SetChange(title="Русские буквы", hidden=True, goal=50))
    assert (before.title, before.hidden, before.goal) == ("Кириллица", False, 0)
    drain(database, store)
    (tmp_path / "other").mkdir()
    other = sqlite(tmp_path / "other")
    reindex(other, store)
    found = named(other, "cyrillic")
    assert (found.title, found.hidden, found.goal) == ("Русские буквы", True, 50)


def test_a_goal_survives_other_changes_and_is_undone_and_logged(database):
    define.create_set(database, "cyrillic", ["А", "Б"])
    define.change_set(database, "cyrillic", SetChange(goal=50))
    assert define.add_label(database, "cyrillic", "В").goal == 50
    before = define.change_set(database, "cyrillic", SetChange(goal=80), by=CLI)
    with database.reading() as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.act == "set_changed"))
        assert row.details == {"goal": [50, 80]}
    define.change_set(database, "cyrillic", SetChange(goal=before.goal))
    assert named(database, "cyrillic").goal == 50


def test_sets_stand_in_the_owners_order_and_a_new_one_is_the_last(database):
    define.create_set(database, "cyrillic", ["А", "Б"])
    assert menu(database) == ["digits", "cyrillic"]
    before = define.change_set(database, "cyrillic", SetChange(position=0))
    define.create_set(database, "runes", ["ᚠ", "ᚢ"])
    assert menu(database) == ["cyrillic", "digits", "runes"]
    define.change_set(database, "cyrillic", SetChange(position=before.position))
    assert menu(database) == ["digits", "cyrillic", "runes"]


def test_one_set_always_stays_in_the_menus(database):
    with pytest.raises(Conflict):
        define.change_set(database, "digits", SetChange(hidden=True))
    assert menu(database) == ["digits"]


def test_a_typo_in_labels_is_put_right_while_nobody_has_drawn_them(database):
    define.create_set(database, "cyrillic", ["А", "Ы", "Ц", "Ь"], confusable=[["Ы", "Ь"]])
    with database.writing() as session:
        add_sample(session, "А", set_name="cyrillic", source="contribution")
    define.change_set(database, "cyrillic", SetChange(labels=("Б", "А", "В")))
    assert named(database, "cyrillic").labels == ("Б", "А", "В")
    assert named(database, "cyrillic").confusable == ()
    with pytest.raises(Conflict):
        define.change_set(database, "cyrillic", SetChange(labels=("Б", "В")))


def test_labels_that_networks_know_stay_first(database):
    define.add_label(database, "digits", "A")
    digits = tuple("0123456789")
    for labels in (("A", *digits), digits[1:], ("A", *digits[1:], "0")):
        with pytest.raises(Conflict):
            define.change_set(database, "digits", SetChange(labels=labels))
    define.change_set(database, "digits", SetChange(labels=(*digits, "B")))
    assert named(database, "digits").labels == (*digits, "B")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (SetChange(title="x" * 65), BadSet),
        (SetChange(title="two\nlines"), BadSet),
        (SetChange(goal=-1), BadSet),
        (SetChange(labels=("А",)), BadSet),
        (SetChange(labels=("А", "a b")), BadLabel),
    ],
)
def test_an_impossible_change_changes_nothing(database, change, problem):
    define.create_set(database, "cyrillic", ["А", "Б"])
    with pytest.raises(problem):
        define.change_set(database, "cyrillic", change)
    left = named(database, "cyrillic")
    assert (left.title, left.goal, left.labels) == ("", 0, ("А", "Б"))


def test_a_set_without_drawings_is_deleted_here_and_in_the_store(database, tmp_path):
    store = FolderStore(tmp_path / "objects")
    define.create_set(database, "cyrillic", ["А", "Б"])
    with database.writing() as session:
        sample = add_sample(session, "А", set_name="cyrillic").id
    drain(database, store)
    with pytest.raises(Conflict):
        define.delete_set(database, "cyrillic")
    withdraw(database, sample)
    with database.writing() as session:
        for run in jobs.runs(session, "cyrillic", limit=9):
            jobs.cancel(session, run.id)
    define.delete_set(database, "cyrillic")
    drain(database, store)
    assert menu(database) == ["digits"]
    assert [key for key in store.keys("sets/") if "cyrillic" in key] == []


def test_a_set_is_not_deleted_beside_a_drawing_that_is_being_stored(database):
    define.create_set(database, "cyrillic", ["А", "Б"])
    with ThreadPoolExecutor(1) as owner:
        with database.writing() as session:
            add_sample(session, "А", set_name="cyrillic")
            session.flush()
            deleted = owner.submit(define.delete_set, database, "cyrillic")
            wait([deleted], timeout=0.3)
            assert not deleted.done()
        with pytest.raises(Conflict):
            deleted.result(20)


def test_a_shipped_set_is_not_deleted(database):
    define.create_set(database, "cyrillic", ["А", "Б"])
    with pytest.raises(Conflict):
        define.delete_set(database, "digits")
    with pytest.raises(UnknownSet):
        define.delete_set(database, "runes")
