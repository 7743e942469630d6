"""The owner's page of runs."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from functions import jobs
from functions.records.tables import Run
from functions.web.pages.admin_runs import ROWS_ON_PAGE
from functions.web.platform import Platform
from tests.support.pages import sign_in


def test_the_owner_starts_a_run_from_the_page(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    assert client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "train"}).status_code == 303
    assert [run["kind"] for run in client.get("/api/v1/sets/digits/runs").json["runs"]] == ["train"]
    assert "waiting" in client.get("/admin/runs").text
    assert "ждёт" in client.get("/admin/runs/digits?lang=ru").text
    assert client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "x"}).status_code == 400
    assert client.post("/admin/run", data={"csrf": csrf, "set": "none", "kind": "train"}).status_code == 404


def test_the_owner_cancels_a_run_and_nothing_can_be_cancelled_twice(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "train"})
    claim = jobs.lease(here.database)
    assert claim is not None
    assert 'aria-label="Progress"' in client.get("/admin/").text
    asked = {"csrf": csrf, "run": claim.run_id}
    page = client.post("/admin/run/cancel", data=asked, follow_redirects=True).text
    assert "The run is cancelled" in page
    assert "cancelled by the owner" in page
    assert "The run is cancelled" not in client.get("/admin/runs").text
    assert client.post("/admin/run/cancel", data=asked).status_code == 409
    assert client.post("/admin/run/cancel", data={"csrf": csrf, "run": "none"}).status_code == 404


def test_earlier_runs_are_a_page_away(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        session.add_all(Run(set_name="digits", kind="train", state="cancelled") for _ in range(ROWS_ON_PAGE + 2))
    sign_in(client)
    newest = client.get("/admin/runs/digits").text
    link = re.search(r'rel="next" href="([^"]+)"', newest)
    assert link is not None
    assert newest.count('class="run-row"') == ROWS_ON_PAGE
    earlier = client.get(link[1]).text
    assert earlier.count('class="run-row"') == 2
    assert 'rel="next"' not in earlier
    assert ">Newest</a>" in earlier
    assert client.get("/admin/runs/digits?cursor=%00").status_code == 200
