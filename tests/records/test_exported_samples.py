from __future__ import annotations

import pytest
from sqlalchemy import update

from functions.records.exported_samples import ExportFilter, count_contributors, count_samples, pages_of_samples, place
from functions.records.snapshots import keep_snapshot
from functions.records.tables import GoldAnswer, Sample, new_id
from functions.store import FolderStore
from functions.verbs.withdraw import withdraw
from tests.support.filled_set import fill_set

ALL = ExportFilter(statuses=("pending", "accepted"))


@pytest.fixture
def ids(database, tmp_path):
    return fill_set(database, FolderStore(tmp_path / "objects"))


def found(database, wanted=ALL, **where):
    return [row.id for rows in pages_of_samples(database, "mixed", wanted, limit=7, **where) for row in rows]


def test_pages_have_every_sample_once_and_go_on_behind_any_place(database, ids):
    rows = [row for rows in pages_of_samples(database, "mixed", ALL, limit=7) for row in rows]
    assert [row.id for row in rows] == [*ids[11::12], *(one for number, one in enumerate(ids) if number % 12 != 11)]
    for number in (0, 3, 4, 5, 30):
        assert found(database, after=place(rows[number])) == [row.id for row in rows[number + 1 :]]
    with database.reading() as session:
        assert (count_samples(session, "mixed", ALL), count_contributors(session, "mixed", ALL)) == (60, 6)


def test_a_withdrawn_sample_is_in_no_page(database, ids):
    withdraw(database, ids[0])
    assert ids[0] not in found(database)
    with database.writing() as session:  # whatever its status says
        session.execute(update(Sample).where(Sample.id == ids[0]).values(status="accepted"))
    assert ids[0] not in found(database)


def test_a_snapshot_selects_what_a_version_learned(database, ids):
    with database.writing() as session:
        keep_snapshot(session, "mixed", "5" * 64, ids[:3])
    assert found(database, ExportFilter(snapshot="5" * 64)) == ids[:3]


def test_agreement_selects_contributors_by_their_gold_questions(database, ids):
    with database.writing() as session:
        for person, right in ((0, True), (0, True), (1, True), (1, False), (2, False)):
            answer = GoldAnswer(id=new_id(), set_name="mixed", contributor_id=f"{person:012x}{'c' * 20}", right=right)
            session.add(answer)
    assert found(database, ExportFilter(agreement=0.9)) == ids[0::6]
    assert sorted(found(database, ExportFilter(agreement=0.5))) == sorted(ids[0::6] + ids[1::6])
