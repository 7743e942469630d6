"""The page of a visitor's own drawings."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from functions import jobs
from functions.records.tables import Run, Sample, Version
from functions.web.pages import mine as page
from functions.web.platform import Platform
from functions.web.security.identity import COOKIE
from tests.support.pages import Reader, read
from tests.support.sample_drawings import SEVEN

SAMPLES = "/api/v1/sets/digits/samples"


def contribute(client: FlaskClient, count: int = 1) -> list[str]:
    return [client.post(SAMPLES, json={**SEVEN, "label": "7"}).json["id"] for _ in range(count)]


def receipts(text: str) -> dict[str, str]:
    return dict(re.findall(r'data-sample="(\w+)" data-receipt="([^"]+)"', text))


def test_a_visitor_sees_their_own_drawings_and_nobody_elses(client: FlaskClient) -> None:
    other = client.application.test_client()
    assert "Nothing has been saved" in client.get("/mine").text
    mine, theirs = contribute(client, 2), contribute(other)
    text, reader = read(client, "/mine")
    assert list(receipts(text)) == mine[::-1]
    assert reader.inline == []
    assert list(receipts(other.get("/mine").text)) == theirs
    assert client.get("/mine").headers["Cache-Control"].count("no-store") == 1


def test_the_receipts_of_the_page_and_of_the_file_withdraw(client: FlaskClient) -> None:
    first, second = contribute(client, 2)
    kept = {one["id"]: one["receipt"] for one in client.get("/mine/receipts.json").json["receipts"]}
    assert kept == receipts(client.get("/mine").text)
    stranger = client.application.test_client()
    assert stranger.get("/mine/receipts.json").status_code == 401
    assert stranger.delete(f"/api/v1/samples/{first}?receipt={kept[first]}").status_code == 202
    text = client.get("/mine").text
    assert list(receipts(text)) == [second]
    assert re.search(r"<b>1</b> deleted", text)


def test_pages_follow_one_another(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "ON_PAGE", 2)
    mine = contribute(client, 3)
    text = client.get("/mine").text
    assert list(receipts(text)) == mine[:0:-1]
    older = next(one for one in Reader(text).addresses if "cursor=" in one)
    assert list(receipts(client.get(older).text)) == mine[:1]
    assert client.get("/mine?cursor=%27").status_code == 400


def test_states_reasons_and_versions_are_told(client: FlaskClient, here: Platform) -> None:
    waits, taught = contribute(client, 2)
    with here.database.writing() as session:
        row = session.get_one(Sample, waits)
        row.status, row.reason, row.reason_figures = "quarantined", "hostile", {"of": "block", "surprising": 9, "count": 10}
        run = session.get_one(Run, jobs.request(session, "digits", jobs.QUICK))
        version = Version(set_name="digits", learner="cnn", run_id=run.id, sha256="0" * 64, labels=[])
        session.add(version)
        session.flush()
        session.get_one(Sample, taught).taught_to = run.id
        made = version.id
    text = client.get("/mine").text
    assert "Waits for a check. Its symbol is unusual for such a drawing." in text
    assert "9 of the last 10" not in text, "the figures of the rules are not told"
    assert f"/models/digits/versions/{made}" in text


def test_a_browser_is_forgotten_and_the_receipts_stay_valid(client: FlaskClient) -> None:
    sample = contribute(client)[0]
    kept = receipts(client.get("/mine").text)[sample]
    assert client.post("/mine/forget", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get_cookie(COOKIE) is not None
    answer = client.post("/mine/forget")
    assert (answer.status_code, client.get_cookie(COOKIE)) == (303, None)
    assert "storage" in answer.headers["Clear-Site-Data"]
    assert receipts(client.get("/mine").text) == {}
    assert client.delete(f"/api/v1/samples/{sample}?receipt={kept}").status_code == 202


def test_the_page_tells_its_scripts_no_secrets_of_others(client: FlaskClient) -> None:
    contribute(client)
    told = json.loads(Reader(client.get("/mine").text).data)
    assert "csrf" not in told
