from __future__ import annotations

from pathlib import Path

from functions import jobs
from functions.records.contributor_samples import all_of_theirs, page_of_theirs, versions_of_runs
from functions.records.database import Database
from functions.records.tables import Version
from tests.support.factories import add_sample, seeded, somebody


def test_a_contributor_finds_what_is_theirs_newest_first(database: Database, tmp_path: Path) -> None:
    house, me = seeded(database, tmp_path / "models"), somebody("train")
    with house.writing() as session:
        mine = [add_sample(session, "7", status, by=me).id for status in ("accepted", "pending", "rejected", "accepted")]
        add_sample(session, "7", "withdrawn", by=me)
        add_sample(session, "7")
        first = page_of_theirs(session, me, limit=3)
        assert [one.id for one in first.samples] == mine[:0:-1]
        assert [one.id for one in page_of_theirs(session, me, limit=3, before=first.next).samples] == mine[:1]
        assert [one.id for one in all_of_theirs(session, me)] == mine[::-1]


def test_the_versions_of_a_run_are_found(database: Database, tmp_path: Path) -> None:
    house = seeded(database, tmp_path / "models")
    with house.writing() as session:
        run = jobs.request(session, "digits", jobs.QUICK)
        for learner in ("cnn", "fnn"):
            session.add(Version(set_name="digits", learner=learner, run_id=run, sha256="0" * 64, labels=[]))
        session.flush()
        assert [version.learner for version in versions_of_runs(session, [run, "none"])[run]] == ["fnn", "cnn"]
