from __future__ import annotations

from pathlib import Path

from functions import jobs
from functions.records.database import Database
from functions.records.overview import overview
from functions.records.reports import add_report
from functions.records.tables import SymbolSetRow
from tests.support.factories import add_sample


def test_the_overview_counts_what_waits_and_runs(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        session.add(SymbolSetRow(name="digits", labels=["1", "7"]))
        session.flush()
        for status in ("pending", "quarantined", "quarantined", "accepted"):
            sample = add_sample(session, "1", status=status)
        for reporter in ("one", "another"):
            add_report(session, sample, reporter)
        failed = jobs.request(session, "digits", "train")
        jobs.request(session, "digits", "learn")
        jobs.run(session, failed).state = "failed"
    with database.reading() as session:
        found = overview(session, tmp_path)
        assert found.waiting == {"digits": {"pending": 1, "quarantined": 2, "reported": 1}}
        assert (found.decisions, found.today, found.total) == (4, 4, 1)
        assert [run.kind for run in found.runs] == ["learn"]
        assert [run.id for run in found.failed] == [failed]
        assert found.free > 0
        assert overview(session, None).free is None
