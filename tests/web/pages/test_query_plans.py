"""The queries of pages and lists read an index and stop: their time does not grow with what was collected."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from functions import registry
from functions.records.audit_log import CLI, note
from functions.records.tables import Sample
from functions.web.platform import Platform
from tests.support.pages import sign_in
from tests.support.sample_drawings import ONE, SEVEN

GROWING = (
    *("samples", "drawings", "predictions", "traces", "snapshot_samples", "checks", "idempotency_keys"),
    *("runs", "versions", "activations", "audit_log", "contributors", "snapshots"),
)
# Rows that are found by nothing but their set, and by what a large part of a set's rows have.
OF_SET = re.compile(r"SEARCH (\w+) USING .*\(set_name=\?( AND (status|learner|label)=\?)*\)$")
API = "/api/v1"
PAGES = {
    "overview": "/admin/",
    "moderation": "/admin/moderation/digits",
    "audit log": "/admin/audit",
    "audit log, one act": "/admin/audit?act=run_requested",
    "audit log, one actor": "/admin/audit?actor=tests",
    "audit log, one object": "/admin/audit?object={sample}",
    "runs, for the owner": "/admin/runs/digits",
    "versions, for the owner": "/admin/versions/digits",
    "a contributor": "/admin/contributors/{contributor}",
    "contributors": "/admin/contributors",
    "contributors, the next page": "/admin/contributors?cursor=f",
    "moderation, the next page": "/admin/moderation/digits?status=pending&before=f",
    "runs, for the owner, the next page": "/admin/runs/digits?cursor=f",
    "mine": "/mine",
    "mine, the next page": "/mine?cursor={sample}",
    "my receipts": "/mine/receipts.json",
    "runs": f"{API}/sets/digits/runs",
    "runs, the next page": f"{API}/sets/digits/runs?cursor={{run}}",
    "versions": f"{API}/sets/digits/versions",
    "growth": f"{API}/sets/digits/metrics",
    "dataset": "/dataset/digits",
    "dataset, the next page": "/dataset/digits?cursor={sample}",
    "dataset, one label and split": "/dataset/digits?label=7&split=test",
    "dataset, doubted ones": "/dataset/digits?doubted=yes",
    "a drawing": "/dataset/digits/{sample}",
    "a drawing's versions": "/dataset/digits/{sample}/versions",
    "models": "/models/digits",
    "a version": "/models/digits/versions/{version}",
    "a version, for programs": f"{API}/versions/{{version}}",
    "compare": "/models/digits/compare",
    "about": "/about",
    "contribute": "/contribute/digits",
    "sets": f"{API}/sets",
    "sets, for the owner": "/admin/sets",
    "moderation, reported": "/admin/moderation/digits?status=reported",
    "a version, for the owner": "/admin/versions/digits/{version}",
    "what the owner did, for programs": f"{API}/audit",
    "prompts": f"{API}/sets/digits/prompts",
    "samples, one label's that wait": f"{API}/sets/digits/samples?label=7&status=pending",
    "figures for Prometheus": "/metrics",
}


@pytest.fixture
def found(client: FlaskClient, here: Platform) -> dict[str, str]:
    """What the addresses name: a sample, its contributor and a run."""
    sample = client.post(f"{API}/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    asked = client.post(f"{API}/sets/digits/predictions", json={**ONE, "consent": True}).json["id"]
    corrected = client.post(f"{API}/predictions/{asked}/correction", json={"label": "7"}).json
    with here.database.writing() as session:
        session.get_one(Sample, sample).taught_to = corrected["run"]
        note(session, CLI, "run_requested", corrected["run"] or "run", set_name="digits")
    with here.database.reading() as session:
        contributor = session.get_one(Sample, sample).contributor_id
        version = registry.live(session, "digits")["cnn"].id
    sign_in(client)
    return {"sample": sample, "contributor": contributor, "run": corrected["run"] or "f", "version": version}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_scans_no_table_that_grows(page: str, client: FlaskClient, here: Platform, found: dict[str, str]) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(here.database.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    assert client.get(PAGES[page].format(**found)).status_code == 200
    wrong = [
        (line, said)
        for said, given in [one for one in asked if one[0].lstrip().startswith(("SELECT", "WITH"))]
        for line in _scans(here, said, given)
    ]
    assert asked
    assert wrong == []


def test_the_early_growth_of_a_set_reads_ranges_of_an_index(client: FlaskClient, here: Platform, found: dict[str, str]) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(here.database.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    assert 'data-at="' in client.get("/dataset/digits").text
    counted = [one for one in asked if "samples.id <" in one[0] and "count(*)" in one[0]]
    assert len(counted) == 1
    with here.database.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {counted[0][0]}", counted[0][1])]
    steps = {step for step in plan if re.match(r"SEARCH|SCAN (?!CONSTANT ROW)", step)}
    assert len(steps) == 1 and re.search(
        r"COVERING INDEX ix_samples_\w+ \(set_name=\? AND status=\? AND id>\? AND id<\?\)", *steps
    )


def _scans(here: Platform, said: str, given: Any) -> list[str]:
    """Return the steps of a plan that walk a growing table, or all of a set's rows in it, to the end, or sort it."""
    with here.database.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)]
    # Prometheus gets all runs by kind and state: they are counted in an index alone.
    plan = [step for step in plan if step != "SCAN runs USING COVERING INDEX ix_runs_kind_state_id"]
    scans = [step for step in plan if (table := re.match(r"SCAN (\w+)", step)) and table[1] in GROWING]
    sorts = any("TEMP B-TREE FOR ORDER BY" in step for step in plan)
    one_row = re.search(r"\b(min|max)\(", said) and "GROUP BY" not in said  # the first or last of an index
    # A limit does not help where only the rows of one thing are wanted: they may be the last of the set.
    of_one_thing = re.search(r"\w+_id = \?", said)
    if ("LIMIT" not in said or of_one_thing) and not one_row:
        scans += [step for step in plan if (table := OF_SET.match(step)) and table[1] in GROWING]
    # The newest rows of a table: it is walked from its end, and only as far as the limit.
    walks_to_limit = "LIMIT" in said and "WHERE" not in said and not sorts
    return [] if walks_to_limit else scans
