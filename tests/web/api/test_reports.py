from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from functions.records.tables import Report, Sample
from functions.web.platform import Platform
from tests.support.pages import sign_in
from tests.support.sample_drawings import SEVEN


@pytest.fixture
def sample(client: FlaskClient, here: Platform) -> str:
    found: str = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    with here.database.writing() as session:
        session.get_one(Sample, found).status = "accepted"
    return found


def report(client: FlaskClient, sample: str, address: str) -> int:
    other = client.application.test_client(use_cookies=False)
    given = {"REMOTE_ADDR": address}
    return other.post(f"/api/v1/samples/{sample}/report", json={}, environ_base=given).status_code


def reporters(here: Platform, sample: str) -> int:
    with here.database.reading() as session:
        return session.scalar(select(func.count()).where(Report.sample_id == sample))


def test_one_address_counts_once_and_hides_nothing(client: FlaskClient, here: Platform, sample: str) -> None:
    assert [report(client, sample, "8.8.8.8") for _ in range(5)] == [202] * 5
    assert reporters(here, sample) == 1
    assert client.get(f"/api/v1/samples/{sample}").json["status"] == "accepted"
    assert client.get(f"/dataset/digits/{sample}").status_code == 200
    assert report(client, "none", "8.8.8.8") == 404


def test_the_owner_hears_first_what_several_report_and_decides(client: FlaskClient, here: Platform, sample: str) -> None:
    waiting = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "1"}).json["id"]
    with here.database.writing() as session:
        session.get_one(Sample, waiting).status = "quarantined"
    csrf = sign_in(client)
    report(client, sample, "8.8.8.8")
    page = client.get("/admin/moderation").text
    assert "Reported by visitors" in page
    assert page.index(waiting) < page.index(sample), "one report comes behind what waits"
    for address in ("9.9.9.9", "1.1.1.1"):
        report(client, sample, address)
    page = client.get("/admin/moderation").text
    assert page.index(sample) < page.index(waiting)
    client.post("/admin/moderate", data={"csrf": csrf, "sample": sample, "set": "digits", "decision": "accept"})
    assert reporters(here, sample) == 0
    assert "Reported by visitors" not in client.get("/admin/moderation").text


def test_a_sample_that_waits_anyway_keeps_no_report(client: FlaskClient, here: Platform, sample: str) -> None:
    with here.database.writing() as session:
        session.get_one(Sample, sample).status = "pending"
    assert report(client, sample, "8.8.8.8") == 202
    assert reporters(here, sample) == 0
